"""What is wrong with a file that somebody sent, all of it at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: ``row`` counts from 1 as the program shows it, 0 is the sheet as a whole; ``column`` is its letter."""

    sheet: str
    row: int
    column: str
    code: str
    message: Text

    @property
    def where(self) -> Text:
        """The place in words."""
        if not self.row:
            return Text(f"工作表“{self.sheet}”", f"Sheet “{self.sheet}”")
        cell = f"{self.column}{self.row}"
        if self.column:
            return Text(f"工作表“{self.sheet}”单元格 {cell}", f"Sheet “{self.sheet}”, cell {cell}")
        return Text(f"工作表“{self.sheet}”第 {self.row} 行", f"Sheet “{self.sheet}”, row {self.row}")


class Faulty(Refused):
    """A file that cannot be taken in; nothing of it was written. ``more``: there were further faults."""

    def __init__(self, faults: Sequence[Fault], *, more: bool = False) -> None:
        super().__init__("sheet_faulty", faults[0].message, field="file")
        self.faults = list(faults)
        self.more = more


def unreadable(code: str, zh: str, en: str) -> Refused:
    """The refusal for a file in which no cell can be pointed at."""
    return Refused(code, Text(zh, en), field="file")
