"""Grading a report of several hazards on one page."""

import pytest

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.queues import Order, Wanted, queue_lines
from lianxin.kernel.cases.services import perform
from tests.safety.conftest import NOON, Cast, fresh, grades, report
from tests.web.casework.conftest import Browser


@pytest.fixture
def accepted(cast: Cast) -> Case:
    """A report of two hazards, accepted."""
    case = report(cast, "围堰缺少跨步梯", "护栏松动").case
    return perform(case, "accept", actor=cast.county_officer, at=NOON)


def path(case: Case) -> str:
    return f"/safety/grade/{case.number}/"


ANSWERS = {**grades(1), **grades(2, likelihood="1"), "own_duty": "outside"}


def test_grade_page_has_a_group_for_each_hazard(cast: Cast, accepted: Case, signed: Browser) -> None:
    page = signed(cast.expert).get(path(accepted)).content.decode()
    assert page.count('id="hazard-') == 2
    assert "护栏松动" in page
    assert "选齐各项后在这里显示" in page


def test_grade_takes_every_hazard_at_once(cast: Cast, accepted: Case, signed: Browser) -> None:
    answer = signed(cast.expert).post(path(accepted), ANSWERS)
    assert (answer.status_code, answer["Location"]) == (303, f"/case/{accepted.number}/")
    assert fresh(accepted).status == "graded"


def test_grade_with_a_gap_comes_back_with_the_fault(cast: Cast, accepted: Case, signed: Browser) -> None:
    answer = signed(cast.expert).post(path(accepted), {**ANSWERS, "law_grade_2": ""})
    assert answer.status_code == 422
    assert "请选择" in answer.content.decode()
    assert fresh(accepted).status == "accepted"


def test_reckon_shows_the_score_without_grading(cast: Cast, accepted: Case, signed: Browser) -> None:
    answer = signed(cast.expert).post(path(accepted), {**ANSWERS, "reckon": "1"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "D = L×E×C = 6×6×7 = 252" in page
    assert "较大风险" in page
    assert fresh(accepted).status == "accepted"


def test_risk_answers_with_the_score_of_one_hazard(cast: Cast, accepted: Case, signed: Browser) -> None:
    client = signed(cast.expert)
    told = client.get(
        f"{path(accepted)}risk/2/", {"likelihood_2": "10", "exposure_2": "6", "consequence_2": "15"}
    )
    assert "= 900" in told.content.decode()
    assert "重大风险" in told.content.decode()


@pytest.mark.parametrize("likelihood", ["", "NaN", "Infinity", "x"])
def test_risk_says_nothing_while_a_factor_is_missing(
    cast: Cast, accepted: Case, signed: Browser, likelihood: str
) -> None:
    told = signed(cast.expert).get(
        f"{path(accepted)}risk/1/", {"likelihood_1": likelihood, "exposure_1": "6", "consequence_1": "7"}
    )
    assert told.status_code == 200
    assert "选齐各项" in told.content.decode()


@pytest.mark.parametrize(
    ("who", "status"), [("worker", 403), ("county_officer", 403), ("manager", 404), ("foreign_officer", 404)]
)
def test_grade_is_for_an_expert(cast: Cast, accepted: Case, signed: Browser, who: str, status: int) -> None:
    assert signed(getattr(cast, who)).get(path(accepted)).status_code == status
    assert signed(getattr(cast, who)).post(path(accepted), ANSWERS).status_code == status


def test_grade_before_accepting_is_refused(cast: Cast, signed: Browser) -> None:
    case = report(cast).case
    assert signed(cast.expert).get(path(case)).status_code == 403


def test_case_page_leads_to_the_grading_page(cast: Cast, accepted: Case, signed: Browser) -> None:
    assert path(accepted) in signed(cast.expert).get(f"/case/{accepted.number}/").content.decode()


def test_queue_is_read_by_the_weight_of_what_was_graded(cast: Cast, signed: Browser) -> None:
    graded = []
    for changes in ({"likelihood": "1"}, {"law_grade": "major", "clause": "HG-3"}, {}):
        case = report(cast, "围堰缺少跨步梯").case
        perform(case, "accept", actor=cast.county_officer, at=NOON)
        answers = {**grades(1, **changes), "own_duty": "outside"}
        graded.append(perform(case, "grade", actor=cast.expert, at=NOON, **answers))
    low, major, larger = graded
    client = signed(cast.safety_officer)
    by_deadline = client.get("/queue/").content.decode()
    assert '<a href="?tab=mine&amp;sort=weight">按轻重</a>' in by_deadline
    assert "重大隐患" not in by_deadline
    page = client.get("/queue/?sort=weight").content.decode()
    places = [page.index(f'href="/case/{case.number}/"') for case in (major, larger, low)]
    assert places == sorted(places)
    # Nothing that waits for a union officer has been graded.
    officer = signed(cast.county_officer)
    assert "按轻重" not in officer.get("/queue/").content.decode()
    # Asked for by an address all the same, it is said to be the order.
    report(cast, "灭火器过期")
    asked = officer.get("/queue/?sort=weight").content.decode()
    assert '<a href="?tab=mine&amp;sort=weight" aria-current="true">按轻重</a>' in asked
    # Each says why it stands where it does.
    assert [page.count(word) for word in ("重大隐患", "较大风险（橙）")] == [1, 1]
    # From the heaviest to the next, and on behind it.
    assert (
        f'href="/case/{larger.number}/" rel="next"' in client.get(f"/case/{major.number}/").content.decode()
    )
    assert f'href="/case/{low.number}/" rel="next"' in client.get(f"/case/{larger.number}/").content.decode()


def test_queue_by_weight_goes_on_behind_a_page(cast: Cast) -> None:
    cases = []
    for likelihood in ("6", "6", "1"):
        case = report(cast, "围堰缺少跨步梯").case
        perform(case, "accept", actor=cast.county_officer, at=NOON)
        answers = {**grades(1, likelihood=likelihood), "own_duty": "outside"}
        cases.append(perform(case, "grade", actor=cast.expert, at=NOON, **answers).pk)
    wanted, after = Wanted(order=Order.WEIGHT), None
    got: list[int] = []
    with scope.use(cast.safety_officer.scope):
        for _ in range(3):
            page = queue_lines(cast.safety_officer, wanted, at=NOON, after=after, size=1)
            got, after = [*got, *(case.pk for case in page.cases)], page.after
    assert (got, after) == (cases, None)
