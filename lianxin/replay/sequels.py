"""What follows from single reports: a procedure is revised and read, the same kind is searched for elsewhere."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.clock import day_of
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.models import Person
from lianxin.replay import pictures, wording
from lianxin.replay.agenda import Story, at_leisure, days_later, in_office, moment
from lianxin.replay.script import read
from lianxin.replay.stage import Stage, chance_of, do, free_hand, fresh, send, under
from lianxin.safety.models import Procedure, ProcedureVersion, SweepCheck
from lianxin.safety.services.procedures import publish_procedure, publish_version, record_reading
from lianxin.safety.services.registers import choose_method
from lianxin.safety.workflow.sweep import sweep

TITLE = "液氨卸车操作规程"
CLAUSES = (
    ("1", "槽车进入卸车区前，检查押运证、阻火器和静电接地带，限速5公里。"),
    ("2", "停稳后熄火、拉手刹、垫轮挡，夹好静电接地夹并确认指示灯亮。"),
    ("3", "连接鹤管，缓慢开启气相阀、液相阀，卸车工不得离开现场。"),
    ("4", "卸车完毕关闭阀门，泄压后拆除鹤管，收回轮挡。"),
)
REVISED = (
    *CLAUSES[:3],
    ("4", "卸车作业完成前，禁止提前拿取车钥匙，禁止挪开防撞装置；车钥匙由卸车工锁入钥匙箱，押运员见证。"),
    ("5", "卸车完毕关闭阀门，泄压后拆除鹤管，收回轮挡，确认鹤管归位后方可发还车钥匙、移开防撞装置。"),
)


def begin_sequels(stage: Stage) -> None:
    """Put all of it on the agenda."""
    stage.agenda.begin(_methods(stage))
    stage.agenda.begin(_procedure(stage))
    stage.agenda.begin(_sweep(stage, "dike", "04-15 10:10", _same_tanks(stage), found="newmat.two.tank2"))
    stage.agenda.begin(_sweep(stage, "handover", "03-24 09:20", _same_gas(stage)))


def _methods(stage: Stage) -> Story:
    """Some enterprises grade their risks by likelihood and severity."""
    at = yield moment(stage.year, "01-02 09:00")
    for row in read("places")["enterprise"]:
        if "method" in row:
            enterprise = stage.places.enterprises[row["key"]]
            manager = stage.cast.managers[enterprise.pk]
            method = row["method"]
            under(manager, lambda: choose_method(enterprise, method=method, actor=manager, at=at))


def _procedure(stage: Stage) -> Story:
    """The first version stands in January; the report about vehicle keys leads to the second, and people read it."""
    at = yield moment(stage.year, "01-09 15:00")
    enterprise = stage.places.enterprises["ammonia"]
    manager, chance = stage.cast.managers[enterprise.pk], chance_of("procedure")
    readers = [worker.person for worker in stage.cast.workers[enterprise.pk] if worker.person]
    first = under(
        manager,
        lambda: publish_procedure(
            enterprise,
            title=TITLE,
            clauses=CLAUSES,
            effective_on=day_of(at),
            actor=manager,
            at=at,
            readers=readers,
            read_by=day_of(at) + timedelta(days=14),
        ),
    )
    yield from _read_it(stage, first, at, chance)
    at = yield moment(stage.year, "02-24 14:30")
    source = fresh(stage.cases["unloading"])
    second = under(manager, lambda: _revise(first.procedure, source, manager, readers, at))
    yield from _read_it(stage, second, at, chance)


def _revise(
    procedure: Procedure, source: Case, manager: Actor, readers: list[Person], at: datetime
) -> object:
    return publish_version(
        procedure,
        clauses=REVISED,
        effective_on=day_of(at) + timedelta(days=3),
        note="卸车作业完成前禁止提前拿取车钥匙和挪开防撞装置",
        source=source,
        actor=manager,
        at=at,
        readers=readers,
        read_by=day_of(at) + timedelta(days=10),
    )


def _read_it(stage: Stage, version: ProcedureVersion, at: datetime, chance: Random) -> Story:
    for worker in stage.cast.workers[stage.places.enterprises["ammonia"].pk]:
        at = yield at_leisure(at, chance, 0, 2)
        under(worker, lambda reader=worker, when=at: record_reading(version, actor=reader, at=when))  # type: ignore[misc]


def _same_tanks(stage: Stage) -> dict[str, object]:
    """Every metering tank of the same enterprise, in all its plants."""
    return {
        "organization": stage.places.enterprises["newmat"].pk,
        "what": "计量罐安全联锁阀气源手阀是否缺铅封、手柄；室外围堰是否缺跨步梯。",
        "equipment_kind": "metering_tank",
        "sample_percent": 50,
    }


def _same_gas(stage: Stage) -> dict[str, object]:
    """Every gas area of the city's metal works."""
    return {
        "organization": stage.places.city.pk,
        "what": "煤气区域人员集中的房间是否装固定式报警仪，信号是否接入24小时值守的主控室。",
        "process": "gas_area",
        "sample_percent": 100,
    }


