"""A city with its safety office, two counties, two plants and everybody who has to do with hazards."""

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.queries import case_for
from lianxin.kernel.cases.reporters import Reporting
from lianxin.kernel.cases.services import Opened, open_case, perform
from lianxin.kernel.clock import CHINA
from lianxin.kernel.files.prepared import Prepared, prepared
from lianxin.kernel.orgs.models import Organization, Region, Site
from lianxin.kernel.orgs.services import create_enterprise, create_organization, create_site
from lianxin.kernel.people.actors import SYSTEM, Actor, actor_for
from lianxin.kernel.people.models import Person, Role
from lianxin.kernel.people.roles import SITE_MANAGER, UNION_OFFICER, RoleKind
from lianxin.kernel.refusals import Refused
from lianxin.safety.loading import load_safety
from lianxin.safety.roles import SAFETY_EXPERT, SAFETY_OFFICE
from lianxin.safety.workflow.hazard import workflow as hazard_workflow
from tests.keeping import kept

NOON = datetime(2025, 6, 9, 12, tzinfo=CHINA)
LARGER = {"likelihood_1": "6", "exposure_1": "6", "consequence_1": "7"}


def picture(content: bytes = b"picture") -> Prepared:
    """A photo as it looks once it is ready to be kept."""
    return prepared("photo", "image/jpeg", content, width=8, height=8)


def photos(*names: str) -> dict[str, list[Prepared]]:
    """One photo for each evidence named."""
    return {name: [picture(hashlib.sha256(name.encode()).digest())] for name in names}


@dataclass(frozen=True)
class Cast:
    """The bodies and the people of these tests."""

    province: Organization
    city: Organization
    county: Organization
    other_county: Organization
    office: Organization
    plant: Organization
    other_plant: Organization
    tank: Site
    other_tank: Site
    worker: Actor
    colleague: Actor
    stranger: Actor
    manager: Actor
    other_manager: Actor
    county_officer: Actor
    city_officer: Actor
    province_officer: Actor
    foreign_officer: Actor
    expert: Actor
    second_expert: Actor
    safety_officer: Actor


def make_person(name: str, organization: Organization | None = None) -> Person:
    """A synthetic person without phone or number."""
    with scope.act():
        return Person.objects.create(
            name=name,
            organization=organization,
            organization_path=organization.path if organization else "",
            created_at=NOON,
        )


def holder(name: str, *offices: tuple[RoleKind, Organization]) -> Actor:
    """Somebody new in these offices."""
    person = make_person(name)
    with scope.act():
        for kind, organization in offices:
            Role.objects.create(
                person=person,
                kind=kind.code,
                organization=organization,
                scope_path=organization.jurisdiction_path,
                granted_at=NOON,
            )
        return actor_for(person)


@kept
def build_cast() -> Cast:
    """Province, city with its safety office, two counties with a plant and a tank each."""
    kinds = Organization.Kind
    with scope.act():
        for code in ("210000", "370000"):
            Region.objects.get_or_create(
                code=code, defaults={"name": "某省", "level": 1, "valid_from": date(1990, 1, 1)}
            )
        region, _ = Region.objects.get_or_create(
            code="210800", defaults={"name": "某市", "level": 2, "valid_from": date(1990, 1, 1)}
        )
        load_safety()
        nation = create_organization("全国", kind=kinds.FEDERATION, parent=None, actor=SYSTEM, at=NOON)
        province = create_organization("某省", kind=kinds.FEDERATION, parent=nation, actor=SYSTEM, at=NOON)
        city = create_organization(
            "某市", kind=kinds.FEDERATION, parent=province, actor=SYSTEM, at=NOON, region=region
        )
        county = create_organization("甲县", kind=kinds.FEDERATION, parent=city, actor=SYSTEM, at=NOON)
        other_county = create_organization("乙县", kind=kinds.FEDERATION, parent=city, actor=SYSTEM, at=NOON)
        office = create_organization("安委办", kind=kinds.SAFETY_OFFICE, parent=city, actor=SYSTEM, at=NOON)
        plant = create_enterprise("化工厂", parent=county, actor=SYSTEM, at=NOON, industry="C26")
        other_plant = create_enterprise("材料厂", parent=other_county, actor=SYSTEM, at=NOON, industry="C26")
        return Cast(
            province=province,
            city=city,
            county=county,
            other_county=other_county,
            office=office,
            plant=plant,
            other_plant=other_plant,
            tank=build_tank(plant),
            other_tank=build_tank(other_plant),
            worker=actor_for(make_person("职工甲", plant)),
            colleague=actor_for(make_person("职工乙", plant)),
            stranger=actor_for(make_person("路人")),
            manager=holder("现场甲", (SITE_MANAGER, plant)),
            other_manager=holder("现场乙", (SITE_MANAGER, other_plant)),
            county_officer=holder("县干部", (UNION_OFFICER, county)),
            city_officer=holder("市干部", (UNION_OFFICER, city)),
            province_officer=holder("省干部", (UNION_OFFICER, province)),
            foreign_officer=holder("外县干部", (UNION_OFFICER, other_county)),
            expert=holder("专家甲", (SAFETY_EXPERT, office)),
            second_expert=holder("专家乙", (SAFETY_EXPERT, office)),
            safety_officer=holder("安委办干部", (SAFETY_OFFICE, office)),
        )


