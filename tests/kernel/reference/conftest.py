"""Four levels of regions, from the national list."""

from collections.abc import Iterator
from datetime import date

import pytest

from lianxin.kernel import scope
from lianxin.kernel.orgs.models import Region

START = date(2020, 1, 1)


def plant_regions() -> None:
    """A province, its prefecture and county, and another prefecture."""
    for code, name, level, parent in (
        ("210000", "辽宁省", 1, None),
        ("210800", "营口市", 2, "210000"),
        ("210804", "鲅鱼圈区", 3, "210800"),
        ("211400", "葫芦岛市", 2, "210000"),
    ):
        Region.objects.create(code=code, name=name, level=level, parent_id=parent, valid_from=START)


@pytest.fixture
def regions(db: None) -> Iterator[None]:
    """Some regions, under the widest scope."""
    with scope.use(scope.EVERYTHING):
        plant_regions()
        yield