def _sweep(stage: Stage, source: str, on: str, data: dict[str, object], found: str = "") -> Story:
    """Order it, let every site search, verify the sample; where one is found it runs as a report of its own."""
    at = yield moment(stage.year, on)
    officer, chance = stage.cast.safety_officers[0], chance_of("sweep", source)
    order = {
        **data,
        "due_on": (day_of(at) + timedelta(days=20)).isoformat(),
        "seed": f"{stage.year}-{source}",
        "source": stage.cases[source].number,
    }
    opened = send(sweep, actor=officer, at=at, data=order)
    with scope.use(scope.EVERYTHING):
        rows = SweepCheck.objects.filter(sweep=opened.case.pk).select_related("case", "site").order_by("pk")
        checks = [(row.case, row.site_id) for row in rows]
    for case, site in checks:
        is_found = bool(found) and site == stage.places.sites[found].pk
        stage.agenda.begin(_check(stage, case, chance_of("check", source, site), at, found=is_found))
    at = yield in_office(at, chance, 0, 0)


def _check(stage: Stage, case: Case, chance: Random, at: datetime, *, found: bool) -> Story:
    at = yield days_later(at, chance, 2, 12)
    case = fresh(case)
    manager = stage.manager_of(case)
    photo = {"searched": pictures.on_site(stage.pictures, "tank_valve", case.pk, fixed=not found)}
    if found:
        text = "V-208计量罐联锁阀气源手阀铅封断开，未登记。"
        do(case, "answer_found", actor=manager, at=at, files=photo, found=text)
        yield from _put_right(stage, case, chance, at)
        return
    do(case, "answer_none", actor=manager, at=at, files=photo, note="逐台查看，未发现同类问题。")
    if fresh(case).closed_at is None:
        at = yield days_later(at, chance, 1, 5)
        seen = {"on_site": pictures.on_site(stage.pictures, "tank_valve", case.pk)}
        expert = free_hand(stage.cast.experts, case, "verify", at)
        do(case, "verify", actor=expert, at=at, files=seen, seen="抽验属实。")


def _put_right(stage: Stage, check: Case, chance: Random, at: datetime) -> Story:
    """The report that a finding became, through its own workflow."""
    with scope.use(scope.EVERYTHING):
        report = SweepCheck.objects.select_related("hazard").get(case=check).hazard
    if report is None:
        return
    at = yield in_office(at, chance, 0, 1)
    do(report, "accept", actor=stage.officer_for(fresh(report)), at=at)
    at = yield in_office(at, chance, 1, 2)
    expert = stage.cast.experts[1]
    grades: dict[str, Any] = {
        "law_grade_1": "general",
        "likelihood_1": "3",
        "exposure_1": "6",
        "consequence_1": "7",
    }
    grades |= {"accident_type_1": "019", "hazard_class_1": "210000", "own_duty": "inside"}
    do(report, "grade", actor=expert, at=at, **grades)
    at = yield in_office(at, chance, 0, 1)
    order: dict[str, Any] = {
        "responsible": "设备科长",
        "measures": "恢复铅封并登记，纳入交接班检查",
        "measure_class": "management",
        "money": "200",
        "due_on": (day_of(at) + timedelta(days=7)).isoformat(),
        "contingency": wording.CONTINGENCIES[0],
    }
    do(report, "order", actor=stage.cast.safety_officers[1], at=at, **order)
    at = yield days_later(at, chance, 1, 4)
    photos = {
        "before": pictures.before(stage.pictures, "tank_valve", 1),
        "after": pictures.after(stage.pictures, "tank_valve", 1),
    }
    done = "铅封恢复，铅封号已登记。"
    do(report, "rectify", actor=stage.manager_of(fresh(report)), at=at, files=photos, done=done)
    at = yield days_later(at, chance, 1, 3)
    seen = {"on_site": pictures.on_site(stage.pictures, "tank_valve", 1)}
    do(report, "verify", actor=expert, at=at, files=seen, seen=wording.SEEN[0])
