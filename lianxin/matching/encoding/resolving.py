"""Answers about encodings brought back to one's own list: own id, name and answer, and nothing of the other side.

The ids in answers are pseudonyms; the file of ids that `encode` wrote, and that never left the house, resolves them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from duckdb import DuckDBPyConnection

from lianxin.matching.encoding.running import check_not_encoded
from lianxin.matching.engines.duck import connected
from lianxin.matching.paths import quoted
from lianxin.matching.problems import Fault, Faulty, Problem
from lianxin.matching.tables import load, save_table, working_folder
from lianxin.matching.tables.headings import Layout
from lianxin.matching.tables.loading import check_keys, explained, read_table
from lianxin.matching.tables.texts import FAULTS_TOLD
from lianxin.matching.tables.writing import Column, check_apart, check_target
from lianxin.matching.words import Progress, Words, part_of

Side = Literal["left", "right"]

RESOLVED = (Column("record_id", 18), Column("name", 12), Column("answer", 10), Column("pairs", 30))


def _layout(*columns: str, advice: Words, blank: tuple[str, ...] = ()) -> Layout:
    """Columns that our own commands have written: each under its own name, and all of them there."""
    return Layout({c: (c,) for c in columns}, {c: Words(c, c) for c in columns}, advice, blank)


_ANSWERS = _layout(
    *("left_id", "right_id", "answer"),
    advice=Words("请给出 lianxin match link 写出的答复", "give the answers that lianxin match link wrote"),
    blank=("left_id",),
)
_IDS = _layout(
    *("record_id", "record"),
    advice=Words(
        "请给出 lianxin match encode 写出的编号对照", "give the file of ids that lianxin match encode wrote"
    ),
)


@dataclass(frozen=True, slots=True)
class ResolveOrder:
    """What is to be brought back: `answers` to `roster`, the list as it was encoded.

    `ids` is what `encode` wrote beside the encoding; None where the list's own ids were sent along. `side` is where the
    list stands in the answers, found out when it is not said.
    """

    answers: Path
    roster: Path
    out: Path
    ids: Path | None = None
    side: Side | None = None
    mapping: Path | None = None
    memory: int = 6 << 30


@dataclass(frozen=True, slots=True)
class Resolved:
    """How many records of the own list got which answer, and on which side they stand."""

    side: Side
    rows: int
    yes: int
    review: int
    no: int


def run_resolve(order: ResolveOrder, *, above: Path, progress: Progress) -> Resolved:
    """Write record_id, name, answer and pairs for each record of the own list, in its order, whole or not at all.

    `answer` is yes, review or no; of several the surest. `pairs` are codes, one for each pair of the record: both
    departments get the same code for a pair, so they can speak about it without telling an id.

    Raises ``Problem`` for files that are damaged or do not belong together, ``Faulty`` for rows that cannot be.
    """
    check_target(order.out)
    check_apart([order.out], [order.answers, order.roster, order.ids, order.mapping])
    check_not_encoded(order.roster)
    with explained(order.out.name), working_folder(above) as work:
        scratch = work / "tables"
        scratch.mkdir()
        with connected(work / "resolve.duckdb", memory=order.memory, folder=scratch) as con:
            progress(Words("读取答复", "Reading the answers"), 0.0)
            _take_answers(con, order.answers, scratch)
            if order.ids:
                progress(Words("读取编号对照", "Reading the ids"), 0.1)
                _take_ids(con, order.ids, scratch)
            roster = load(
                order.roster,
                mapping=order.mapping,
                work=work,
                memory=order.memory,
                progress=part_of(progress, 0.2, 0.6),
            )
            progress(Words("对回名单", "Bringing the answers back"), 0.8)
            _take_own(con, roster.path, roster.rows, order)
            side = _side(con, roster.rows, order)
            told = work / "resolved.parquet"
            con.execute(f"copy ({_RESOLVED.format(side=side)}) to '{quoted(told)}' (format parquet)")
            counts = dict(con.execute(f"select answer, count(*) from '{quoted(told)}' group by 1").fetchall())
        progress(Words("写出结果", "Writing"), 0.9)
        rows = save_table(told, order.out, RESOLVED)
    return Resolved(side, rows, *(counts.get(answer, 0) for answer in ("yes", "review", "no")))


def _plain(column: str) -> str:
    """A key without the mark that keeps spreadsheet programs from running it, in SQL."""
    return f"regexp_replace({column}, '^''([=+@\\t\\r\\n-])', '\\1')"


def _take_answers(con: DuckDBPyConnection, path: Path, work: Path) -> None:
    """Make the table `answers` (left_id, right_id, answer), a row for each pair or record without one."""
    _, number = read_table(con, path, work, _ANSWERS)
    con.execute("update given set left_id = '' where left_id is null")
    check_keys(con, path, number, _ANSWERS)
    found = con.execute(
        """select line, fault from (
          select line, case
            when answer not in ('yes', 'review', 'no') then 'answer_unknown'
            when (left_id = '') <> (answer = 'no') then 'answer_odd'
            when count(*) over (partition by left_id, right_id) > 1
              or count(*) over (partition by right_id) > 1
                and bool_or(answer <> 'review') over (partition by right_id) then 'answered_twice' end as fault
          from given
        ) where fault is not null order by line"""
    ).fetchall()
    if found:
        faults = [Fault(number(line), "answer", code, _FAULTS[code]) for line, code in found[:FAULTS_TOLD]]
        raise Faulty(path.name, faults, len(found))
    con.execute(
        f"""create table answers as
        select {_plain("left_id")} as left_id, {_plain("right_id")} as right_id, answer from given"""
    )


def _take_ids(con: DuckDBPyConnection, path: Path, work: Path) -> None:
    """Make the table `ids` (record_id, record)."""
    _, number = read_table(con, path, work, _IDS)
    for unique in ("record_id", "record"):
        check_keys(con, path, number, _IDS, unique=unique)
    con.execute(f"create table ids as select {_plain('record_id')} as record_id, record from given")


def _take_own(con: DuckDBPyConnection, clean: Path, rows: int, order: ResolveOrder) -> None:
    """Make the table `own` (place, record_id, name, record). Raises ``Problem`` when list and ids are not one's."""
    con.execute(
        f"""create table listed as
        select file_row_number as place, record_id, raw_name as name, {_plain("record_id")} as own_id
        from read_parquet('{quoted(clean)}', file_row_number = true)"""
    )
    if order.ids is None:
        con.execute("create table own as select place, record_id, name, own_id as record from listed")
        return
    con.execute(
        "create table own as select place, listed.record_id, name, record from listed "
        "join ids on ids.record_id = own_id"
    )
    both, known = con.execute("select (select count(*) from own), (select count(*) from ids)").fetchall()[0]
    if both != rows or known != rows:
        words = _IDS_OTHER.format(
            list=order.roster.name, ids=order.ids.name, rows=rows, known=known, both=both
        )
        raise Problem("ids_other", words)


