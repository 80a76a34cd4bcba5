"""What the database refuses, whoever writes: two rows of one day, rows without source, ends before beginnings."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.reference.models import Parameter, Term
from lianxin.kernel.reference.services import set_parameter
from tests.kernel.reference.conftest import START
from tests.kernel.reference.test_services import AT


def _parameter(valid_from: date, valid_to: date | None = None, **other: object) -> Parameter:
    fields = {"name": "n", "value": 1, "source": "s"} | other
    return Parameter.objects.create(valid_from=valid_from, valid_to=valid_to, **fields)


def _term(valid_from: date, valid_to: date | None = None, **other: object) -> Term:
    fields = {"dictionary": "d", "scheme": "s", "code": "c", "zh": "词", "en": "word", "source": "s"} | other
    return Term.objects.create(valid_from=valid_from, valid_to=valid_to, **fields)


@pytest.mark.parametrize("make", [_parameter, _term])
@pytest.mark.parametrize(
    ("valid_from", "valid_to"),
    [
        (date(2024, 6, 1), None),
        (date(2024, 12, 31), date(2024, 12, 31)),
        (date(2023, 1, 1), date(2024, 1, 1)),
        (date(2023, 1, 1), None),
    ],
)
def test_two_rows_of_one_day_are_refused(
    regions: None, make: Callable[..., object], valid_from: date, valid_to: date | None
) -> None:
    make(date(2024, 1, 1), date(2024, 12, 31))
    with pytest.raises(IntegrityError, match="hold on the same day"), transaction.atomic():
        make(valid_from, valid_to)
    make(date(2025, 1, 1))
    make(date(2023, 1, 1), date(2023, 12, 31))


def test_rows_of_different_keys_may_hold_on_one_day(regions: None) -> None:
    _parameter(START)
    _parameter(START, region_id="210800")
    _parameter(START, name="m")
    _term(START)
    _term(START, scheme="other")
    assert (Parameter.objects.count(), Term.objects.count()) == (3, 2)


def test_a_row_cannot_be_stretched_over_the_next(regions: None) -> None:
    first = _parameter(date(2024, 1, 1), date(2024, 12, 31))
    _parameter(date(2025, 1, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Parameter.objects.filter(pk=first.pk).update(valid_to=None)


@pytest.mark.parametrize("make", [_parameter, _term])
def test_a_row_needs_a_source_and_an_end_after_its_beginning(
    regions: None, make: Callable[..., object]
) -> None:
    with pytest.raises(IntegrityError, match="has_a_source"), transaction.atomic():
        make(START, source="")
    with pytest.raises(IntegrityError), transaction.atomic():
        make(START, date(2019, 1, 1))


def _race(deeds: list[Callable[[], object]]) -> list[str]:
    """Run the deeds at the same moment, each in its own transaction; returns what became of each."""
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> str:
        try:
            with transaction.atomic():
                barrier.wait(10)
                deed()
        except IntegrityError:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(pool.map(run, deeds))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("make", [_parameter, _term])
def test_of_two_threads_that_overlap_one_wins(make: Callable[..., object]) -> None:
    assert _race([lambda: make(date(2024, 1, 1)), lambda: make(date(2024, 7, 1))]) == ["done", "refused"]


@pytest.mark.django_db(transaction=True)
def test_threads_that_set_one_parameter_make_room_for_each_other() -> None:
    def setter(month: int) -> Callable[[], object]:
        first = date(2026, month, 1)
        return lambda: set_parameter(
            "n", value=month, region=None, valid_from=first, source="s", actor=SYSTEM, at=AT
        )

    assert _race([setter(month) for month in (1, 3, 5, 7)]) == ["done"] * 4
    spans = list(Parameter.objects.order_by("valid_from").values_list("value", "valid_to"))
    assert spans == [(1, date(2026, 2, 28)), (3, date(2026, 4, 30)), (5, date(2026, 6, 30)), (7, None)]
