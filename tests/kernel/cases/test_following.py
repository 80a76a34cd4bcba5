"""Following a case by its receipt code, and guessing codes."""

from datetime import timedelta

import pytest

from lianxin.kernel.cases.following import TRIES, WINDOW_SECONDS, follow_receipt
from lianxin.kernel.cases.receipts import new_receipt
from lianxin.kernel.people.actors import NOBODY
from lianxin.kernel.people.models import Throttle
from lianxin.kernel.refusals import NotFound, TooMany
from tests.kernel.cases.conftest import NOON, Town, found

SOURCE = "192.0.2.7"


def guess(times: int, *, source: str = SOURCE) -> None:
    for _ in range(times):
        with pytest.raises(NotFound):
            follow_receipt(new_receipt(), source=source, at=NOON)


def test_follow_receipt_gives_its_case(town: Town) -> None:
    opened = found(town, actor=NOBODY, mode="anonymous")
    assert follow_receipt(str(opened.receipt), source=SOURCE, at=NOON).case == opened.case


def test_follow_receipt_is_refused_after_many_guesses(town: Town) -> None:
    opened = found(town, actor=NOBODY, mode="anonymous")
    guess(TRIES)
    with pytest.raises(TooMany) as caught:
        follow_receipt(str(opened.receipt), source=SOURCE, at=NOON)
    assert 0 < caught.value.retry_after <= WINDOW_SECONDS
    # Elsewhere, and later, the right code opens.
    assert follow_receipt(str(opened.receipt), source="192.0.2.8", at=NOON).case == opened.case
    later = NOON + timedelta(seconds=WINDOW_SECONDS)
    assert follow_receipt(str(opened.receipt), source=SOURCE, at=later).case == opened.case


def test_follow_receipt_forgives_the_wrong_codes_before_a_right_one(town: Town) -> None:
    opened = found(town, actor=NOBODY, mode="anonymous")
    guess(TRIES - 1)
    follow_receipt(str(opened.receipt), source=SOURCE, at=NOON)
    guess(TRIES)


def test_follow_receipt_keeps_no_address_and_no_code(town: Town) -> None:
    guess(1)
    kept = Throttle.objects.get()
    assert kept.key.startswith("receipt:")
    assert SOURCE not in kept.key
