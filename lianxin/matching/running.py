"""One comparison from files to a file: what `lianxin match` does, without its arguments and its words on the screen."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Literal

from lianxin.matching.engines import Limits, Opening
from lianxin.matching.engines.duck import open_duckdb
from lianxin.matching.linking import Linked, dedupe, link
from lianxin.matching.model import load_model
from lianxin.matching.problems import Problem
from lianxin.matching.reviewing import check_known, read_answers, write_review
from lianxin.matching.tables import Roster, load_all, save_table, working_folder
from lianxin.matching.tables.loading import explained
from lianxin.matching.tables.writing import check_apart, check_target, taken_back
from lianxin.matching.words import Language, Progress, Words, part_of

_SWAPPED = 2
_SMALL = 1000


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted. Without ``right``, persons that stand in ``left`` more than once.

    ``review`` is where the pairs to be reviewed are written with both records, and ``review_matches`` how many matches
    with them; ``answers`` is such a file filled in, and what it says stands.
    """

    left: Path
    right: Path | None
    out: Path
    model: Path | None = None
    mapping: Path | None = None
    memory: int = 6 << 30
    cardinality: Literal["one-to-one", "one-to-many"] = "one-to-one"
    review: Path | None = None
    review_matches: int = 0
    answers: Path | None = None
    language: Language = "zh"
    any_order: bool = False
    engine: Opening = open_duckdb


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of it: pairs written, the lists as they were read, and the engine's own figures.

    `seconds` is how long each stage took, from the reading to the writing.
    """

    pairs: int
    linked: Linked
    rosters: list[Roster] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def run(order: Order, *, above: Path, progress: Progress) -> Outcome:
    """Read, clean, compare, write. Raises ``Problem``; then nothing is written and nothing is left behind.

    ``above`` is the folder in which the run makes its own, with the lists in it, and removes it.
    """
    check_target(order.out)
    check_apart(
        [order.out, order.review], [order.left, order.right, order.model, order.mapping, order.answers]
    )
    if order.right is not None:
        _check_not_same(order.left, order.right)
    if order.review:
        check_target(order.review)
    model = load_model(order.model) if order.model else None
    answers = read_answers(order.answers) if order.answers else []
    with explained(order.out.name), working_folder(above) as work:
        given = [order.left] if order.right is None else [order.left, order.right]
        begun = monotonic()
        rosters = load_all(
            given, mapping=order.mapping, work=work, memory=order.memory, progress=part_of(progress, 0.0, 0.3)
        )
        read = monotonic() - begun
        limits = Limits(memory=order.memory, temporary=work)
        found = work / "pairs.parquet"
        part = part_of(progress, 0.3, 0.65)
        if len(rosters) == 1:
            linked = dedupe(
                rosters[0].path,
                out=found,
                model=model,
                language=order.language,
                limits=limits,
                progress=part,
                engine=order.engine,
            )
        else:
            _check_order(order, *rosters)
            if order.answers:
                check_known(answers, order.answers.name, rosters[0].path, rosters[1].path)
            linked = link(
                rosters[0].path,
                rosters[1].path,
                out=found,
                model=model,
                cardinality=order.cardinality,
                answers=answers,
                language=order.language,
                limits=limits,
                progress=part,
                engine=order.engine,
            )
        progress(Words("写出结果", "Writing the result"), 0.95)
        begun = monotonic()
        with taken_back(order.review):
            if order.review:
                write_review(
                    found,
                    rosters[0].path,
                    rosters[-1].path,
                    order.review,
                    language=order.language,
                    matches=order.review_matches,
                )
            pairs = save_table(found, order.out)
        seconds = {"reading": read, **linked.seconds}
        seconds["writing"] += monotonic() - begun
        return Outcome(pairs, linked, rosters, seconds)


def _check_not_same(left: Path, right: Path) -> None:
    """Refuse one list given twice: under one name, by a link, or as a copy."""
    if not (left.is_file() and right.is_file()):
        return  # reading says so
    same = left.samefile(right) or (
        left.stat().st_size == right.stat().st_size and _digest(left) == _digest(right)
    )
    if same:
        words = Words(
            "左右两份是同一份名单；要找一份名单里的重复，请用 --dedupe。",
            "Left and right are the same list; to find doubles in one list, use --dedupe.",
        )
        raise Problem("lists_same", words)


def _check_order(order: Order, left: Roster, right: Roster) -> None:
    """Refuse lists that look swapped: the roster, which is the larger one, stands on the left."""
    if not order.any_order and right.rows >= max(_SMALL, _SWAPPED * left.rows):
        words = Words(
            "左右两份名单像是放反了（左 {left} 行，右 {right} 行）：大的底册应在左边；确要如此请加 --any-order。",
            "The lists look swapped (left {left} rows, right {right}): the roster, which is larger, stands on the "
            "left; if it is meant so, add --any-order.",
        )
        raise Problem("lists_swapped", words.format(left=f"{left.rows:,}", right=f"{right.rows:,}"))


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").digest()
