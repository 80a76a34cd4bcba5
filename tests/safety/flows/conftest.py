"""A report on its way, for the stories about hazards."""

import pytest

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from lianxin.safety.models import HazardReport
from tests.safety.conftest import Cast, Walk, grades, report

MAJOR = grades(law_grade="major", clause="HG-3")


@pytest.fixture
def case(cast: Cast) -> Case:
    """A named report about one hazard, just submitted."""
    return report(cast, "围堰缺少跨步梯").case


@pytest.fixture
def walk(cast: Cast, case: Case) -> Walk:
    """The report on its way."""
    return Walk(cast, case)


def detail(case: Case) -> HazardReport:
    """The facts as they stand now."""
    with scope.use(scope.EVERYTHING):
        return HazardReport.objects.get(case=case)
