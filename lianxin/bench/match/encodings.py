"""Accuracy through encodings, beside clear text on the same lists; and where the shipped weights come from."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import duckdb
import numpy as np

from lianxin.bench.match.accuracy import Accuracy, accuracy
from lianxin.bench.match.lists import Lists
from lianxin.matching.encoding import Key, encode, link_encodings
from lianxin.matching.encoding.files import read_encoding
from lianxin.matching.encoding.levels import LEVELS
from lianxin.matching.encoding.linking import Answered, Weights, find_candidates, tell_levels

# The level from which the others are told apart.
_PLAIN = "unknown"
_RIDGE = 0.05
_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class EncodedAccuracy:
    """What came through encodings; seconds for encoding both lists, and for linking them."""

    accuracy: Accuracy
    answered: Answered
    encoding: float
    linking: float
    pairs: Path

    def share_of(self, clear: Accuracy) -> float:
        """Of what clear text finds for sure or for review, how much is found through encodings."""
        return self.accuracy.recall / clear.recall if clear.recall else 1.0


def through_encodings(
    lists: Lists, folder: Path, *, weights: Weights | None = None, memory: int = 4 << 30
) -> EncodedAccuracy:
    """Encode both clean rosters with a fresh key, link them, and hold the answers against the truth."""
    folder.mkdir(parents=True, exist_ok=True)
    begun = monotonic()
    left, right = encode_both(lists, folder, memory=memory)
    between = monotonic()
    answers = folder / "answers.parquet"
    answered = link_encodings(
        left, right, out=answers, work=_fresh(folder / "link"), weights=weights, memory=memory
    )
    ended = monotonic()
    pairs = folder / "answers-as-pairs.parquet"
    duckdb.execute(
        f"""copy (select left_id, right_id, if(answer = 'yes', 'match', 'review') as decision
        from '{answers}' where answer <> 'no') to '{pairs}'"""
    )
    told = accuracy(pairs, lists.truth, answered.rows)
    return EncodedAccuracy(told, answered, between - begun, ended - between, pairs)


def link_through_encodings(lists: Lists, out: Path) -> int:
    """The same as a peer of clear text: its answers as pairs in ``out``. Answers how many candidates were looked at."""
    told = through_encodings(lists, out.parent / "encoded")
    told.pairs.replace(out)
    return told.answered.candidates


def encode_both(lists: Lists, folder: Path, *, memory: int = 4 << 30) -> tuple[Path, Path]:
    """Both clean rosters encoded under their own ids, with a key that nobody keeps."""
    key = Key(secrets.token_bytes(32))
    made = []
    for name, clean in (("left", lists.clean_left), ("right", lists.clean_right)):
        out = folder / f"{name}.parquet"
        encode(clean, out=out, ids=None, key=key, work=_fresh(folder / f"encode-{name}"), memory=memory)
        made.append(out)
    return made[0], made[1]


def fit_weights(lists: Lists, folder: Path, *, yes: float, review: float) -> Weights:
    """Weights from lists whose truth is known: a logistic regression over the candidates' levels."""
    folder.mkdir(parents=True, exist_ok=True)
    left, right = encode_both(lists, folder)
    with duckdb.connect() as con:
        head = read_encoding(con, left, "lefts")
        read_encoding(con, right, "rights")
        find_candidates(con)
        tell_levels(con)
        counted = con.execute(
            f"""select {", ".join(f"told.{name}" for name in LEVELS)}, count(t.left_id) as same,
              count(*) - count(t.left_id) as other
            from told join lefts as l on l.rec = rec_l join rights as r on r.rec = rec_r
            left join '{lists.truth}' as t on t.left_id = l.record and t.right_id = r.record
            where told.number <> 'differs' group by {", ".join(f"told.{name}" for name in LEVELS)}"""
        ).fetchall()
    columns = sorted({(name, row[n]) for row in counted for n, name in enumerate(LEVELS) if row[n] != _PLAIN})
    design = np.array(
        [
            [1.0, *(float(row[list(LEVELS).index(name)] == level) for name, level in columns)]
            for row in counted
        ]
    )
    found = _regress(design, np.array([row[-2] for row in counted]), np.array([row[-1] for row in counted]))
    levels: dict[str, dict[str, float]] = {name: {} for name in LEVELS}
    for (name, level), weight in zip(columns, found[1:], strict=True):
        levels[name][level] = round(float(weight), 3)
    return Weights(round(float(found[0]), 3), levels, head.rows, yes, review)


def _regress(design: np.ndarray, same: Iterable[float], other: Iterable[float]) -> np.ndarray:
    """Newton's method on counted patterns; a little ridge, so that what never failed does not weigh without end."""
    yes, no = np.asarray(same, float), np.asarray(other, float)
    weights = np.zeros(design.shape[1])
    ridge = np.full(design.shape[1], _RIDGE)
    ridge[0] = 0.0
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (yes - (yes + no) * chance) - ridge * weights
        bend = (design.T * ((yes + no) * chance * (1 - chance))) @ design + np.diag(ridge)
        weights += np.linalg.solve(bend + 1e-9 * np.eye(len(weights)), slope)
    return weights


def _fresh(folder: Path) -> Path:
    """A working folder with no database in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("*.duckdb*"):
        left.unlink()
    return folder
