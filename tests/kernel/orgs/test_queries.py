"""Finding regions, bodies and places."""

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lianxin.kernel.orgs.models import Site
from lianxin.kernel.orgs.queries import (
    above,
    organizations_matching,
    outermost,
    paths_opened_by,
    places_above,
    region_on,
    regions_named,
    site_with_token,
    sites_matching,
    sites_of,
    under,
)
from lianxin.kernel.orgs.services import (
    create_organization,
    create_site,
    dissolve_organization,
    retire_site,
    set_superior,
)
from lianxin.kernel.people.actors import NOBODY, SYSTEM
from lianxin.kernel.scope import Scope
from tests.kernel.orgs.conftest import AT, Kind, Nation

TODAY = date(2026, 3, 2)


@dataclass(frozen=True)
class _Viewer:
    scope: Scope


def test_region_on_follows_a_retired_code(region_codes: None) -> None:
    for code, day, now in (
        ("451281", date(2010, 1, 1), "451281"),
        ("451281", TODAY, "451203"),
        ("420821", TODAY, "420882"),
        ("452728", TODAY, "451224"),
        ("210804", TODAY, "210804"),
        ("110103", date(2005, 1, 1), "110103"),
        ("110103", TODAY, None),
        ("999999", TODAY, None),
    ):
        found = region_on(code, day)
        assert (found.code if found else None) == now


def test_regions_named_never_match_part_of_a_name(region_codes: None) -> None:
    for text, codes in (
        ("荆州", ["421000", "421003"]),
        ("荆门市", ["420800"]),
        ("荆", []),
        ("荆沙市", []),
        ("大石桥", ["210882"]),
    ):
        assert [region.code for region in regions_named(text, on=TODAY)] == codes


def test_regions_named_within_a_region_tell_namesakes_apart(region_codes: None) -> None:
    everywhere = {region.code[:2] for region in regions_named("新华区", on=TODAY)}
    assert len(everywhere) > 1
    assert [region.code for region in regions_named("新华区", on=TODAY, within="410000")] == ["410402"]


def test_under_and_above_follow_the_tree(nation: Nation) -> None:
    assert set(under(nation.county.path)) == {nation.county, nation.town, nation.harbour, nation.foundry}
    assert list(above(nation.town)) == [nation.province, nation.city, nation.county, nation.town]


def test_paths_opened_by_a_federation_and_its_office_are_its_territory(nation: Nation) -> None:
    assert paths_opened_by(nation.city) == paths_opened_by(nation.office) == (nation.city.path,)


def test_paths_opened_by_an_industry_union_reach_the_seconded(nation: Nation) -> None:
    docks = create_organization(
        "海州市港口工会", kind=Kind.INDUSTRY, parent=nation.industry, actor=SYSTEM, at=AT
    )
    set_superior(nation.harbour, superior=docks, line="industry", actor=SYSTEM, at=AT)
    set_superior(nation.foundry, superior=nation.town, line="funding", actor=SYSTEM, at=AT)
    both = tuple(sorted((nation.industry.path, nation.harbour.path)))
    assert paths_opened_by(nation.industry) == both
    assert paths_opened_by(docks) == tuple(sorted((docks.path, nation.harbour.path)))
    assert paths_opened_by(nation.town) == (nation.town.path,)


@given(st.lists(st.text("ab", min_size=1, max_size=4)))
def test_outermost_covers_all_and_overlaps_nowhere(paths: list[str]) -> None:
    kept = outermost(paths)
    assert all(any(path.startswith(outer) for outer in kept) for path in paths)
    assert not [1 for one in kept for other in kept if one != other and one.startswith(other)]


def test_organizations_matching_needs_every_word(nation: Nation) -> None:
    dissolve_organization(nation.foundry, last_day=TODAY, actor=SYSTEM, at=AT)
    assert list(organizations_matching("东港 公司")) == [nation.harbour]
    assert list(organizations_matching("东港")) == [nation.county, nation.harbour]
    assert list(organizations_matching("东港", kinds=[Kind.ENTERPRISE])) == [nation.harbour]
    assert list(organizations_matching("总工会", under_path=nation.county.path)) == [
        nation.county,
        nation.town,
    ]
    assert list(organizations_matching("红星")) == []
    assert list(organizations_matching("%")) == []


def test_organizations_matching_finds_a_code(nation: Nation) -> None:
    coded = create_organization(
        "某厂", kind=Kind.ENTERPRISE, parent=nation.town, code="91110000600037341l", actor=SYSTEM, at=AT
    )
    assert list(organizations_matching(" 91110000600037341L ")) == [coded]


@pytest.fixture
def places(nation: Nation) -> dict[str, Site]:
    """A crane and a furnace, and the hall each stands in."""
    dock = create_site("一号泊位", organization=nation.harbour, actor=SYSTEM, at=AT, name_en="Berth 1")
    crane = create_site(
        "2号门机",
        organization=nation.harbour,
        parent=dock,
        kind="equipment",
        equipment_kind="gantry_crane",
        actor=SYSTEM,
        at=AT,
    )
    hall = create_site("熔炼一号车间", organization=nation.foundry, actor=SYSTEM, at=AT)
    return {"dock": dock, "crane": crane, "hall": hall}


def test_sites_matching_spreads_words_over_place_and_enterprise(
    nation: Nation, places: dict[str, Site]
) -> None:
    assert list(sites_matching(NOBODY, "东港 门机")) == [places["crane"]]
    assert list(sites_matching(NOBODY, "berth")) == [places["dock"]]
    assert list(sites_matching(NOBODY, "一号")) == [places["dock"], places["hall"]]
    assert list(sites_matching(NOBODY, "", nation.foundry)) == [places["hall"]]


def test_sites_matching_puts_near_ones_first(nation: Nation, places: dict[str, Site]) -> None:
    officer = _Viewer(Scope(narrow=(nation.foundry.path,)))
    assert list(sites_matching(officer, "一号")) == [places["hall"], places["dock"]]
    assert list(sites_matching(officer, "一号", near=nation.harbour.path)) == [places["dock"], places["hall"]]


def test_sites_matching_leaves_out_the_retired(nation: Nation, places: dict[str, Site]) -> None:
    retire_site(places["dock"], actor=SYSTEM, at=AT)
    assert list(sites_matching(NOBODY, "号")) == [places["hall"]]
    assert list(sites_of(nation.harbour)) == []


def test_sites_matching_gives_at_most_twenty(nation: Nation) -> None:
    for number in range(22):
        create_site(f"库房{number}", organization=nation.foundry, actor=SYSTEM, at=AT)
    assert len(sites_matching(NOBODY, "库房")) == 20


def test_sites_of_and_places_above_follow_the_tree(nation: Nation, places: dict[str, Site]) -> None:
    assert list(sites_of(nation.harbour)) == [places["dock"], places["crane"]]
    assert list(places_above(places["crane"])) == [places["dock"], places["crane"]]


def test_site_with_token_opens_only_what_is_in_use(nation: Nation, places: dict[str, Site]) -> None:
    assert site_with_token(places["crane"].token) == places["crane"]
    assert site_with_token("") is None
    assert site_with_token("nothing") is None
    dissolve_organization(nation.harbour, last_day=TODAY, actor=SYSTEM, at=AT)
    assert site_with_token(places["crane"].token) is None
