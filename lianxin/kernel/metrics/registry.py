"""What can be counted: each metric declared once, for pages, API, spreadsheets and ``lianxin figures`` alike.

A metric is one SELECT over the tables in which things happened. It yields one row for each event:

``at``
    when it happened: a moment, or a date (counted from its midnight in China)
``path``
    the path of the organization it belongs to
``value``
    what it counts for: 1 for "one more", fen for money, days, a key for ``DISTINCT``, true or false for ``HOLDS``
``total``
    for ``RATE`` only: what the value is a part of (0 or 1 where single cases are counted)
``slice``
    only where ``by`` is given: the code by which the figure can be broken down

A day's roll-up, a month on a page and a recount are this same SELECT between other bounds (ADR 0011).
"""

import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lianxin.kernel.text import Text


class Sum(StrEnum):
    """How the values of many events become one figure."""

    TOTAL = "total"
    RATE = "rate"
    MEDIAN = "median"
    DISTINCT = "distinct"
    LARGEST = "largest"
    HOLDS = "holds"


# Totals and rates are sums of sums, so days can be added up; the others need every row of their period.
ROLLED = frozenset({Sum.TOTAL, Sum.RATE})
_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One thing that can be counted. See :func:`metric` for the fields."""

    id: str
    label: Text
    unit: Text
    query: str
    sum: Sum = Sum.TOTAL
    sources: tuple[str, ...] = ()
    by: Text | None = None
    slice_label: Callable[[str], Text] | None = None
    public: bool = True
    money: bool = False
    stock: bool = False
    people: bool = False
    less_is_better: bool = False
    help: Text | None = None
    declared_at: str = ""

    @property
    def rolled(self) -> bool:
        """Whether finished days are kept as totals: additive, and every table it reads is watched."""
        return self.sum in ROLLED and bool(self.sources)


_metrics: dict[str, Metric] = {}


def metric(  # noqa: PLR0913 - every property of a metric, by name
    id: str,  # noqa: A002 - the word that the table of figures uses
    *,
    label: Text,
    unit: Text,
    query: str,
    sum: Sum = Sum.TOTAL,  # noqa: A002
    sources: tuple[str, ...] = (),
    by: Text | None = None,
    slice_label: Callable[[str], Text] | None = None,
    public: bool = True,
    money: bool = False,
    stock: bool = False,
    people: bool = False,
    less_is_better: bool = False,
    help: Text | None = None,  # noqa: A002
) -> Metric:
    """Declare a metric; declaring the same one twice changes nothing.

    ``sources`` names the watches (:mod:`lianxin.kernel.metrics.watch`) that notice a late change of what the
    query reads; without them nothing is kept and every figure is counted from rows. ``money``: values are
    fen. ``stock``: what there is at the end of a period, not what came in it. ``people``: each event is
    somebody, so small groups are not published. ``slice_label`` gives the words for a slice.
    Raises ``ValueError`` for a malformed id, or one that is declared differently elsewhere.
    """
    if not _ID.fullmatch(id):
        message = f"a metric's id is words joined by points, not {id!r}"
        raise ValueError(message)
    declared = Metric(
        id=id,
        label=label,
        unit=unit,
        query=inspect.cleandoc(query).rstrip(";"),
        sum=sum,
        sources=sources,
        by=by,
        slice_label=slice_label,
        public=public,
        money=money,
        stock=stock,
        people=people,
        less_is_better=less_is_better,
        help=help,
        declared_at=_caller(),
    )
    if _metrics.setdefault(id, declared) != declared:
        message = f"metric {id} is already declared differently"
        raise ValueError(message)
    return _metrics[id]


def metric_of(id: str) -> Metric:  # noqa: A002
    """The metric of this id; raises ``KeyError`` if no app declares it."""
    return _metrics[id]


def metrics() -> list[Metric]:
    """All metrics, in the order they were declared."""
    return list(_metrics.values())


def _caller() -> str:
    # Not inspect.stack(): it reads the source of each frame, which took half of the start of every command.
    frame = sys._getframe(2)  # noqa: SLF001
    parts = Path(frame.f_code.co_filename).parts
    start = max((index for index, part in enumerate(parts) if part == "lianxin"), default=len(parts) - 1)
    return f"{'/'.join(parts[start:])}:{frame.f_lineno}"
