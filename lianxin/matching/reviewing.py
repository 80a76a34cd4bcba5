"""Pairs for a person to look at, both records side by side, and their answers read back, all faults before any use."""

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import duckdb
import pyarrow as pa
import xlsxwriter

from lianxin.matching.answers import Answer, Said
from lianxin.matching.paths import quoted
from lianxin.matching.problems import Fault, Faulty, Problem
from lianxin.matching.tables.books import cell_text, sheet_rows
from lianxin.matching.tables.headings import spelling
from lianxin.matching.tables.kinds import kind_of_file, misnamed
from lianxin.matching.tables.loading import explained
from lianxin.matching.tables.texts import FAULTS_TOLD, LONGEST_LINE, encoding_of
from lianxin.matching.tables.writing import NO_MAGIC, check_target, harmless, whole
from lianxin.matching.words import Language, Words
from lianxin.workbooks import DANGEROUS, MOST_ROWS

SEED = 1
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class _Field:
    """A column of a person: what is shown of each side, and what is compared to tell whether they differ."""

    words: Words
    shown: str
    compared: str
    width: int


_FIELDS = (
    _Field(Words("姓名", "Name"), "raw_name", "name", 12),
    _Field(Words("身份证号", "Identity number"), "raw_id_number", "id_number", 21),
    _Field(Words("性别", "Sex"), "sex", "sex", 6),
    _Field(Words("出生日期", "Birth date"), "birth_date::varchar", "birth_date::varchar", 12),
    _Field(Words("手机号", "Phone"), "raw_phone", "phone", 14),
    _Field(Words("区划", "Region"), "region", "region", 9),
    _Field(Words("住址", "Address"), "raw_address", "address", 34),
    _Field(Words("单位", "Employer"), "employer", "employer", 24),
)
_SIDES = (Words("（左）", " (left)"), Words("（右）", " (right)"))
_HEAD = {
    "answer": Words("答复", "Answer"),
    "left_id": Words("左编号", "Left key"),
    "right_id": Words("右编号", "Right key"),
    "probability": Words("概率", "Probability"),
    "decision": Words("判断", "Decision"),
    "reason": Words("理由", "Reason"),
}
_NEEDED = ("answer", "left_id", "right_id")
_WIDTHS = {"answer": 10, "left_id": 16, "right_id": 16, "probability": 11, "decision": 10, "reason": 44}
_DECISIONS = {"review": Words("待核对", "review"), "match": Words("匹配（抽查）", "match (sample)")}
ANSWERS: dict[Said, Words] = {
    "yes": Words("是", "yes"),
    "no": Words("否", "no"),
    "unsure": Words("不确定", "unsure"),
}
_SPELLED: dict[str, Said] = {
    **{said: code for code, words in ANSWERS.items() for said in (words.zh, words.en)},
    "y": "yes",
    "n": "no",
    "对": "yes",
    "不是": "no",
    "?": "unsure",
}


def write_review(
    pairs: Path,
    left: Path,
    right: Path,
    out: Path,
    *,
    language: Language = "zh",
    matches: int = 0,
    seed: int = SEED,
) -> int:
    """Write the pairs to be reviewed of what `link` wrote over two clean rosters; answer how many.

    Those of one person of the right list stand together, the likeliest persons first. `matches` adds so many matches
    drawn by a seed, for only answers about matches tell how right those are. The file, CSV or XLSX by its ending, is
    whole or not there.
    """
    kind = check_target(out)
    if kind == "parquet":
        words = Words("核对表请写成 .xlsx 或 .csv。", "A review is written as .xlsx or .csv.")
        raise Problem("ending_unknown", words)
    with explained(out.name), duckdb.connect() as con:
        con.execute(_shown(pairs, left, right, matches, seed))
        ((count,),) = con.execute("select count(*) from shown").fetchall()
        if kind == "xlsx" and count >= MOST_ROWS:
            words = Words(
                "待核对 {n} 对，一张 XLSX 表放不下：请改用 .csv。",
                "There are {n} pairs to be reviewed, more than an XLSX sheet holds: use .csv.",
            )
            raise Problem("pairs_too_many", words.format(n=f"{count:,}"))
        rows = _rows(con)
        with whole(out) as stream:
            (_write_xlsx if kind == "xlsx" else _write_csv)(rows, stream, count, language)
    return int(count)


def _shown(pairs: Path, left: Path, right: Path, matches: int, seed: int) -> str:
    sides = ", ".join(
        f"{side}.{what} as {name}{n}_{side}"
        for n, field in enumerate(_FIELDS)
        for what, name in ((field.shown, "shown"), (field.compared, "compared"))
        for side in "lr"
    )
    return f"""create table shown as
        with wanted as (
          select *, row_number() over (partition by decision order by hash(left_id, right_id, {seed})) as draw
          from '{quoted(pairs)}'
        )
        select left_id, right_id, probability, decision, reason, {sides},
          max(probability) over (partition by right_id) as best
        from wanted join '{quoted(left)}' as l on l.record_id = left_id
        join '{quoted(right)}' as r on r.record_id = right_id
        where decision = 'review' or draw <= {matches}
        order by decision = 'match', best desc, right_id, probability desc, left_id"""


