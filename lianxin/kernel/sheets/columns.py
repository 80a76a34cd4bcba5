"""What stands in a column: its headings in both languages, and how a cell is read and written."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lianxin.kernel.sheets import cells
from lianxin.kernel.text import Text

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Column:
    """One column, the same for writing and for reading.

    ``kind`` is one of ``text``, ``integer``, ``decimal``, ``money``, ``date``, ``moment``, ``yes_no``,
    ``choice``. ``choices`` maps codes to their words; either language, or the code itself, is understood.
    ``aliases`` are further headings; ``check`` may raise ``CellFault`` or return another value.
    """

    name: str
    label: Text
    kind: str = "text"
    required: bool = False
    choices: Mapping[str, Text] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    longest: int = LONGEST
    width: int = 16
    check: Callable[[Any], Any] | None = None

    def __post_init__(self) -> None:
        if self.kind not in cells.READERS:
            message = f"column {self.name} is of an unknown kind {self.kind!r}"
            raise ValueError(message)

    def headings(self) -> set[str]:
        """All headings under which it is found, in the spelling of :func:`spelling`."""
        return {spelling(heading) for heading in (self.name, self.label.zh, self.label.en, *self.aliases)}

    def read(self, cell: object) -> Any:
        """The typed value, ``None`` for an empty cell; raises ``CellFault``."""
        if cells.is_empty(cell):
            if self.required:
                raise cells.CellFault("missing", Text("必填。", "This has to be filled in."))
            return None
        value = cells.READERS[self.kind](cell, self)
        return self.check(value) if self.check else value


def spelling(heading: object) -> str:
    """A heading without what people add to it: blanks, case, width, a star, the colon at its end."""
    text = unicodedata.normalize("NFKC", str(heading)).casefold()
    return "".join(text.split()).strip("*:()")
