"""Bodies and places: founded, moved, renamed, dissolved."""

from datetime import date

import pytest

from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.orgs.models import Enterprise, Organization, Site, Superior
from lianxin.kernel.orgs.services import (
    create_enterprise,
    create_organization,
    create_site,
    dissolve_organization,
    move_organization,
    move_site,
    rename_organization,
    replace_site_token,
    retire_site,
    set_superior,
)
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.refusals import Conflict, Refused
from tests.kernel.orgs.conftest import AT, Kind, Nation

Level = Organization.Level


def test_create_organization_gives_path_level_and_log(nation: Nation) -> None:
    town = create_organization(
        "  新港   街道总工会 ",
        kind=Kind.FEDERATION,
        parent=nation.county,
        actor=SYSTEM,
        at=AT,
        name_en="Xingang",
    )
    assert town.name == "新港 街道总工会"
    assert town.level == Level.TOWN
    assert town.path == nation.county.path + "0001"
    assert town.jurisdiction_path == town.path
    assert town.valid_from == date(2026, 3, 2)
    entry = LogEntry.objects.get(stream=f"organization:{town.pk}")
    assert (entry.action, entry.actor) == ("organization.create", "system")


def test_create_organization_inherits_the_region(nation: Nation, region_codes: None) -> None:
    Organization.objects.filter(pk=nation.county.pk).update(region_id="210804")
    nation.county.refresh_from_db()
    town = create_organization("甲", kind=Kind.FEDERATION, parent=nation.county, actor=SYSTEM, at=AT)
    assert town.region_id == "210804"


def test_create_organization_counts_children_in_base_36(nation: Nation) -> None:
    Organization.objects.filter(pk=nation.county.pk).update(next_child=36**4 - 1)
    last = create_organization("末", kind=Kind.FEDERATION, parent=nation.county, actor=SYSTEM, at=AT)
    assert last.path == nation.county.path + "zzzz"
    assert last.path < nation.county.path + "~"


@pytest.mark.parametrize(
    ("kind", "of", "acts_on"),
    [
        (Kind.SAFETY_OFFICE, "city", "parent"),
        (Kind.AUTHORITY, "county", "parent"),
        (Kind.ENTERPRISE_UNION, "harbour", "parent"),
        (Kind.ENTERPRISE_UNION, "town", "itself"),
        (Kind.INDUSTRY, "city", "itself"),
        (Kind.PARTNER, "city", "itself"),
    ],
)
def test_create_organization_acts_on_the_territory_where_it_stands(
    nation: Nation, kind: str, of: str, acts_on: str
) -> None:
    parent = getattr(nation, of)
    body = create_organization("某单位", kind=kind, parent=parent, actor=SYSTEM, at=AT)
    assert body.jurisdiction_path == {"parent": parent.path, "itself": body.path}[acts_on]


@pytest.mark.parametrize(
    ("kind", "of", "level", "code"),
    [
        (Kind.FEDERATION, "harbour", None, "parent_kind_wrong"),
        (Kind.SAFETY_OFFICE, "harbour", None, "parent_kind_wrong"),
        (Kind.ENTERPRISE, "office", None, "parent_kind_wrong"),
        (Kind.FEDERATION, "county", Level.COUNTY, "level_not_below"),
        (Kind.SAFETY_OFFICE, "county", Level.CITY, "level_not_below"),
        (Kind.ENTERPRISE, "town", Level.COMMUNITY, "level_wrong"),
    ],
)
def test_create_organization_refuses_a_wrong_place(
    nation: Nation, kind: str, of: str, level: int | None, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        create_organization("某", kind=kind, parent=getattr(nation, of), level=level, actor=SYSTEM, at=AT)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("name", "code", "refused"), [(" ", "", "name_missing"), ("甲", "123", "code_invalid")]
)
def test_create_organization_refuses_bad_words(nation: Nation, name: str, code: str, refused: str) -> None:
    with pytest.raises(Refused) as refusal:
        create_organization(name, kind=Kind.ENTERPRISE, parent=nation.town, code=code, actor=SYSTEM, at=AT)
    assert refusal.value.code == refused


def test_create_organization_refuses_a_code_that_somebody_has(nation: Nation) -> None:
    create_enterprise("甲", parent=nation.town, code="91110000600037341L", actor=SYSTEM, at=AT)
    with pytest.raises(Conflict) as refusal:
        create_enterprise("甲", parent=nation.town, code="91110000600037341l", actor=SYSTEM, at=AT)
    assert refusal.value.code == "code_taken"
    assert Organization.objects.filter(name="甲").count() == 1