def build_tank(plant: Organization) -> Site:
    """A plant's yard with a tank in it."""
    yard = create_site("厂区", organization=plant, actor=SYSTEM, at=NOON)
    return create_site(
        "计量罐",
        organization=plant,
        parent=yard,
        kind="equipment",
        equipment_kind="tank",
        actor=SYSTEM,
        at=NOON,
    )


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, inside the test's transaction."""
    return build_cast()


def report(
    cast: Cast,
    *texts: str,
    actor: Actor | None = None,
    mode: str = "named",
    at: datetime = NOON,
    **options: Any,
) -> Opened:
    """A hazard report about the tank, as cleaned values."""
    hazards = list(texts or ("围堰缺少跨步梯",))
    return open_case(
        hazard_workflow,
        actor=actor or cast.worker,
        at=at,
        organization=cast.plant,
        site=cast.tank,
        title=hazards[0][:60],
        data={"hazards": hazards, "spoken": {"hazards": hazards}},
        reporting=Reporting(mode=mode),
        **options,
    )


def grades(position: int = 1, **changes: str) -> dict[str, Any]:
    """The expert's answers for one hazard: general by law, D = 6 x 6 x 7 = 252, a larger risk."""
    answers = {
        "law_grade": "general",
        "likelihood": "6",
        "exposure": "6",
        "consequence": "7",
        "accident_type": "09",
        **changes,
    }
    return {f"{name}_{position}": value for name, value in answers.items()}


ORDER = {
    "responsible": "车间主任",
    "measures": "加装跨步梯",
    "measure_class": "engineering",
    "money": "3,000",
    "due_on": "2025-07-31",
    "contingency": "设警戒线，专人看守",
}
PLAN = {
    "goals": "消除隐患",
    "materials": "备件",
    "organization": "专班",
    "safety_measures": "停用该罐",
}


@dataclass(frozen=True)
class Walk:
    """Takes a report from step to step, each by whoever has to."""

    cast: Cast
    case: Case

    def to(self, name: str, **changes: Any) -> Case:
        """Go on until the step of this name has been taken; ``changes`` replace its inputs."""
        for step in ("accept", "grade", "order", "rectify", "verify"):
            self.take(step, **(changes if step == name else {}))
            if step == name:
                break
        return fresh(self.case)

    def take(self, name: str, **changes: Any) -> Case:
        """One step with its usual inputs, unless changed."""
        usual: Mapping[str, tuple[Actor, dict[str, Any]]] = {
            "accept": (self.cast.county_officer, {}),
            "grade": (self.cast.expert, {"own_duty": "outside", **grades()}),
            "order": (self.cast.safety_officer, ORDER),
            "rectify": (self.cast.manager, {"done": "已加装", "files": photos("before", "after")}),
            "verify": (self.cast.expert, {"seen": "已看", "files": photos("on_site")}),
        }
        actor, inputs = usual[name]
        return perform(self.case, name, **{"actor": actor, "at": NOON, **inputs, **changes})


def fresh(case: Case) -> Case:
    """The case as it stands now."""
    with scope.use(scope.EVERYTHING):
        return Case.objects.select_related("organization", "site", "owner", "parent", "merged_into").get(
            pk=case.pk
        )


def sees(viewer: Actor, case: Case) -> bool:
    """Whether the viewer can open the case, under their own scope."""
    with scope.use(viewer.scope):
        return code_of(lambda: case_for(viewer, case.number)) == ""


def later(days: int) -> datetime:
    """Noon so many days on."""
    return NOON + timedelta(days=days)


def code_of(deed: Callable[[], object]) -> str:
    """The code with which a deed is refused; empty when it is done."""
    try:
        deed()
    except Refused as refusal:
        return refusal.code
    return ""


def race(deeds: Sequence[Callable[[], object]]) -> list[str]:
    """Do several deeds at the same moment on threads of their own; their outcomes, sorted."""
    outcomes: list[str] = []
    start = threading.Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> None:
        start.wait()
        try:
            outcomes.append(code_of(deed) or "done")
        except Exception as error:  # noqa: BLE001 - a thread must not die unheard
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)
