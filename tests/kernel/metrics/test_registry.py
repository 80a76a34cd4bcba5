"""Declaring metrics, and what must hold of every one that any app declares."""

import pytest
from django.db import connection

from lianxin.kernel.metrics.registry import ROLLED, Metric, Sum, metric, metric_of, metrics
from lianxin.kernel.metrics.watch import is_watched
from lianxin.kernel.text import Text
from tests.kernel.metrics.conftest import N, Tried


def test_a_metric_is_declared_in_one_way_only(tried: Tried) -> None:
    assert metric_of("tried.total") is tried.total
    with pytest.raises(ValueError, match="declared differently"):
        metric("tried.total", label=N, unit=N, query="SELECT 1")


@pytest.mark.parametrize("id_", ["", "plain", "Has.Capitals", "a..b", "a.b.", "a b.c"])
def test_an_id_is_words_joined_by_points(id_: str) -> None:
    with pytest.raises(ValueError, match="words joined by points"):
        metric(id_, label=N, unit=N, query="SELECT 1")


def test_where_a_metric_is_declared_is_known() -> None:
    assert metric_of("cases.opened").declared_at.startswith("lianxin/kernel/metrics/catalogue.py:")


@pytest.mark.django_db
@pytest.mark.parametrize("declared", metrics(), ids=lambda declared: declared.id)
def test_every_metric_yields_its_columns_and_is_watched(declared: Metric) -> None:
    """For every metric of every app: a query that runs, the columns promised, both languages, its watches."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({declared.query}) AS q LIMIT 0")
        columns = {column.name for column in cursor.description}
    promised = {"at", "path", "value"} | ({"slice"} if declared.by else set())
    promised |= {"total"} if declared.sum is Sum.RATE else set()
    assert columns == promised
    assert declared.label.zh
    assert declared.label.en
    assert isinstance(declared.unit, Text)
    assert [source for source in declared.sources if not is_watched(source)] == []
    if declared.sources:
        assert declared.sum in ROLLED