@dataclass(frozen=True, slots=True)
class _Row:
    """What is told of a pair; each cell of the records with whether the two differ there."""

    left_id: str
    right_id: str
    probability: float
    decision: str
    reason: str
    cells: list[tuple[str, bool]]


def _rows(con: duckdb.DuckDBPyConnection) -> Iterator[_Row]:
    found = con.execute(
        "select * exclude (best) from shown "
        "order by decision = 'match', best desc, right_id, probability desc, left_id"
    )
    while batch := found.fetchmany(_BATCH):
        for left_id, right_id, probability, decision, reason, *told in batch:
            cells: list[tuple[str, bool]] = []
            for n in range(len(_FIELDS)):
                shown_l, shown_r, compared_l, compared_r = told[4 * n : 4 * n + 4]
                differ = compared_l is not None and compared_r is not None and compared_l != compared_r
                cells += [(shown_l or "", differ), (shown_r or "", differ)]
            yield _Row(left_id, right_id, probability, decision, reason, cells)


def _headings(language: Language) -> list[str]:
    sides = [f"{f.words.spoken(language)}{side.spoken(language)}" for f in _FIELDS for side in _SIDES]
    return [*(words.spoken(language) for words in _HEAD.values()), *sides]


def _write_csv(rows: Iterator[_Row], stream: IO[bytes], _count: int, language: Language) -> None:
    text = codecs.getwriter("utf-8")(stream)
    stream.write(codecs.BOM_UTF8)
    writer = csv.writer(text)
    writer.writerow(_headings(language))
    for row in rows:
        told = _DECISIONS[row.decision].spoken(language)
        cells = [harmless(value) for value, _ in row.cells]
        writer.writerow(
            [
                "",
                harmless(row.left_id),
                harmless(row.right_id),
                f"{row.probability:.6f}",
                told,
                row.reason,
                *cells,
            ]
        )


