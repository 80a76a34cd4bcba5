"""Setting a parameter by hand."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import transaction

from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.clock import CHINA
from lianxin.kernel.orgs.models import Region
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.reference.models import Parameter
from lianxin.kernel.reference.queries import parameter
from lianxin.kernel.reference.services import set_parameter
from lianxin.kernel.refusals import Refused

AT: datetime = datetime(2026, 3, 2, 9, tzinfo=CHINA)


def _set(value: Any, valid_from: date, region: Region | None = None, **other: Any) -> Parameter:
    fields: dict[str, Any] = {"source": "市总工会文件", "actor": SYSTEM, "at": AT} | other
    return set_parameter("reward.cap", value=value, region=region, valid_from=valid_from, **fields)


def _spans() -> list[tuple[Any, str, str | None]]:
    rows = Parameter.objects.order_by("valid_from")
    return [
        (row.value, row.valid_from.isoformat(), row.valid_to.isoformat() if row.valid_to else None)
        for row in rows
    ]


def test_set_parameter_ends_what_held_before(regions: None) -> None:
    _set(1, date(2024, 1, 1))
    _set(2, date(2026, 1, 1))
    assert _spans() == [(1, "2024-01-01", "2025-12-31"), (2, "2026-01-01", None)]


def test_set_parameter_ends_before_what_begins_later(regions: None) -> None:
    _set(1, date(2024, 1, 1))
    _set(3, date(2027, 1, 1))
    _set(2, date(2026, 1, 1))
    assert _spans() == [
        (1, "2024-01-01", "2025-12-31"),
        (2, "2026-01-01", "2026-12-31"),
        (3, "2027-01-01", None),
    ]


def test_set_parameter_leaves_what_has_ended_already(regions: None) -> None:
    _set(1, date(2020, 1, 1), valid_to=date(2020, 12, 31))
    _set(2, date(2026, 1, 1))
    assert _spans()[0] == (1, "2020-01-01", "2020-12-31")


def test_set_parameter_of_the_same_day_corrects(regions: None) -> None:
    _set(1, date(2026, 1, 1))
    row = _set(2, date(2026, 1, 1), verified=True)
    assert _spans() == [(2, "2026-01-01", None)]
    assert (row.verified, row.set_by) == (True, "system")


def test_set_parameter_of_a_region_leaves_the_nation(regions: None) -> None:
    _set(1, date(2024, 1, 1))
    _set(2, date(2026, 1, 1), Region.objects.get(pk="210800"))
    assert parameter("reward.cap", region="210804", on=date(2026, 5, 1)) == 2
    assert parameter("reward.cap", region="211400", on=date(2026, 5, 1)) == 1


def test_set_parameter_is_logged_with_what_was(regions: None) -> None:
    _set(1, date(2024, 1, 1))
    _set(2, date(2026, 1, 1))
    first, second = LogEntry.objects.filter(stream="parameter:reward.cap").order_by("seq")
    assert '"before":{}' in first.body
    assert '"value":1' in second.body
    assert '"value":2' in second.body


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"source": " "}, "source_missing"), ({"valid_to": date(2025, 1, 1)}, "ends_before_it_begins")],
)
def test_set_parameter_refuses(regions: None, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        _set(1, date(2026, 1, 1), **changes)
    assert refusal.value.code == code
    assert not Parameter.objects.exists()


def test_set_parameter_is_seen_at_once(regions: None) -> None:
    assert parameter("reward.cap", region=None, on=date(2026, 5, 1), default=0) == 0
    _set(9, date(2026, 1, 1))
    assert parameter("reward.cap", region=None, on=date(2026, 5, 1)) == 9


@pytest.mark.django_db(transaction=True)
def test_set_parameter_rolled_back_is_forgotten() -> None:
    with transaction.atomic():
        _set(9, date(2026, 1, 1))
        assert parameter("reward.cap", region=None, on=date(2026, 5, 1)) == 9
        transaction.set_rollback(True)
    assert parameter("reward.cap", region=None, on=date(2026, 5, 1), default="gone") == "gone"
