"""Two reports side by side, and merging one into the other."""

import pytest

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from tests.safety.conftest import Cast, fresh, report
from tests.web.casework.conftest import Browser


@pytest.fixture
def pair(cast: Cast) -> tuple[Case, Case]:
    """An earlier and a later report of the same tank."""
    return report(cast, "围堰没有跨步梯").case, report(cast, "围堰处跨越容易绊倒", actor=cast.colleague).case


def test_merge_page_lays_both_beside_each_other(cast: Cast, pair: tuple[Case, Case], signed: Browser) -> None:
    page = signed(cast.county_officer).get(f"/safety/compare/{pair[1].number}/").content.decode()
    assert "围堰没有跨步梯" in page
    assert "围堰处跨越容易绊倒" in page
    assert f"?with={pair[0].number}" in page


def test_merge_page_offers_nothing_for_the_first_report(
    cast: Cast, pair: tuple[Case, Case], signed: Browser
) -> None:
    page = signed(cast.county_officer).get(f"/safety/compare/{pair[0].number}/").content.decode()
    assert "没有找到可能相同的办件" in page
    assert 'name="into"' not in page


def test_merge_page_says_when_a_number_leads_nowhere(
    cast: Cast, pair: tuple[Case, Case], signed: Browser
) -> None:
    page = signed(cast.county_officer).get(f"/safety/compare/{pair[1].number}/", {"with": "H26-XXXX"})
    assert "没有这个编号的更早同类办件" in page.content.decode()


def test_merge_binds_the_later_to_the_earlier(cast: Cast, pair: tuple[Case, Case], signed: Browser) -> None:
    answer = signed(cast.county_officer).post(
        f"/safety/compare/{pair[1].number}/", {"into": pair[0].number, "reason": "同一处"}
    )
    assert (answer.status_code, answer["Location"]) == (303, f"/case/{pair[1].number}/")
    assert fresh(pair[1]).merged_into == pair[0]


def test_merge_into_itself_is_refused_on_the_page(
    cast: Cast, pair: tuple[Case, Case], signed: Browser
) -> None:
    answer = signed(cast.county_officer).post(
        f"/safety/compare/{pair[1].number}/", {"into": pair[1].number, "reason": "同一处"}
    )
    assert answer.status_code == 422
    assert "只能并入更早的办件" in answer.content.decode()
    assert fresh(pair[1]).merged_into is None


@pytest.mark.parametrize(
    ("who", "status"), [("worker", 403), ("manager", 404), ("foreign_officer", 404), ("safety_officer", 200)]
)
def test_merge_page_is_for_those_who_see_the_case(
    cast: Cast, pair: tuple[Case, Case], signed: Browser, who: str, status: int
) -> None:
    assert signed(getattr(cast, who)).get(f"/safety/compare/{pair[1].number}/").status_code == status


def test_merge_of_suggestions_shows_what_they_share(cast: Cast, signed: Browser) -> None:
    client = signed(cast.worker)
    told = {
        "problem": "吊车限位器失灵",
        "proposal": "加装限位器报警",
        "mode": "named",
        "chosen_place": f"organization:{cast.plant.pk}",
    }
    client.post("/safety/suggest/", told)
    signed(cast.colleague).post("/safety/suggest/", {**told, "proposal": "限位器失灵时报警"})
    with scope.use(scope.EVERYTHING):
        later = Case.objects.filter(kind="suggestion").latest("pk")
    page = signed(cast.county_officer).get(f"/safety/compare/{later.number}/").content.decode()
    assert "共同的词" in page
    assert "限位器" in page
    assert "%" in page