def _write_xlsx(rows: Iterator[_Row], stream: IO[bytes], count: int, language: Language) -> None:
    book = xlsxwriter.Workbook(stream, NO_MAGIC)
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
    formats = {
        (differ, quoted_): book.add_format(
            {"num_format": "@", "quote_prefix": quoted_}
            | ({"bg_color": "#FFE08A", "bold": True} if differ else {})
        )
        for differ in (False, True)
        for quoted_ in (False, True)
    }
    answered = book.add_format(
        {"num_format": "@", "bg_color": "#E7F0FB", "border": 1, "border_color": "#9DB7D5"}
    )
    sheet.freeze_panes(1, len(_NEEDED))
    widths = [*(_WIDTHS[name] for name in _HEAD), *(f.width for f in _FIELDS for _ in _SIDES)]
    for column, (heading, width) in enumerate(zip(_headings(language), widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, bold)
    for number, row in enumerate(rows, start=1):
        sheet.write_blank(number, 0, None, answered)
        told = _DECISIONS[row.decision].spoken(language)
        texts = [(row.left_id, False), (row.right_id, False), (told, False), (row.reason, False)]
        for column, (value, differ) in zip((1, 2, 4, 5), texts, strict=True):
            sheet.write_string(number, column, value, formats[differ, value.startswith(DANGEROUS)])
        sheet.write_number(number, 3, round(row.probability, 6))
        for column, (value, differ) in enumerate(row.cells, start=len(_HEAD)):
            sheet.write_string(number, column, value, formats[differ, value.startswith(DANGEROUS)])
    if count:
        sheet.data_validation(1, 0, count, 0, _choice(language))
        sheet.autofilter(0, 0, count, len(widths) - 1)
    book.close()


def _choice(language: Language) -> dict[str, Any]:
    said = [words.spoken(language) for words in ANSWERS.values()]
    wrong = Words("请选择：是、否、不确定。", "Choose yes, no or unsure.")
    return {
        "validate": "list",
        "source": said,
        "error_title": _HEAD["answer"].spoken(language),
        "error_message": wrong.spoken(language),
    }


def read_answers(path: Path) -> list[Answer]:
    """The answers of a review, XLSX or CSV; rows without one are left out.

    Raises ``Faulty`` with all that is wrong, by row and column, and ``Problem`` when nobody has answered.
    """
    kind = kind_of_file(path)
    if kind == "parquet":
        raise misnamed(path)
    rows = iter(_sheet(path) if kind == "xlsx" else _lines(path))
    places = _places(path.name, next(rows, []))
    answers, faults = _read(rows, places)
    faults += _contradictions(answers)
    if faults:
        told = sorted(faults, key=lambda fault: fault.row)
        raise Faulty(path.name, told[:FAULTS_TOLD], len(faults))
    if not answers:
        words = Words("“{name}”里还没有答复。", "Nobody has answered in “{name}” yet.")
        raise Problem("answers_none", words.format(name=path.name))
    return answers


def check_known(answers: Sequence[Answer], name: str, left: Path, right: Path) -> None:
    """Raise ``Faulty`` for answers about records that two clean rosters do not hold: another list was reviewed."""
    faults = []
    with duckdb.connect() as con:
        for side, roster in (("left_id", left), ("right_id", right)):
            keys = pa.table(
                {
                    "key": pa.array([getattr(a, side) for a in answers], pa.string()),
                    "line": pa.array([a.row for a in answers], pa.int64()),
                }
            )
            con.register("asked", keys)
            unknown = con.execute(
                f"select line from asked anti join '{quoted(roster)}' as r on r.record_id = asked.key"
            ).fetchall()
            words = Words("名单中没有这个编号。", "The list has no record with this key.")
            faults += [Fault(line, _label(side), "record_unknown", words) for (line,) in unknown]
    if faults:
        told = sorted(faults, key=lambda fault: fault.row)
        raise Faulty(name, told[:FAULTS_TOLD], len(faults))


def _sheet(path: Path) -> Iterator[list[str]]:
    for row in sheet_rows(path):
        yield [cell_text(cell) for cell in row]


def _lines(path: Path) -> Iterator[list[str]]:
    with path.open("rb") as start:
        wide = start.read(2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    encoding = "utf-16" if wide else encoding_of(path)
    try:
        with path.open(encoding=encoding.replace("utf-8", "utf-8-sig"), newline="") as file:
            delimiter = max(",\t;", key=file.readline(LONGEST_LINE).count)
            file.seek(0)
            yield from csv.reader(file, delimiter=delimiter)
    except (UnicodeDecodeError, csv.Error):
        raise misnamed(path) from None


def _places(name: str, headings: Sequence[str]) -> dict[str, int]:
    spelled = [spelling(heading) for heading in headings]
    places, faults = {}, []
    for column in _NEEDED:
        wanted = {spelling(column), spelling(_HEAD[column].zh), spelling(_HEAD[column].en)}
        found = [n for n, heading in enumerate(spelled) if heading in wanted]
        if len(found) == 1:
            places[column] = found[0]
        else:
            words = Words(
                "需要且只能有一个“{column}”列：请用导出的核对表填写。",
                "There has to be one column “{column}”: fill in the review as it was written.",
            ).format(column=_HEAD[column])
            faults.append(Fault(1, "", "column_missing", words))
    if faults:
        raise Faulty(name, faults, len(faults))
    return places


def _read(rows: Iterable[Sequence[str]], places: dict[str, int]) -> tuple[list[Answer], list[Fault]]:
    answers: list[Answer] = []
    faults: list[Fault] = []
    for number, row in enumerate(islice(rows, MOST_ROWS), start=2):
        told = {column: row[place].strip() if place < len(row) else "" for column, place in places.items()}
        if not told["answer"]:
            continue
        said = _SPELLED.get(told["answer"].casefold())
        if said is None:
            words = Words("请填：是、否、不确定。", "Answer yes, no or unsure.")
            faults.append(Fault(number, _label("answer"), "answer_unknown", words))
        empty = [column for column in ("left_id", "right_id") if not told[column]]
        words = Words("不能为空。", "This must not be empty.")
        faults += [Fault(number, _label(column), "empty", words) for column in empty]
        if said and not empty:
            answers.append(Answer(_plain(told["left_id"]), _plain(told["right_id"]), said, number))
    return answers, faults


def _contradictions(answers: Sequence[Answer]) -> list[Fault]:
    """One pair answered in two ways, or one record of the right list that is two persons."""
    first: dict[tuple[str, str], Answer] = {}
    faults = []
    one: dict[str, Answer] = {}
    for answer in answers:
        before = first.setdefault((answer.left_id, answer.right_id), answer)
        if before.said != answer.said:
            words = Words(
                "同一对在第 {row} 行有不同的答复。", "The same pair has another answer in row {row}."
            ).format(row=before.row)
            faults.append(Fault(answer.row, _label("answer"), "answered_otherwise", words))
        if answer.said == "yes":
            other = one.setdefault(answer.right_id, answer)
            if other.left_id != answer.left_id:
                words = Words(
                    "第 {row} 行已答复这个人是另一条记录。",
                    "Row {row} says already that this person is another record.",
                ).format(row=other.row)
                faults.append(Fault(answer.row, _label("right_id"), "answered_twice", words))
    return faults


def _plain(key: str) -> str:
    """A key without the mark that keeps spreadsheet programs from running it."""
    return key[1:] if key.startswith("'") and key[1:].startswith(DANGEROUS) else key


def _label(column: str) -> str:
    words = _HEAD[column]
    return f"{words.zh} {words.en}"
