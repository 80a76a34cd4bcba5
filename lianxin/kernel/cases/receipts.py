"""Receipt codes: with one, an anonymous reporter follows, answers, objects and claims.

A code holds 100 bits from the system's random source, written in Crockford's base 32 without look-alike
letters, in five groups of four. The database holds a keyed digest only.
"""

import secrets

from lianxin.kernel import crypto

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 20
_GROUP = 4
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})


def new_receipt() -> str:
    """A fresh code, to be shown once."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(letters[i : i + _GROUP] for i in range(0, _LENGTH, _GROUP))


def receipt_digest(code: str) -> bytes | None:
    """The digest under which a code is kept; ``None`` for text that cannot be one."""
    letters = "".join(c for c in code.upper() if c.isalnum()).translate(_LOOKALIKES)
    if len(letters) != _LENGTH or any(c not in _ALPHABET for c in letters):
        return None
    return crypto.blind(letters, purpose="receipt")