def test_create_organization_refuses_a_dissolved_parent(nation: Nation) -> None:
    dissolve_organization(nation.other_city, last_day=date(2026, 4, 1), actor=SYSTEM, at=AT)
    with pytest.raises(Refused) as refusal:
        create_organization("乙", kind=Kind.FEDERATION, parent=nation.other_city, actor=SYSTEM, at=AT)
    assert refusal.value.code == "parent_dissolved"


def test_create_organization_refuses_a_tree_too_deep(nation: Nation) -> None:
    parent = nation.harbour
    while len(parent.path) < 64:
        parent = create_enterprise("子公司", parent=parent, actor=SYSTEM, at=AT)
    with pytest.raises(Refused) as refusal:
        create_enterprise("再下一级", parent=parent, actor=SYSTEM, at=AT)
    assert refusal.value.code == "too_deep"


def test_create_enterprise_keeps_what_is_known(nation: Nation) -> None:
    assert Enterprise.objects.get(organization=nation.harbour).industry == "G"
    assert Enterprise.objects.get(organization=nation.foundry).headcount == 180
    assert nation.harbour.level == Level.ENTERPRISE


def test_move_organization_takes_the_subtree_along(nation: Nation) -> None:
    old = nation.county.path
    union = create_organization(
        "码头工会", kind=Kind.ENTERPRISE_UNION, parent=nation.harbour, actor=SYSTEM, at=AT
    )
    moved = move_organization(nation.county, parent=nation.other_city, actor=SYSTEM, at=AT, reason="区划调整")
    assert moved.path.startswith(nation.other_city.path)
    assert not Organization.objects.filter(path__startswith=old).exists()
    for body in (nation.town, nation.harbour, nation.foundry, union):
        before = body.path
        body.refresh_from_db()
        assert body.path == moved.path + before[len(old) :]
    nation.harbour.refresh_from_db()
    assert union.jurisdiction_path == nation.harbour.path
    assert Organization.objects.get(pk=nation.county.pk).parent_id == nation.other_city.pk
    assert nation.other_city.children.get() == nation.county


def test_move_organization_gives_an_office_its_new_territory(nation: Nation) -> None:
    move_organization(nation.office, parent=nation.other_city, actor=SYSTEM, at=AT)
    nation.office.refresh_from_db()
    assert nation.office.jurisdiction_path == nation.other_city.path


def test_move_organization_to_the_top_makes_a_root(nation: Nation) -> None:
    moved = move_organization(nation.city, parent=None, actor=SYSTEM, at=AT)
    assert (len(moved.path), moved.parent) == (4, None)
    assert Organization.objects.get(pk=nation.harbour.pk).path.startswith(moved.path)


@pytest.mark.parametrize(
    ("body", "to", "code"),
    [
        ("city", "county", "inside_itself"),
        ("city", "city", "inside_itself"),
        ("county", "industry", "parent_kind_wrong"),
        ("city", "county_of_the_other", "level_not_below"),
    ],
)
def test_move_organization_refuses_where_it_cannot_stand(
    nation: Nation, body: str, to: str, code: str
) -> None:
    county = create_organization(
        "别县总工会", kind=Kind.FEDERATION, parent=nation.other_city, actor=SYSTEM, at=AT
    )
    moving = getattr(nation, body)
    before = moving.path
    with pytest.raises(Refused) as refusal:
        move_organization(
            moving, parent=county if to == "county_of_the_other" else getattr(nation, to), actor=SYSTEM, at=AT
        )
    assert refusal.value.code == code
    assert Organization.objects.get(pk=moving.pk).path == before


def test_rename_organization_keeps_the_old_name_in_the_log(nation: Nation) -> None:
    rename_organization(nation.county, "新东港区总工会", actor=SYSTEM, at=AT)
    nation.county.refresh_from_db()
    assert nation.county.name == "新东港区总工会"
    assert "东港区总工会" in LogEntry.objects.get(action="organization.rename").body


def test_dissolve_organization_retires_its_places(nation: Nation) -> None:
    site = create_site("老厂区", organization=nation.foundry, actor=SYSTEM, at=AT)
    dissolve_organization(nation.foundry, last_day=date(2026, 6, 30), actor=SYSTEM, at=AT)
    nation.foundry.refresh_from_db()
    site.refresh_from_db()
    assert (nation.foundry.active, nation.foundry.valid_to, site.active) == (False, date(2026, 6, 30), False)
    with pytest.raises(Conflict):
        dissolve_organization(nation.foundry, last_day=date(2026, 7, 1), actor=SYSTEM, at=AT)


