"""What the offices do the year round: the clock that runs, the log that is sealed, rules, sweeps and second looks."""

from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db.models import Q

from lianxin.kernel import scope
from lianxin.kernel.audit.checkpoints import countersign, seal_all, text_of
from lianxin.kernel.cases.models import Case, Reporter
from lianxin.kernel.cases.reporters import ask_to_open, open_identity
from lianxin.kernel.cases.waking import wake_due
from lianxin.kernel.clock import CHINA
from lianxin.kernel.notices.public import TO_BE_NAMED, publish_notice
from lianxin.kernel.notices.services import read_notices
from lianxin.kernel.people.consents import give_consent
from lianxin.kernel.people.models import Person
from lianxin.kernel.text import Text
from lianxin.replay import pictures
from lianxin.replay.agenda import Story, at_leisure, days_later, in_office, moment
from lianxin.replay.stage import Stage, chance_of, do, free_hand, fresh, send, under
from lianxin.safety.models import Award
from lianxin.safety.services.registers import draw_rechecks, record_accident
from lianxin.safety.workflow.reprisal import workflow as reprisal

QUARTERS = ("03-31 16:00", "06-30 16:00", "09-30 16:00", "12-25 16:00")
CATCH_UP = ("07-01 08:30", "12-26 08:30")


def begin_offices(stage: Stage) -> None:
    """Put all of it on the agenda."""
    stage.agenda.begin(days(datetime(stage.year, 1, 1, tzinfo=CHINA)))
    stage.agenda.begin(_months(stage, Ed25519PrivateKey.generate()))
    stage.agenda.begin(_register(stage))
    stage.agenda.begin(_reprisal(stage))
    stage.agenda.begin(_identity(stage))
    for quarter in QUARTERS:
        stage.agenda.begin(_quarter(stage, quarter))
    for day in CATCH_UP:
        stage.agenda.begin(_catch_up(stage, day))
    for number, on in enumerate(("06-20 09:30", "09-19 09:30", "11-14 09:30")):
        stage.agenda.begin(_second_looks(stage, on, number))


def days(first: datetime) -> Story:
    """One minute past midnight, when every time limit in days has run out: what the worker does each minute."""
    at = first.replace(hour=0, minute=1)
    while True:
        at = yield at
        wake_due(at=at)
        at += timedelta(days=1)


def _months(stage: Stage, key: Ed25519PrivateKey) -> Story:
    """Each month's entries are sealed, and the safety committee's office signs with a key that stays with it."""
    for month in range(2, 13):
        at = yield datetime(stage.year, month, 1, 0, 30, tzinfo=CHINA)
        seal(stage, key, at)
    at = yield datetime(stage.year, 12, 31, 23, 50, tzinfo=CHINA)
    seal(stage, key, at)


def seal(stage: Stage, key: Ed25519PrivateKey, at: datetime) -> None:
    """Seal what is new and countersign each checkpoint."""
    for checkpoint in seal_all(at=at):
        countersign(
            checkpoint,
            body_name=stage.places.office.name,
            public_key=key.public_key().public_bytes_raw(),
            signature=key.sign(text_of(checkpoint)),
            at=at,
        )


def _register(stage: Stage) -> Story:
    """The accident register is begun with what was left from the year before; this year adds nothing to it."""
    at = yield moment(stage.year, "01-06 10:20")
    officer = stage.cast.safety_officers[0]
    under(
        officer,
        lambda: record_accident(
            stage.places.enterprises["magnesia"],
            day=datetime(stage.year - 1, 11, 20, tzinfo=CHINA).date(),
            injured=1,
            accident_type="03",
            summary="检修时未上锁，一人手部骨折。由旧台账转入。",
            actor=officer,
            at=at,
        ),
    )


def _quarter(stage: Stage, on: str) -> Story:
    """The rewards of a quarter are made public."""
    at = yield moment(stage.year, on)
    people = _rewarded(at - timedelta(days=92), at)
    if people:
        city = stage.cast.city_officer
        first = people[0]
        under(city, lambda: give_consent(first, TO_BE_NAMED, wording="同意公示姓名", actor=city, at=at))
        under(city, lambda: _make_public(stage, people, at))


def _catch_up(stage: Stage, on: str) -> Story:
    """Everybody in office reads what has gathered."""
    at = yield moment(stage.year, on)
    for actor in stage.cast.in_office():
        under(actor, lambda viewer=actor: read_notices(viewer, at=at))  # type: ignore[misc]


def _rewarded(since: datetime, until: datetime) -> list[Person]:
    with scope.use(scope.EVERYTHING):
        named = Reporter.objects.filter(
            mode="named", case__awards__payout__payout__paid_at__range=(since, until)
        )
        people = Person.objects.filter(pk__in=named.values("person")).order_by("pk")
        return list(people)


