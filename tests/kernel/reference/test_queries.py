"""Which row decides: the nearest region, the latest day; and what it costs to ask."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from lianxin.kernel.orgs.models import Region
from lianxin.kernel.reference import cache
from lianxin.kernel.reference.models import Parameter, Term
from lianxin.kernel.reference.queries import NoReference, lineage, parameter, parameter_row, term_label, terms
from lianxin.kernel.text import Text
from tests.kernel.reference.conftest import START

TODAY = date(2026, 3, 2)


def _set(region: str | None, value: Any, valid_from: date = START, valid_to: date | None = None) -> Parameter:
    return Parameter.objects.create(
        name="reward.cap",
        region_id=region,
        value=value,
        valid_from=valid_from,
        valid_to=valid_to,
        source="test",
    )


def _term(code: str, zh: str, valid_from: date = START, valid_to: date | None = None, **other: Any) -> Term:
    fields = {"dictionary": "colour", "scheme": "one", "en": zh + "-en", "source": "test"} | other
    return Term.objects.create(code=code, zh=zh, valid_from=valid_from, valid_to=valid_to, **fields)


@pytest.mark.parametrize(
    ("region", "value"),
    [
        ("210804", "county"),
        ("210800", "city"),
        ("211400", "province"),
        ("370300", "nation"),
        (None, "nation"),
    ],
)
def test_parameter_takes_the_nearest_region(regions: None, region: str | None, value: str) -> None:
    for code, said in ((None, "nation"), ("210000", "province"), ("210800", "city"), ("210804", "county")):
        _set(code, said)
    assert parameter("reward.cap", region=region, on=TODAY) == value


def test_parameter_of_a_region_object_is_that_of_its_code(regions: None) -> None:
    _set("210800", 7)
    assert parameter("reward.cap", region=Region.objects.get(pk="210804"), on=TODAY) == 7


def test_parameter_goes_up_where_the_nearest_has_ended(regions: None) -> None:
    _set("210800", "city", valid_to=date(2026, 3, 1))
    _set(None, "nation")
    assert parameter("reward.cap", region="210800", on=date(2026, 3, 1)) == "city"
    assert parameter("reward.cap", region="210800", on=date(2026, 3, 2)) == "nation"
    assert parameter("reward.cap", region="210800", on=date(2019, 12, 31), default=None) is None


def test_parameter_takes_the_row_of_the_day(regions: None) -> None:
    _set(None, "old", valid_to=date(2023, 12, 31))
    _set(None, "new", valid_from=date(2024, 1, 1))
    assert [parameter("reward.cap", region=None, on=date(year, 6, 1)) for year in (2023, 2024)] == [
        "old",
        "new",
    ]
    assert parameter("reward.cap", region=None, on=None) == "new"


def test_parameter_missing_raises_unless_there_is_a_default(regions: None) -> None:
    with pytest.raises(NoReference, match=r"no parameter reward.cap for 210800 on 2026-03-02"):
        parameter("reward.cap", region="210800", on=TODAY)
    assert parameter("reward.cap", region="210800", on=TODAY, default=5) == 5


def test_parameter_row_tells_source_and_whether_verified(regions: None) -> None:
    row = _set(None, 1)
    found = parameter_row("reward.cap", region="210800", on=TODAY)
    assert found == row
    assert found is not None
    assert (found.source, found.verified) == ("test", False)


def test_parameter_costs_no_statement_once_asked(
    regions: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _set(None, 1)
    with django_assert_num_queries(1):
        parameter("reward.cap", region="210804", on=TODAY)
    with django_assert_num_queries(0):
        for _ in range(50):
            parameter("reward.cap", region="210804", on=TODAY)
            parameter("unknown", region=None, on=TODAY, default=None)


def test_parameter_is_asked_again_after_half_a_minute(
    regions: None, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameter("reward.cap", region=None, on=TODAY, default=None)
    monkeypatch.setattr(cache, "SECONDS", 0.0)
    with django_assert_num_queries(1):
        parameter("reward.cap", region=None, on=TODAY, default=None)


@given(code=st.from_regex(r"[1-8][0-9]{5}", fullmatch=True))
def test_lineage_ends_with_the_nation_and_never_repeats(code: str) -> None:
    found = lineage(code)
    assert found[0] == code
    assert found[-1] is None
    assert len(found) == len(set(found)) <= 4
    assert all(above is None or above.rstrip("0") == code[: len(above.rstrip("0"))] for above in found)


def test_terms_are_those_of_the_day_in_their_order(db: None) -> None:
    _term("b", "蓝", position=1)
    _term("a", "红", position=2)
    _term("c", "旧", valid_to=date(2021, 1, 1))
    assert [term.code for term in terms("colour", TODAY)] == ["b", "a"]
    assert [term.code for term in terms("colour", date(2020, 6, 1))] == ["c", "b", "a"]
    assert terms("shape", TODAY) == []


def test_terms_of_one_scheme_leave_out_the_others(db: None) -> None:
    _term("01", "物体打击")
    _term("01", "机械", scheme="two")
    assert [term.zh for term in terms("colour", TODAY, scheme="two")] == ["机械"]
    assert [term.zh for term in terms("colour", TODAY)] == ["物体打击", "机械"]
    assert term_label("colour", "01", TODAY, scheme="two") == Text("机械", "机械-en")


def test_term_label_keeps_the_last_words_of_what_is_out_of_force(db: None) -> None:
    _term("c", "旧", valid_to=date(2020, 12, 31))
    _term("c", "新", valid_from=date(2021, 1, 1), valid_to=date(2021, 12, 31))
    assert term_label("colour", "c", date(2020, 5, 1)).zh == "旧"
    assert term_label("colour", "c", TODAY).zh == "新"
    assert str(Term.objects.get(zh="旧")) == "旧"
    with pytest.raises(NoReference):
        term_label("colour", "x", TODAY)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    years=st.lists(st.integers(2000, 2040), min_size=1, max_size=5, unique=True),
    day=st.dates(date(1999, 1, 1), date(2045, 1, 1)),
)
def test_parameter_is_that_of_the_last_beginning_before_the_day(
    db: None, years: list[int], day: date
) -> None:
    Parameter.objects.all().delete()
    cache.forget_all()
    years.sort()
    for year, following in zip(years, [*years[1:], None], strict=True):
        _set(None, year, date(year, 1, 1), date(following - 1, 12, 31) if following else None)
    begun = [year for year in years if date(year, 1, 1) <= day]
    assert parameter("reward.cap", region=None, on=day, default=None) == (max(begun) if begun else None)
