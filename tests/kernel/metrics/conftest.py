"""A table of an app that the kernel has never heard of, watched, with metrics over it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from lianxin.kernel.clock import CHINA
from lianxin.kernel.metrics import registry
from lianxin.kernel.metrics.models import ClosedDay, KeptDay, LateChange, MetricDay
from lianxin.kernel.metrics.registry import Metric, Sum, metric
from lianxin.kernel.metrics.watch import watch
from lianxin.kernel.text import Text

WATCH = watch("tried", source="tried.made", moment="at", columns=("at", "path", "amount", "whole", "kind"))
N = Text("数", "number")
FIRST = date(2025, 3, 1)


@dataclass(frozen=True)
class Tried:
    """One metric of each sum over the table ``tried``."""

    total: Metric
    rate: Metric
    median: Metric
    distinct: Metric
    largest: Metric
    holds: Metric
    stock: Metric
    people: Metric
    inner: Metric


def declare_tried() -> Tried:
    """Declare them; the registry is emptied of them by the fixture."""

    def one(name: str, columns: str, **options: Any) -> Metric:
        return metric(
            f"tried.{name}",
            label=N,
            unit=N,
            query=f"SELECT t.at, t.path, t.kind AS slice, {columns} FROM tried t",
            by=N,
            **options,
        )

    watched = {"sources": ("tried.made",)}
    return Tried(
        total=one("total", "t.amount AS value", **watched),
        rate=one("rate", "t.amount AS value, t.whole AS total", sum=Sum.RATE, **watched),
        median=one("median", "t.amount AS value", sum=Sum.MEDIAN),
        distinct=one("distinct", "t.kind AS value", sum=Sum.DISTINCT),
        largest=one("largest", "t.amount AS value", sum=Sum.LARGEST),
        holds=one("holds", "t.amount > 0 AS value", sum=Sum.HOLDS),
        stock=one("stock", "t.amount AS value", stock=True, **watched),
        people=one("people", "1 AS value", people=True, **watched),
        inner=one("inner", "1 AS value", public=False, money=True, **watched),
    )


def noon(day: date) -> datetime:
    """The middle of a day in China."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=CHINA)


def after(days: int) -> date:
    """So many days after the first one of these tests."""
    return FIRST + timedelta(days=days)


def add(
    day: date | datetime, path: str = "00010001", amount: int = 1, whole: int = 1, kind: str = "a"
) -> int:
    """A row of the table, and its number."""
    at = day if isinstance(day, datetime) else noon(day)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tried (at, path, amount, whole, kind) VALUES (%s, %s, %s, %s, %s) RETURNING id",
            [at.astimezone(UTC), path, amount, whole, kind],
        )
        (number,) = cursor.fetchone()
        return int(number)


def empty() -> None:
    """Nothing has happened and nothing is kept."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tried")
    for model in (MetricDay, KeptDay, ClosedDay, LateChange):
        model.objects.all().delete()


@pytest.fixture
def tried(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tried]:
    """The table with its watch and metrics; a test that rolls up is marked ``django_db(transaction=True)``."""
    request.getfixturevalue("transactional_db" if _commits(request) else "db")
    monkeypatch.setattr(registry, "_metrics", {})
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE TABLE tried (
  id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL, path varchar(64) COLLATE "C" NOT NULL,
  amount bigint NOT NULL, whole bigint NOT NULL, kind text NOT NULL)"""
        )
        cursor.execute(str(WATCH.sql))
    yield declare_tried()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE tried")
        cursor.execute(str(WATCH.reverse_sql))


def _commits(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction"))
