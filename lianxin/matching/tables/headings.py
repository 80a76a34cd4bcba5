"""Which heading stands for which column: common Chinese and English ones, and a small TOML file for others."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lianxin.matching.clean.characters import simplified
from lianxin.matching.clean.lists import COLUMNS
from lianxin.matching.problems import Fault, Faulty, Problem
from lianxin.matching.words import Words

# The first that a file has is taken; what only might mean the column comes last.
KNOWN: Mapping[str, tuple[str, ...]] = {
    "record_id": (
        "record_id", "编号", "记录编号", "人员编号", "会员编号", "职工编号", "会员卡号",
        "工会会员卡号", "档案号", "档案编号", "登记号", "参保编号", "社保编号", "个人编号",
        "残疾证号", "工号", "id", "序号", "no",
    ),
    "name": (
        "name", "姓名", "职工姓名", "会员姓名", "人员姓名", "本人姓名", "参保人姓名", "真实姓名",
        "名字", "xm",
    ),
    "id_number": (
        "id_number", "身份证号", "身份证号码", "公民身份号码", "公民身份证号码", "居民身份证号码",
        "居民身份证号", "证件号码", "证件号", "身份证", "身份号码", "sfzh",
    ),
    "sex": (
        "sex", "性别", "gender", "xb",
    ),
    "birth_date": (
        "birth_date", "出生日期", "出生年月日", "生日", "出生年月", "出生时间", "birthday", "csrq",
    ),
    "phone": (
        "phone", "手机号", "手机号码", "手机", "联系电话", "联系方式", "电话", "电话号码",
        "移动电话", "本人电话", "mobile", "sjh",
    ),
    "region": (
        "region", "行政区划", "行政区划代码", "区划代码", "所属区县", "所在区县", "所在地区",
        "区县", "地区",
    ),
    "address": (
        "address", "住址", "现住址", "家庭住址", "居住地址", "现居住地", "家庭地址", "详细地址",
        "联系地址", "常住地址", "地址", "通讯地址", "户籍地址", "户口所在地",
    ),
    "employer": (
        "employer", "工作单位", "单位", "单位名称", "所在单位", "用人单位", "就业单位", "企业名称",
        "公司", "公司名称", "参保单位",
    ),
}  # fmt: skip
_BRACKETS = re.compile(r"[(\[【].*?[)\]】]")
_NOISE = re.compile(r"[\s*:_\-]+")


def spelling(heading: str) -> str:
    """A heading as it is compared: simplified, no blanks, stars or remarks in brackets, small letters."""
    bare = _NOISE.sub("", _BRACKETS.sub("", unicodedata.normalize("NFKC", heading)))
    return simplified(bare).casefold()


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a kind of table: under which headings each may stand, likeliest first, and which must be there.

    `labels` are what the needed columns are called to people, `advice` what to do when one is missing; cells of `blank`
    columns may be empty all the same.
    """

    known: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, Words]
    advice: Words
    blank: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Keep headings as they are compared."""
        spelled = {column: tuple(map(spelling, headings)) for column, headings in self.known.items()}
        object.__setattr__(self, "known", spelled)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, in the order of the table."""
        return tuple(self.known)

    def label(self, column: str) -> str:
        """A needed column's name in both languages, as faults tell it."""
        words = self.labels[column]
        return words.zh if words.zh == words.en else f"{words.zh} {words.en}"

    def mapped(self, mapping: Mapping[str, Sequence[str]] | None) -> "Layout":
        """The same with the headings that a mapping names before those that are known: it serves both lists."""
        before = mapping or {}
        return replace(self, known={c: (*before.get(c, ()), *known) for c, known in self.known.items()})


PERSONS = Layout(
    KNOWN,
    {"record_id": Words("编号", "record_id"), "name": Words("姓名", "name")},
    Words("若用了别的列标题，请用 --mapping 指明", "if it has another heading, name it with --mapping"),
)


def read_mapping(path: Path) -> dict[str, list[str]]:
    """Headings by column from TOML: ``name = "职工姓名"`` or ``name = ["姓名", "职工姓名"]``.

    Raises ``Problem("mapping_wrong")``, which says what is wrong with the file.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        raise _wrong(path, Words("打不开这个文件", "it cannot be opened")) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise _wrong(path, Words("它不是 UTF-8 编码的 TOML", "it is no TOML in UTF-8")) from None
    mapping = {}
    for column, headings in told.items():
        several = [headings] if isinstance(headings, str) else headings
        if column not in COLUMNS:
            known = ", ".join(COLUMNS)
            said = Words("不认识“{column}”，可用：{known}", "“{column}” is unknown; there are {known}")
            raise _wrong(path, said.format(column=column, known=known))
        if not isinstance(several, list) or not all(isinstance(h, str) and h for h in several):
            said = Words(
                "“{column}”应为列标题或列标题的列表", "“{column}” has to be a heading or a list of them"
            )
            raise _wrong(path, said.format(column=column))
        mapping[column] = several
    return mapping


def find_columns(name: str, row: Sequence[str], *, line: int, layout: Layout = PERSONS) -> dict[str, int]:
    """Where each column stands in the heading row. Raises ``Faulty``: a column is missing or stands there twice."""
    spelled = [spelling(heading) for heading in row]
    places, faults = {}, []
    for column, wanted in layout.known.items():
        found = next((heading for heading in wanted if heading in spelled), None)
        if found is not None:
            places[column] = spelled.index(found)
            if spelled.count(found) > 1:
                twice = Words(
                    "这个列标题出现了多次，请只留一个。",
                    "This heading stands there more than once: keep one.",
                )
                faults.append(Fault(line, row[places[column]], "column_twice", twice))
        elif column in layout.labels:
            missing = Words(
                "缺少“{column}”列；{advice}。", "The column “{column}” is missing; {advice}."
            ).format(column=layout.labels[column], advice=layout.advice)
            faults.append(Fault(0, "", "column_missing", missing))
    if faults:
        raise Faulty(name, faults, len(faults))
    return places


def heading_row(rows: Sequence[Sequence[str]], layout: Layout = PERSONS) -> int:
    """The index of the row that holds the most known headings: titles and remarks may stand above it."""
    known = {heading for headings in layout.known.values() for heading in headings}
    counts = [len({spelling(cell) for cell in row} & known) for row in rows]
    return counts.index(max(counts)) if counts else 0


def _wrong(path: Path, why: Words) -> Problem:
    words = Words("列标题对照文件“{name}”不能用：{why}。", "The mapping “{name}” cannot be used: {why}.")
    return Problem("mapping_wrong", words.format(name=path.name, why=why))
