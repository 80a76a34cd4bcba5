"""What a person has answered about pairs, as the engine takes it in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

from lianxin.matching.engines import Engine

Said = Literal["yes", "no", "unsure"]


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether two records are one person, as a person has said who looked at both; `row` is where it was read."""

    left_id: str
    right_id: str
    said: Said
    row: int = field(default=0, compare=False)


def take_answers(db: Engine, answers: Sequence[Answer], table: str = "answers") -> str | None:
    """Make a table (rec_l, rec_r, answer) over `left_records` and `right_records`; answer its name if it holds any."""
    if not answers:
        return None
    given = pa.table(
        {
            "left_id": pa.array([a.left_id for a in answers], pa.string()),
            "right_id": pa.array([a.right_id for a in answers], pa.string()),
            "answer": pa.array([a.said for a in answers], pa.string()),
        }
    )
    known = db.splink().register(given).physical_name
    db.execute(
        f"""create or replace temp table {table} as
        select l.rec as rec_l, r.rec as rec_r, a.answer from {known} as a
        join left_records as l on l.record_id = a.left_id
        join right_records as r on r.record_id = a.right_id"""
    )
    return table
