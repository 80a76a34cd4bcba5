"""What keeps a list from being read or written: one sentence, and for faulty rows where they stand.

No value of the input stands in a sentence, so that it may be logged: rows and columns say where to look.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lianxin.matching.words import Language, Words


class Problem(Exception):
    """Something the user can put right; ``code`` is for programs."""

    def __init__(self, code: str, words: Words) -> None:
        super().__init__(code, words)
        self.code = code
        self.words = words

    def spoken(self, language: Language) -> str:
        """All that is to be said, in one language."""
        return self.words.spoken(language)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. ``row`` counts from 1 as a spreadsheet program shows it, 0 is the file as a whole."""

    row: int
    column: str
    code: str
    words: Words

    def spoken(self, language: Language) -> str:
        """Place and fault."""
        said = self.words.spoken(language)
        if not self.row:
            return said
        if language == "zh":
            place = f"第 {self.row} 行" + (f"“{self.column}”列" if self.column else "")
            return f"{place}：{said}"
        return f"Row {self.row}" + (f", column “{self.column}”" if self.column else "") + f": {said}"


class Faulty(Problem):
    """A list with faults, the first of them by row and column; ``count`` is how many there are in all."""

    def __init__(self, name: str, faults: Sequence[Fault], count: int) -> None:
        super().__init__(
            "list_faulty",
            Words(
                "“{name}”有 {count} 处错误，未作任何处理；请改正后重试。",
                "“{name}” has {count} faults and nothing was done with it; correct them and try again.",
            ).format(name=name, count=f"{count:,}"),
        )
        self.faults = list(faults)
        self.count = count

    def spoken(self, language: Language) -> str:
        """The sentence, then a line for each fault told."""
        lines = [self.words.spoken(language), *(fault.spoken(language) for fault in self.faults)]
        if self.count > len(self.faults):
            rest = f"{self.count - len(self.faults):,}"
            lines.append(Words(f"……另有 {rest} 处。", f"… and {rest} more.").spoken(language))
        return "\n".join(lines)


def problem_with(path: Path, code: str, words: Words) -> Problem:
    """A problem whose sentence names the file."""
    return Problem(code, words.format(name=path.name))
