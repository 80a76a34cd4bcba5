"""The export, judged by Beancount itself."""

import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Balance, Open, Transaction
from django.core.management import CommandError, call_command

from lianxin.kernel import scope
from lianxin.kernel.ledger import services
from lianxin.kernel.ledger.beancount import account_name, beancount_lines, decimal_yuan
from lianxin.kernel.ledger.models import Account, Entry
from lianxin.kernel.money import Money
from tests.kernel.ledger.conftest import NOON, Cast, paid, propose, raise_case


def busy(cast: Cast) -> Cast:
    """The fund after some business, with a day between the acts."""
    paid(cast, propose(cast, raise_case(cast).case), after=timedelta(days=4))
    propose(cast, raise_case(cast).case, yuan=700)
    wrong = services.fund_in(
        cast.fund,
        amount=Money(12_345),
        actor=cast.finance,
        at=NOON + timedelta(days=9),
        idempotency_key='odd "key" \\',
    )
    services.reverse_entry(
        wrong, reason="录错", actor=cast.finance, at=NOON + timedelta(days=10), idempotency_key="undo"
    )
    return cast


def export(*options: object) -> str:
    out = StringIO()
    call_command("export_ledger", *options, stdout=out)
    return out.getvalue()


def test_beancount_agrees_with_every_balance(cast: Cast) -> None:
    text = export("--fund", busy(cast).fund.pk)
    entries, errors, _ = loader.load_string(text)
    assert errors == []
    with scope.use(scope.EVERYTHING):
        ours = {account_name(a): decimal_yuan(a.balance) for a in Account.objects.filter(fund=cast.fund)}
        count = Entry.objects.filter(fund=cast.fund).count()
    assert {e.account: str(e.amount.number) for e in entries if isinstance(e, Balance)} == ours
    assert {e.account for e in entries if isinstance(e, Open)} == set(ours)
    assert sum(isinstance(e, Transaction) for e in entries) == count


def test_beancount_notices_a_difference_of_one_fen(cast: Cast) -> None:
    text = export()
    assert loader.load_string(text)[1] == []
    assert len(loader.load_string(text.replace("395000.00 ~", "395000.01 ~"))[1]) == 1


def test_export_is_the_same_text_each_time_and_bean_check_accepts_it(cast: Cast, tmp_path: Path) -> None:
    busy(cast)
    out = tmp_path / "ledger.beancount"
    call_command("export_ledger", "--out", str(out), stderr=StringIO())
    assert out.read_text(encoding="utf-8") == export()
    assert list(tmp_path.iterdir()) == [out]
    checked = subprocess.run(
        [Path(sys.executable).with_name("bean-check"), "--no-cache", out], capture_output=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, b"")


def test_export_of_one_fund_holds_no_other(cast: Cast) -> None:
    other = services.open_fund(
        cast.city, name="另一笔", year=2025, partner=cast.office, actor=cast.finance, at=NOON
    )
    services.fund_in(other, amount=Money(5), actor=cast.finance, at=NOON, idempotency_key="other")
    assert f"Fund{other.pk}:" not in export("--fund", cast.fund.pk)
    assert f"Fund{other.pk}:" in export()


def test_export_of_a_fund_that_is_not_there_fails(cast: Cast) -> None:
    with pytest.raises(CommandError, match="no fund 0"):
        export("--fund", 0)


def test_a_fund_without_entries_exports_nothing(cast: Cast) -> None:
    empty = services.open_fund(
        cast.city, name="空", year=2025, partner=cast.office, actor=cast.finance, at=NOON
    )
    with scope.use(scope.EVERYTHING):
        assert [line for line in beancount_lines([empty]) if "option" not in line] == []


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123_456_789, "1234567.89")]
)
def test_fen_are_written_as_yuan(fen: int, text: str) -> None:
    assert decimal_yuan(fen) == text
