"""Looking into an XLSX file before the reader does, within the limits of what people send (see ``workbooks``)."""

from dataclasses import dataclass

from lianxin.kernel.refusals import Refused
from lianxin.kernel.sheets.faults import unreadable
from lianxin.workbooks import NotABook, TooMuch, look_through


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold. ``packed`` and ``unpacked`` are bytes; ``columns`` and ``rows`` the last ones used."""

    packed: int = 50 << 20
    unpacked: int = 400 << 20
    rows: int = 250_000
    columns: int = 64
    faults: int = 500


def too_much(limits: Limits) -> Refused:
    """The refusal for a file beyond the limits."""
    return unreadable(
        "sheet_too_large",
        f"表格过大：最多 {limits.rows:,} 行、{limits.columns} 列、{limits.packed >> 20} MB，请分成几份。",
        f"The file is too large: at most {limits.rows:,} rows, {limits.columns} columns and "
        f"{limits.packed >> 20} MB. Please split it.",
    )


def not_a_sheet() -> Refused:
    """The refusal for bytes that are no spreadsheet."""
    return unreadable(
        "sheet_unreadable",
        "打不开这个文件，请另存为 XLSX 或 CSV 后再传。",
        "This file cannot be opened: save it as XLSX or CSV and send it again.",
    )


def guard_xlsx(content: bytes, limits: Limits) -> None:
    """Raise ``Refused``: ``sheet_unreadable`` or ``sheet_too_large``; the file may be handed on otherwise."""
    try:
        look_through(content, limits)
    except NotABook:
        raise not_a_sheet() from None
    except TooMuch:
        raise too_much(limits) from None