def _make_public(stage: Stage, people: list[Person], at: datetime) -> None:
    publish_notice(
        stage.places.city,
        title=Text("职工有奖报告奖励公示", "Rewards for hazard reports"),
        text=Text(
            "本季度以下实名报告人的奖励已发放：{names}。匿名和保密报告人不在此列。",
            "The rewards of these named reporters were paid this quarter: {names}. Others are not listed.",
        ),
        people=people,
        actor=stage.cast.city_officer,
        at=at,
    )


def _second_looks(stage: Stage, on: str, number: int) -> Story:
    """Some closed reports are drawn and looked at again; what has come back is opened again by the city."""
    at = yield moment(stage.year, on)
    officer, chance = stage.cast.safety_officers[1], chance_of("second look", number)
    drawn = under(
        officer,
        lambda: draw_rechecks(
            stage.places.city,
            count=3,
            seed=f"{stage.year}-{number + 1}",
            since=at - timedelta(days=150),
            actor=officer,
            at=at,
        ),
    )
    at = yield days_later(at, chance, 3, 8)
    relapsed = next((case for case in drawn if number == 1 and _not_rewarded(case)), None)
    for case in drawn:
        step = "relapse" if case is relapsed else "hold"
        photo = pictures.on_site(stage.pictures, "guard_rail", number, fixed=step == "hold")
        seen = "复查时措施完好，记录连续。" if step == "hold" else "复查时防护又被拆下，没有恢复。"
        expert = free_hand(stage.cast.experts[::-1], case, step, at)
        do(case, step, actor=expert, at=at, files={"on_site": photo}, seen=seen)
    if relapsed is not None:
        at = yield in_office(at, chance, 1, 2)
        yield from _open_again(stage, relapsed.recheck.checked, at)


def _not_rewarded(case: Case) -> bool:
    with scope.use(scope.EVERYTHING):
        return not Award.objects.filter(case=case.recheck.checked).exists()


def _open_again(stage: Stage, case: Case, at: datetime) -> Story:
    chance = chance_of("open again")
    city = stage.cast.city_officer
    photo = pictures.before(stage.pictures, "guard_rail", 0)
    do(
        case,
        "reopen",
        actor=city,
        at=at,
        files={"photo": photo},
        reason="抽查发现复发，重新整改，企业说明原因。",
    )
    at = yield days_later(at, chance, 3, 6)
    case = fresh(case)
    photos = {"before": photo, "after": pictures.after(stage.pictures, "guard_rail", 0)}
    done = "防护恢复并加锁，当班责任人已考核。"
    do(case, "rectify", actor=stage.manager_of(case), at=at, files=photos, done=done)
    at = yield days_later(at, chance, 1, 4)
    expert = free_hand(stage.cast.experts, case, "verify", at)
    seen = pictures.on_site(stage.pictures, "guard_rail", 0)
    do(case, "verify", actor=expert, at=at, files={"on_site": seen}, seen="锁具齐全，抽问两班均知晓。")


def _reprisal(stage: Stage) -> Story:
    """A reporter is put on another shift and says so; the union above looks into it."""
    at = yield moment(stage.year, "08-04 20:15")
    chance = chance_of("reprisal")
    worker = stage.workers_at("refractory.press")[4]
    data = {
        "organization": stage.places.enterprises["refractory"].pk,
        "what": "报告压砖机的事以后，班长说我多事，把我调去连上四个夜班。",
        "mode": "confidential",
    }
    case = send(reprisal, actor=worker, at=at, data=data).case
    at = yield in_office(at, chance, 2, 5)
    officer = stage.officer_for(fresh(case))
    finding = "查考勤和排班记录，调班无工作原因，属实。已约谈企业负责人，恢复原班次，补发差额。"
    do(case, "investigate", actor=officer, at=at, reason=finding, upheld="on")
    at = yield in_office(at, chance, 1, 2)
    do(
        case,
        "answer",
        actor=officer,
        at=at,
        reason="您反映的情况属实，已恢复原班次；今后如有类似情况请随时告诉我们。",
    )
    at = yield at_leisure(at, chance, 1, 3)
    do(case, "confirm", actor=worker, at=at)


def _identity(stage: Stage) -> Story:
    """Both custodians open one confidential reporter's identity, with a reason, and both are in the log."""
    at = yield moment(stage.year, "06-05 10:00")
    first, second = stage.cast.custodians
    case = stage.cases["blower"]
    with scope.use(scope.EVERYTHING):
        reporter = Reporter.objects.filter(Q(case=case), position=1).select_related("case").get()
    reason = "当面致谢，报告人已书面同意开启"
    opening = under(first, lambda: ask_to_open(reporter, actor=first, reason=reason, at=at))
    at = yield at + timedelta(hours=4)
    with scope.use(scope.EVERYTHING):
        open_identity(opening, actor=second, at=at)
