"""What a file is, by its name and by its content; the two have to agree."""

import stat
from pathlib import Path
from typing import Literal

from lianxin.matching.problems import Problem
from lianxin.matching.words import Words

Kind = Literal["csv", "xlsx", "parquet"]
ENDINGS: dict[str, Kind] = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_OTHER_BOOKS = {".xls", ".xlt", ".xlsb", ".et", ".ett", ".ods", ".numbers"}
_ZIP, _PARQUET, _OLD_EXCEL, _PDF, _GZIP = b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b"
_SAID = {
    _OLD_EXCEL: Words("旧式 Excel（.xls）或有密码的文件", "an old Excel file (.xls), or one with a password"),
    _PDF: Words("PDF 文件", "a PDF file"),
    _GZIP: Words("压缩文件", "a compressed file"),
    _ZIP: Words("XLSX 或其他 ZIP 文件", "an XLSX or other ZIP file"),
    _PARQUET: Words("Parquet 文件", "a Parquet file"),
}
_MARKS: dict[Kind, bytes] = {"xlsx": _ZIP, "parquet": _PARQUET}


def kind_of_name(path: Path) -> Kind:
    """The kind that a name promises. Raises ``Problem("ending_unknown")``."""
    kind = ENDINGS.get(path.suffix.lower())
    if kind is None and path.suffix.lower() in _OTHER_BOOKS:
        words = Words(
            "“{name}”是不读的表格格式：请在 Excel 或 WPS 中另存为 .xlsx。",
            "“{name}” is a workbook of a kind that is not read: save it as .xlsx in Excel or WPS.",
        )
        raise Problem("ending_unknown", words.format(name=path.name))
    if kind is None:
        raise Problem(
            "ending_unknown",
            Words(
                "“{name}”的扩展名不认识：请用 .csv、.xlsx 或 .parquet。",
                "The ending of “{name}” is not known: use .csv, .xlsx or .parquet.",
            ).format(name=path.name),
        )
    return kind


def kind_of_file(path: Path) -> Kind:
    """The kind of a file that is there, not empty, and what its name says. Raises ``Problem``."""
    kind = kind_of_name(path)
    try:
        # Opening a pipe would wait for somebody to write into it.
        head = _beginning(path) if stat.S_ISREG(path.stat().st_mode) else None
    except OSError:
        head = None
    if head is None:
        words = Words(
            "打不开“{name}”：请检查路径和读取权限。",
            "“{name}” cannot be opened: check the path and that you may read it.",
        )
        raise Problem("file_missing", words.format(name=path.name))
    if not head:
        raise Problem(
            "file_empty", Words("“{name}”是空文件。", "“{name}” is an empty file.").format(name=path.name)
        )
    actual = next((mark for mark in _SAID if head.startswith(mark)), None)
    if actual != _MARKS.get(kind):
        raise misnamed(path, _SAID.get(actual or b""))
    return kind


def misnamed(path: Path, actual: Words | None = None) -> Problem:
    """The problem of a file that is not what its name says."""
    if actual is None:
        words = Words(
            "“{name}”的内容与扩展名 {ending} 不符或已损坏：请从原程序重新另存。",
            "“{name}” is not what its ending {ending} says, or is damaged: save it again from its program.",
        )
    else:
        words = Words(
            "“{name}”的扩展名是 {ending}，内容却是{actual}：请改正扩展名或另存为 {ending}。",
            "“{name}” ends in {ending} but is {actual}: correct the ending, or save it as {ending}.",
        ).format(actual=actual, name="{name}", ending="{ending}")
    return Problem("file_misnamed", words.format(name=path.name, ending=path.suffix))


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)