@pytest.mark.parametrize(
    ("body", "day", "code"),
    [("town", date(2026, 6, 30), "has_children"), ("foundry", date(2020, 1, 1), "dissolved_before_founding")],
)
def test_dissolve_organization_refuses(nation: Nation, body: str, day: date, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        dissolve_organization(getattr(nation, body), last_day=day, actor=SYSTEM, at=AT)
    assert refusal.value.code == code


def test_set_superior_names_changes_and_ends(nation: Nation) -> None:
    line = Superior.Line.INDUSTRY
    set_superior(nation.foundry, superior=nation.industry, line=line, actor=SYSTEM, at=AT)
    second = create_organization(
        "海州市港口工会", kind=Kind.INDUSTRY, parent=nation.city, actor=SYSTEM, at=AT
    )
    set_superior(nation.foundry, superior=second, line=line, actor=SYSTEM, at=AT)
    assert Superior.objects.get(organization=nation.foundry).superior == second
    set_superior(nation.foundry, superior=None, line=line, actor=SYSTEM, at=AT)
    assert not Superior.objects.exists()
    with pytest.raises(Refused) as refusal:
        set_superior(nation.foundry, superior=nation.town, line=line, actor=SYSTEM, at=AT)
    assert refusal.value.code == "not_an_industry_union"
    set_superior(nation.foundry, superior=nation.town, line=Superior.Line.FUNDING, actor=SYSTEM, at=AT)


def _dock(nation: Nation) -> tuple[Site, Site, Site]:
    dock = create_site("一号泊位", organization=nation.harbour, actor=SYSTEM, at=AT)
    area = create_site("堆场", organization=nation.harbour, parent=dock, kind="area", actor=SYSTEM, at=AT)
    crane = create_site(
        "2号门机",
        organization=nation.harbour,
        parent=area,
        kind="equipment",
        equipment_kind="crane",
        actor=SYSTEM,
        at=AT,
    )
    return dock, area, crane


def test_create_site_grows_a_tree_with_unguessable_tokens(nation: Nation) -> None:
    dock, area, crane = _dock(nation)
    assert crane.path == area.path + "0000" == dock.path + "00000000"
    assert len(dock.path) == 8
    tokens = {dock.token, area.token, crane.token}
    assert len(tokens) == 3
    assert all(len(token) >= 16 for token in tokens)  # six bits a character: 96 and more


def test_create_site_refuses_another_enterprise_and_equipment_as_parent(nation: Nation) -> None:
    dock, _, crane = _dock(nation)
    with pytest.raises(Refused) as refusal:
        create_site("甲", organization=nation.foundry, parent=dock, actor=SYSTEM, at=AT)
    assert refusal.value.code == "site_elsewhere"
    with pytest.raises(Refused) as refusal:
        create_site("乙", organization=nation.harbour, parent=crane, actor=SYSTEM, at=AT)
    assert refusal.value.code == "equipment_is_a_leaf"


def test_move_site_keeps_tokens_and_brings_what_stands_in_it(nation: Nation) -> None:
    dock, area, crane = _dock(nation)
    hall = create_site("机修车间", organization=nation.harbour, actor=SYSTEM, at=AT)
    token = crane.token
    move_site(area, parent=hall, actor=SYSTEM, at=AT)
    crane.refresh_from_db()
    assert (crane.path, crane.token) == (hall.path + "00000000", token)
    move_site(area, parent=None, actor=SYSTEM, at=AT)
    crane.refresh_from_db()
    assert crane.path == area.path + "0000"
    with pytest.raises(Refused) as refusal:
        move_site(dock, parent=dock, actor=SYSTEM, at=AT)
    assert refusal.value.code == "inside_itself"


def test_retire_site_takes_what_stands_in_it(nation: Nation) -> None:
    dock, area, crane = _dock(nation)
    retire_site(area, actor=SYSTEM, at=AT, reason="拆除")
    assert list(Site.objects.filter(active=True)) == [dock]
    crane.refresh_from_db()
    assert not crane.active


def test_replace_site_token_ends_the_old_code(nation: Nation) -> None:
    dock, _, _ = _dock(nation)
    before = dock.token
    replace_site_token(dock, actor=SYSTEM, at=AT, reason="标牌丢失")
    assert Site.objects.get(pk=dock.pk).token != before
    assert before not in LogEntry.objects.get(action="site.replace_token").body