def _side(con: DuckDBPyConnection, rows: int, order: ResolveOrder) -> Side:
    """Where the own list stands. Raises ``Problem`` when the answers are about another encoding, or it cannot be told.

    Answers hold every record of the right list, and of the left one only those in pairs.
    """
    rights, own_rights = _known(con, "right")
    lefts, own_lefts = _known(con, "left")
    fits: dict[Side, bool] = {"left": lefts == own_lefts, "right": rights == own_rights == rows}
    if order.side:
        if fits[order.side]:
            return order.side
    elif (lefts and all(fits.values())) or not (own_lefts or own_rights or lefts):
        raise Problem("side_unclear", _SIDE_UNCLEAR.format(name=order.answers.name))
    elif fits["right"]:
        return "right"
    elif fits["left"] and lefts:
        return "left"
    hits = (
        own_lefts if (order.side or ("left" if own_lefts > own_rights else "right")) == "left" else own_rights
    )
    words = _ANSWERS_OTHER.format(name=order.answers.name, list=order.roster.name, rows=rows, hits=hits)
    raise Problem("answers_other", words)


def _known(con: DuckDBPyConnection, side: Side) -> tuple[int, int]:
    """How many records the answers name on a side, and how many of those are the own list's."""
    told, own = con.execute(
        f"""select count(*), count(o.record)
        from (select distinct {side}_id as record from answers where {side}_id <> '')
        left join (select distinct record from own) as o using (record)"""
    ).fetchall()[0]
    return int(told), int(own)


# A pair's code has letters only: no spreadsheet program takes it for a number.
_CODE = "translate(left(sha256(left_id || '|' || right_id), 8), '0123456789', 'ghjkmnpqrs')"
_RESOLVED = f"""
    select record_id, name, coalesce(answer, 'no') as answer, coalesce(pairs, '') as pairs
    from own left join (
      select {{side}}_id as record, if(bool_or(answer = 'yes'), 'yes', 'review') as answer,
        string_agg({_CODE}, ' ' order by answer = 'yes' desc, {_CODE}) as pairs
      from answers where answer <> 'no' group by 1
    ) using (record)
    order by place"""

_FAULTS = {
    "answer_unknown": Words(
        "这里应是 yes、review 或 no：答复不要改动。",
        "This should be yes, review or no: leave answers as they came.",
    ),
    "answer_odd": Words(
        "答复是 no 时左编号应为空，否则不能为空：答复不要改动。",
        "With the answer no the left id is empty, and with others it is not: leave answers as they came.",
    ),
    "answered_twice": Words(
        "同一条记录有重复或互相矛盾的答复：请向比对方重新要一份。",
        "One record has the same answer twice, or answers that contradict: ask the linking office for another copy.",
    ),
}
_IDS_OTHER = Words(
    "名单“{list}”（{rows:,} 行）与编号对照“{ids}”（{known:,} 行）对不上，只有 {both:,} 行相同："
    "请给出当时编码的名单，和同时写出的编号对照。",
    "The list “{list}” ({rows:,} rows) and the ids “{ids}” ({known:,} rows) do not belong together, {both:,} rows are "
    "in both: give the list as it was encoded, and the file of ids that was written then.",
)
_ANSWERS_OTHER = Words(
    "答复“{name}”不是关于这次编码的，或者不完整：“{list}”的 {rows:,} 条记录中，答复里有 {hits:,} 条。"
    "请给出这次编码的完整答复。",
    "The answers “{name}” are about another encoding, or not whole: of the {rows:,} records of “{list}” they hold "
    "{hits:,}. Give the whole answers about this encoding.",
)
_SIDE_UNCLEAR = Words(
    "从“{name}”看不出本部门的名单在左边还是右边：请加 --side left 或 --side right。",
    "“{name}” does not tell whether your list stands on its left or its right: add --side left or --side right.",
)
