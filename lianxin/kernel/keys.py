"""Primary keys as a page, an address or a program sends them: text that may be anything."""

# The largest key that a column can hold.
_LARGEST = 2**63 - 1


def key_in(text: object) -> int | None:
    """The key that a text is; ``None`` for what is none, and for a number that no row can have.

    ``str.isdigit`` alone lets through digits that ``int`` refuses (``²``), and thousands of them, which it refuses too.
    """
    digits = str(text)
    if not (digits.isascii() and digits.isdigit()) or len(digits) > len(str(_LARGEST)):
        return None
    key = int(digits)
    return key if key <= _LARGEST else None
