"""Two encodings in, an answer for each record of the right one out: yes, no or review, and nothing more."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from duckdb import DuckDBPyConnection

from lianxin.matching.encoding.files import Head, read_encoding
from lianxin.matching.encoding.levels import BLOCKS, LEVELS, LIKENESS
from lianxin.matching.encoding.tokens import LISTS
from lianxin.matching.engines.duck import connected
from lianxin.matching.paths import quoted
from lianxin.matching.problems import Problem
from lianxin.matching.words import Progress, Words

# A hash that would bring more pairs than this is left out.
_MOST_PAIRS_OF_A_HASH = 20_000
# A record is shown with at most so many that may be the same person.
_MOST_CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class Weights:
    """What each level adds to the logarithm of the odds, for a left list of `roster` rows, and two thresholds.

    `yes` and `review` are probabilities.
    """

    start: float
    levels: dict[str, dict[str, float]]
    roster: int
    yes: float
    review: float


@dataclass(frozen=True, slots=True)
class Answered:
    """How many records of the right encoding got which answer."""

    rows: int
    yes: int
    review: int
    candidates: int

    @property
    def no(self) -> int:
        """Records that are not in the left list, as far as can be told."""
        return self.rows - self.yes - self.review


def link_encodings(
    left: Path,
    right: Path,
    *,
    out: Path,
    work: Path,
    weights: Weights | None = None,
    memory: int = 4 << 30,
    progress: Progress | None = None,
) -> Answered:
    """Write Parquet `out`: left_id, right_id, answer. Who is in doubt stands there with up to three left ids.

    Raises ``Problem`` for what is no encoding, and for two of different keys or makers.
    """
    say = progress or (lambda _words, _share: None)
    chosen = weights or default_weights()
    with connected(work / "link.duckdb", memory=memory, folder=work) as con:
        con.execute("set preserve_insertion_order = false")
        say(Words("读取编码", "Reading the encodings"), 0.0)
        heads = read_encoding(con, left, "lefts"), read_encoding(con, right, "rights")
        check_alike(*heads)
        say(Words("寻找候选", "Finding candidates"), 0.3)
        candidates = find_candidates(con)
        say(Words("比较候选", "Comparing candidates"), 0.6)
        tell_levels(con)
        _decide(con, chosen, heads[0].rows)
        say(Words("写出结果", "Writing"), 0.9)
        con.execute(
            f"""copy (
              select l.record as left_id, r.record as right_id, coalesce(a.answer, 'no') as answer
              from rights as r left join answers as a on a.rec_r = r.rec left join lefts as l on l.rec = a.rec_l
              order by right_id, left_id
            ) to '{quoted(out)}' (format parquet)"""
        )
        yes, review = con.execute(
            "select count(distinct rec_r) filter (answer = 'yes'), count(distinct rec_r) filter (answer = 'review') "
            "from answers"
        ).fetchall()[0]
    return Answered(heads[1].rows, yes, review, candidates)


def check_alike(left: Head, right: Head) -> None:
    """Raise ``Problem`` when two encodings were not made with one key by one recipe."""
    if (left.fingerprint, left.hash) != (right.fingerprint, right.hash):
        words = Words(
            "两份编码用的密钥不同（左 {left}，右 {right}），无法比对：请两个部门用同一个密钥文件重新编码。",
            "The two encodings were made with different keys (left {left}, right {right}) and cannot be linked: "
            "both departments encode again with the same key file.",
        )
        raise Problem("keys_differ", words.format(left=left.fingerprint, right=right.fingerprint))
    if (left.tables, left.bits, left.flips) != (right.tables, right.bits, right.flips):
        words = Words(
            "两份编码的读音字形表或参数不同，无法比对：请两个部门用同一版本的连心重新编码。",
            "The two encodings were made with other tables of readings or other parameters and cannot be linked: both "
            "departments encode again with the same version of Lianxin.",
        )
        raise Problem("recipes_differ", words)


def find_candidates(con: DuckDBPyConnection) -> int:
    """Make the table `pairs` (rec_l, rec_r) from `lefts` and `rights`: those that share a hash of one kind."""
    con.execute(f"create or replace temp table right_hashes as {_hashes('rights')}")
    con.execute(
        f"create or replace temp table left_hashes as select * from ({_hashes('lefts')}) "
        "where (kind, hash) in (select (kind, hash) from right_hashes)"
    )
    con.execute(
        f"""create or replace temp table crowded as
        select kind, hash from (select kind, hash, count(*) as n from left_hashes group by all) as l
        join (select kind, hash, count(*) as n from right_hashes group by all) as r using (kind, hash)
        where l.n * r.n > {_MOST_PAIRS_OF_A_HASH}"""
    )
    con.execute(
        """create or replace table pairs as
        select distinct l.rec as rec_l, r.rec as rec_r
        from left_hashes as l join right_hashes as r on l.kind = r.kind and l.hash = r.hash
        where (l.kind, l.hash) not in (select (kind, hash) from crowded)"""
    )
    con.execute("drop table left_hashes; drop table right_hashes; drop table crowded")
    return int(con.execute("select count(*) from pairs").fetchall()[0][0])


def _hashes(table: str) -> str:
    return " union all ".join(
        f"select {n} as kind, unnest({kind}) as hash, rec from {table}"
        if kind in LISTS
        else f"select {n} as kind, {kind} as hash, rec from {table} where {kind} is not null"
        for n, kind in enumerate(BLOCKS)
    )


def tell_levels(con: DuckDBPyConnection) -> None:
    """Make the table `told`: each pair with its levels."""
    columns = [row[0] for row in con.execute("describe lefts").fetchall() if row[0] not in {"rec", "record"}]
    sides = ", ".join(f"{side}.{column} as {column}_{side}" for side in "lr" for column in columns)
    levels = ", ".join(f"{sql} as {name}" for name, sql in LEVELS.items())
    con.execute(
        f"""create or replace table told as
        with both_sides as (
          select p.rec_l, p.rec_r, {sides} from pairs as p
          join lefts as l on l.rec = p.rec_l join rights as r on r.rec = p.rec_r
        ), compared as (select *, {LIKENESS} from both_sides)
        select rec_l, rec_r, {levels} from compared"""
    )


def _decide(con: DuckDBPyConnection, weights: Weights, rows: int) -> None:
    """Make the table `answers`. Candidates of one record share one probability, as in clear text.

    A name or birth date that differs needs the same number for a yes; two valid numbers that differ are two persons.
    """
    sums = " + ".join(
        "case "
        + name
        + " "
        + " ".join(f"when '{level}' then {w}" for level, w in levels.items())
        + " else 0 end"
        for name, levels in weights.levels.items()
    )
    start = f"{weights.start} - ln({max(1, rows)} / {weights.roster}.0)"
    con.execute(
        f"""create or replace table answers as
        with scored as (
          select *, exp(least(40, {start} + {sums})) as odds from told where number <> 'differs'
        ), shared as (
          select *, greatest(sum(odds) over (partition by rec_r), sum(odds) over (partition by rec_l)) as rivals
          from scored
        ), fair as (select *, odds / (1 + rivals) as probability from shared), judged as (
          select *, case when probability >= {weights.yes}
              and (number = 'same' or (name in ('same', 'sound', 'alike', 'near') and birth <> 'differs')) then 'yes'
            when probability >= {weights.review} then 'review' end as answer
          from fair
        ), ranked as (
          select *, row_number() over (partition by rec_r order by answer = 'yes' desc, odds desc, rec_l) as place,
            bool_or(answer = 'yes') over (partition by rec_r) as settled
          from judged where answer is not null
        )
        select rec_l, rec_r, answer from ranked where place = 1 or (not settled and place <= {_MOST_CANDIDATES})"""
    )


@cache
def default_weights() -> Weights:
    """The weights that are shipped, see docs/guide/matching-encoded.md."""
    text = files("lianxin.matching.encoding").joinpath("data/weights.json").read_text("utf-8")
    return Weights(**json.loads(text))
