"""Each try counts, also of many at once."""

from datetime import timedelta

import pytest

from lianxin.kernel.people.models import Throttle
from lianxin.kernel.people.throttles import forgive, sweep_throttles, throttle
from lianxin.kernel.refusals import TooMany
from tests.cast import AT, phone_number
from tests.kernel.audit.conftest import in_threads

pytestmark = pytest.mark.django_db
KEY = f"code:{phone_number(1)}"


def test_throttle_counts_up_to_the_limit_and_says_when_to_come_back() -> None:
    late = AT + timedelta(seconds=50)
    assert [throttle(KEY, limit=3, window_seconds=60, at=late) for _time in range(3)] == [1, 2, 3]
    with pytest.raises(TooMany) as refusal:
        throttle(KEY, limit=3, window_seconds=60, at=late)
    assert refusal.value.retry_after == 10
    assert throttle("code:other", limit=3, window_seconds=60, at=late) == 1
    assert throttle(KEY, limit=3, window_seconds=60, at=late + timedelta(seconds=10)) == 1


def test_forgive_forgets_the_tries_of_a_key() -> None:
    throttle(KEY, limit=1, window_seconds=60, at=AT)
    throttle("code:other", limit=1, window_seconds=60, at=AT)
    forgive(KEY)
    assert throttle(KEY, limit=1, window_seconds=60, at=AT) == 1
    with pytest.raises(TooMany):
        throttle("code:other", limit=1, window_seconds=60, at=AT)


def test_the_key_is_not_readable_in_the_table() -> None:
    throttle(KEY, limit=1, window_seconds=60, at=AT)
    stored = Throttle.objects.get().key
    assert stored.startswith("code:")
    assert phone_number(1) not in stored


def test_sweep_removes_what_is_past() -> None:
    throttle(KEY, limit=9, window_seconds=60, at=AT)
    throttle(KEY, limit=9, window_seconds=60, at=AT + timedelta(hours=1))
    assert sweep_throttles(before=AT + timedelta(minutes=5)) == 1
    assert Throttle.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_pass_only_up_to_the_limit() -> None:
    outcomes = in_threads([lambda: throttle(KEY, limit=5, window_seconds=60, at=AT)] * 12)
    assert sorted(one for one in outcomes if isinstance(one, int)) == [1, 2, 3, 4, 5]
    assert sum(isinstance(one, TooMany) for one in outcomes) == 7
