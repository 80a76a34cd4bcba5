"""Funds, entries, and the ledger for auditors."""

import io

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from lianxin.kernel.ledger.models import Payout
from tests.kernel.ledger.conftest import Cast
from tests.web.casework.conftest import Browser

INSIDERS = ["finance", "first_key", "second_key", "auditor"]
OUTSIDERS = ["worker", "manager", "county_officer"]
PAGES = ["/money/", "/money/payouts/", "/money/batches/", "/money/payouts/export/"]


@pytest.mark.parametrize("who", INSIDERS)
@pytest.mark.parametrize("path", PAGES)
def test_money_is_open_to_its_people(
    cast: Cast, payout: Payout, signed: Browser, who: str, path: str
) -> None:
    assert signed(getattr(cast, who)).get(path).status_code == 200


@pytest.mark.parametrize("who", OUTSIDERS)
@pytest.mark.parametrize(
    "path", [*PAGES, "/money/{pk}/", "/money/{pk}/entries/export/", "/money/{pk}/beancount/"]
)
def test_money_is_closed_to_enterprise_and_line(
    cast: Cast, payout: Payout, signed: Browser, who: str, path: str
) -> None:
    assert signed(getattr(cast, who)).get(path.format(pk=cast.fund.pk)).status_code == 403


def test_money_sends_a_stranger_to_sign_in(cast: Cast, client: Client) -> None:
    assert client.get("/money/").status_code == 302


def test_funds_show_how_each_line_stands(cast: Cast, payout: Payout, finance: Client) -> None:
    page = finance.get("/money/").content.decode()
    assert "专项资金" in page
    assert "报告奖励" in page
    assert "400,000" in page
    assert "预留 500 元" in page


def test_funds_of_another_union_are_not_there(cast: Cast, elsewhere: Client) -> None:
    client = elsewhere
    assert client.get(f"/money/{cast.fund.pk}/").status_code == 404
    assert "报告奖励" not in client.get("/money/").content.decode()


def test_fund_lists_entries_and_says_that_they_agree(cast: Cast, payout: Payout, finance: Client) -> None:
    page = finance.get(f"/money/{cast.fund.pk}/").content.decode()
    assert "账实相符" in page
    assert payout.case.number in page
    assert "报告奖励 · 可用 → 报告奖励 · 预留" in page


@pytest.mark.parametrize(
    ("chosen", "seen"),
    [
        ({"kind": "reserve"}, True),
        ({"kind": "fund_in"}, False),
        ({"since": "2025-06-10"}, False),
        ({"until": "2025-06-09"}, True),
        ({"until": "nonsense", "kind": "wrong", "line": "x"}, True),
    ],
)
def test_fund_filters_its_entries(
    cast: Cast, payout: Payout, finance: Client, chosen: dict[str, str], *, seen: bool
) -> None:
    page = finance.get(f"/money/{cast.fund.pk}/", chosen).content.decode()
    assert (payout.case.number in page) is seen


def test_fund_filters_by_line(cast: Cast, payout: Payout, finance: Client) -> None:
    address = f"/money/{cast.fund.pk}/"
    assert payout.case.number in finance.get(address, {"line": cast.line.pk}).content.decode()
    assert payout.case.number not in finance.get(address, {"line": cast.other_line.pk}).content.decode()


def test_export_holds_the_filtered_entries(cast: Cast, payout: Payout, finance: Client) -> None:
    answer = finance.get(f"/money/{cast.fund.pk}/entries/export/", {"kind": "reserve"})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert len(rows) == 2
    assert rows[1][3] == 500


def test_beancount_is_handed_to_the_auditor(cast: Cast, payout: Payout, signed: Browser) -> None:
    answer = signed(cast.auditor).get(f"/money/{cast.fund.pk}/beancount/")
    assert "attachment" in answer["Content-Disposition"]
    assert payout.case.number in answer.content.decode()


def test_fund_page_is_in_english_too(cast: Cast, payout: Payout, finance: Client) -> None:
    finance.cookies["django_language"] = "en"
    assert (
        "The balances are what the entries add up to"
        in finance.get(f"/money/{cast.fund.pk}/").content.decode()
    )
