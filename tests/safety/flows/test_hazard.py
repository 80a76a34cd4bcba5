"""A hazard report from the first photo to closing."""

from lianxin.kernel import scope
from lianxin.kernel.cases.services import perform, wake_due
from lianxin.safety.models import HazardReport
from tests.safety.conftest import NOON, Cast, Walk, fresh, later, report


def test_hazard_closes_after_the_window(cast: Cast) -> None:
    case = report(cast, "围堰缺少跨步梯").case
    assert (case.status, case.owner, case.owner_role) == ("submitted", cast.county, "union_officer")
    walked = Walk(cast, case).to("verify")
    assert walked.status == "verified"
    assert wake_due(at=later(6)) == 0
    assert wake_due(at=later(8)) == 1
    closed = fresh(case)
    assert (closed.status, closed.outcome, closed.closed_at) == ("closed", "closed", later(8))
    with scope.use(scope.EVERYTHING):
        detail = HazardReport.objects.get(case=case)
        assert (detail.law_grade, detail.risk_grade) == ("general", "larger")


def test_hazard_closes_when_the_reporter_confirms(cast: Cast) -> None:
    case = report(cast).case
    Walk(cast, case).to("verify")
    perform(case, "confirm", actor=cast.worker, at=NOON)
    assert fresh(case).outcome == "confirmed"
