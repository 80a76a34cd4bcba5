"""The register of payouts."""

import io

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from lianxin.kernel.ledger.models import Payout
from tests.kernel.ledger.conftest import PAYEE, Cast, paid, propose, raise_case, released, sent
from tests.web.test_meta import statements


def tab_of(client: Client, payout: Payout) -> list[str]:
    """The tabs in which a payout stands."""
    names = ["first", "second", "to_send", "sent", "paid", "failed", "ended"]
    return [
        name
        for name in names
        if payout.case.number in client.get("/money/payouts/", {"tab": name}).content.decode()
    ]


def test_payout_stands_in_one_tab_at_a_time(cast: Cast, payout: Payout, finance: Client) -> None:
    assert tab_of(finance, payout) == ["first"]
    sent(cast, payout)
    assert tab_of(finance, payout) == ["sent"]


def test_payout_released_waits_to_be_sent(cast: Cast, payout: Payout, finance: Client) -> None:
    released(cast, payout)
    assert tab_of(finance, payout) == ["to_send"]


def test_payout_paid_is_in_its_tab(cast: Cast, payout: Payout, finance: Client) -> None:
    paid(cast, payout)
    assert tab_of(finance, payout) == ["paid"]


def test_payouts_open_at_the_first_tab_that_holds_something(
    cast: Cast, payout: Payout, finance: Client
) -> None:
    sent(cast, payout)
    page = finance.get("/money/payouts/").content.decode()
    assert payout.case.number in page
    assert "tab=sent" in page.split("download>")[0].rsplit("href=", 1)[1]


@pytest.mark.parametrize("asked", [{"tab": "nonsense"}, {"fund": "x"}, {"after": "x"}, {"after": "1"}])
def test_payouts_bear_any_address(cast: Cast, payout: Payout, finance: Client, asked: dict[str, str]) -> None:
    assert finance.get("/money/payouts/", asked).status_code == 200


def test_payouts_never_show_the_payee(cast: Cast, payout: Payout, finance: Client) -> None:
    page = finance.get("/money/payouts/").content.decode()
    case = finance.get(f"/case/{payout.case.number}/").content.decode()
    sheet = finance.get("/money/payouts/export/", {"format": "csv"}).content.decode()
    for text in (page, case, sheet):
        assert PAYEE.account not in text
        assert PAYEE.name not in text


def test_export_holds_the_tab(cast: Cast, payout: Payout, finance: Client) -> None:
    answer = finance.get("/money/payouts/export/", {"tab": "first"})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert [rows[1][0], rows[1][4]] == [payout.case.number, 500]


def test_case_page_of_a_payout_shows_its_facts(cast: Cast, payout: Payout, finance: Client) -> None:
    page = finance.get(f"/case/{payout.case.number}/").content.decode()
    assert "密封保存" in page


@pytest.mark.parametrize("path", ["/money/", "/money/payouts/", "/money/{fund}/", "/money/payouts/export/"])
def test_register_costs_the_same_with_one_row_and_with_more(
    cast: Cast, payout: Payout, finance: Client, path: str
) -> None:
    path = path.format(fund=cast.fund.pk)
    finance.get(path)
    first = statements(finance, path)
    for _ in range(6):
        propose(cast, raise_case(cast).case)
    assert statements(finance, path) == first
