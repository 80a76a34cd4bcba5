"""How right pairs are, against the truth: in all, and by kind of error."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

KINDS = (
    "missing_number mistyped_number cut_number homophone look_alike dropped swapped renamed traditional phone_changed "
    "moved missing_birth mistyped_birth minority twin father_son crowded"
)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How right pairs are; all but `persons`, who are in both lists, are shares from 0 to 1.

    `precision`: of the matches, how many are one person. `recall_match` and `recall`: of the persons, how many stand
    among matches, and among matches and review. `in_review`: of the rows of the list, how many are reviewed.
    """

    persons: int
    precision: float
    recall_match: float
    recall: float
    in_review: float


@dataclass(frozen=True, slots=True)
class KindAccuracy:
    """The same for those persons of the list to whom this happened."""

    kind: str
    persons: int
    recall_match: float
    recall: float


def accuracy(pairs: Path, truth: Path, listed: int) -> Accuracy:
    """Of all pairs, for a list of so many rows."""
    ((matches, right, found, persons, reviewed),) = duckdb.execute(
        f"""select count(*) filter (where decision = 'match'),
          count(*) filter (where decision = 'match' and t.left_id is not null),
          count(*) filter (where t.left_id is not null), (select count(*) from '{truth}'),
          count(distinct p.right_id) filter (where decision = 'review')
        from '{pairs}' as p left join '{truth}' as t using (left_id, right_id)"""
    ).fetchall()
    return Accuracy(
        persons=persons,
        precision=right / matches if matches else 1.0,
        recall_match=right / persons if persons else 1.0,
        recall=found / persons if persons else 1.0,
        in_review=reviewed / listed,
    )


def accuracy_by_kind(pairs: Path, truth: Path) -> list[KindAccuracy]:
    """For each kind of error that happened to anybody."""
    told = []
    for kind in KINDS.split():
        ((persons, matched, found),) = duckdb.execute(
            f"""select count(*), count(*) filter (where decision = 'match'), count(decision)
            from '{truth}' as t left join '{pairs}' as p using (left_id, right_id) where t.{kind}"""
        ).fetchall()
        if persons:
            told.append(KindAccuracy(kind, persons, matched / persons, found / persons))
    return told
