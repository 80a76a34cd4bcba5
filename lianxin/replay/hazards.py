"""The stories of the hazard reports: from the photo to the reward."""

import random
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from lianxin.kernel import scope
from lianxin.kernel.cases.following import follow_receipt
from lianxin.kernel.cases.history import Files
from lianxin.kernel.cases.models import Case
from lianxin.kernel.clock import CHINA, day_of
from lianxin.kernel.people.actors import NOBODY, Actor, receipt_holder
from lianxin.kernel.statements import fetch
from lianxin.replay import pictures, rewards, wording
from lianxin.replay.agenda import Story, at_leisure, days_later, in_office, moment
from lianxin.replay.media import voice_note
from lianxin.replay.script import read
from lianxin.replay.stage import Stage, chance_of, do, send
from lianxin.safety.models import HazardReport
from lianxin.safety.rules import at_least
from lianxin.safety.workflow.hazard import workflow

# A part of a story: it takes time, and gives back the moment at which it ended.
Part = Generator[datetime, datetime, datetime]
NEVER = datetime.max.replace(tzinfo=CHINA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One report of the script; ``script/hazards.toml`` explains the fields."""

    on: str
    place: str
    told: list[str]
    scene: str
    mode: str
    key: str = ""
    into: str = ""
    shares: list[int] = field(default_factory=list)
    voice: bool = False
    risk: list[list[float]] = field(default_factory=list)
    major: str = ""
    averted: bool = False
    harm: str = ""
    duty: str = "outside"
    fix: str = ""
    kind: str = "engineering"
    cost: int = 0
    days: int = 10
    done: str = ""
    turns: list[str] = field(default_factory=list)
    why: str = ""
    more: str = ""
    wrong: str = ""
    to: str = ""
    stops: str = ""


@dataclass(slots=True)
class Told:
    """A report under way: the case, and as whom its reporter comes back to it."""

    stage: Stage
    row: Row
    case: Case
    reporter: Actor
    receipt: str | None
    seed: int
    chance: random.Random

    def do(self, step: str, *, actor: Actor, at: datetime, files: Files | None = None, **inputs: Any) -> None:
        """Take a step and keep the case as it then stands."""
        self.case = do(self.case, step, actor=actor, at=at, files=files, **inputs)

    @property
    def expert(self) -> Actor:
        """Who grades it and looks at it on site."""
        return self.stage.cast.experts[self.seed % 3]

    @property
    def safety_officer(self) -> Actor:
        """Who orders the rectification."""
        officers = self.stage.cast.safety_officers
        return officers[self.seed % len(officers)]


def rows() -> list[Row]:
    """The reports of the script, in order."""
    return [Row(**row) for row in read("hazards")["hazard"]]


def begin_hazards(stage: Stage) -> None:
    """Put every report on the agenda."""
    for number, row in enumerate(rows()):
        stage.agenda.begin(story(stage, row, number, moment(stage.year, row.on)))


def story(stage: Stage, row: Row, number: int, on: datetime) -> Story:
    """One report, from the photo to the reward or to whatever other end it comes."""
    chance = chance_of("hazard", number)
    at = yield on
    told = tell(stage, row, number, at, chance)
    if "withdrawn" in row.turns:
        at = yield at_leisure(at, chance, 1, 2)
        told.do("withdraw", actor=told.reporter, at=at)
        return
    at = yield from _rest(told, "submitted", at)
    at = yield from _receive(told, at)
    if told.case.closed_at is not None:
        return
    at = yield from _put_right(told, at)
    at = yield from _end(told, at)
    if at_least(_risk(told.case), "larger"):
        winner = rewards.Winner(told.reporter, told.receipt or "", blind=row.mode == "anonymous")
        yield from rewards.earn(stage, told.case, winner, row.turns, chance, at)


def _risk(case: Case) -> str:
    with scope.use(scope.EVERYTHING):
        return fetch(HazardReport, case=case.pk).risk_grade


def tell(stage: Stage, row: Row, number: int, at: datetime, chance: random.Random) -> Told:
    """Submit the report as its worker does, and come back to it as they would."""
    worker = chance.choice(stage.workers_at(row.place))
    sender = NOBODY if row.mode == "anonymous" else worker
    site = stage.places.sites[row.wrong or row.place]
    data: dict[str, Any] = {"place": site.token, "hazards": row.told, "mode": row.mode, "shares": row.shares}
    if row.shares:
        colleague = next(one for one in stage.workers_at(row.place) if one is not worker)
        data["co_authors"] = [str(colleague.person.pk)] if colleague.person else []
    uploads = {"photo": [pictures.upload(stage.pictures, row.scene, number)]}
    if row.voice:
        uploads["voice"] = [SimpleUploadedFile("voice.wav", voice_note(seed=number), "audio/wav")]
    opened = send(workflow, actor=sender, at=at, data=data, uploads=uploads)
    stage.cases[row.key or row.on] = opened.case
    reporter = worker
    if row.mode == "anonymous" and opened.receipt:
        # They know nothing but the code on their receipt.
        reporter = receipt_holder(follow_receipt(opened.receipt, source="127.0.0.1", at=at).case_id)
    return Told(stage, row, opened.case, reporter, opened.receipt, number, chance)


def _rest(told: Told, status: str, at: datetime) -> Part:
    """Nobody goes on from here where the script says so: the case lies in somebody's queue, and its time runs out."""
    if told.row.stops == status:
        yield NEVER
    return at


def _receive(told: Told, at: datetime) -> Part:
    """Until it is accepted, or comes to another end."""
    stage, row, chance = told.stage, told.row, told.chance
    late = "late_accept" in row.turns
    at = yield in_office(at, chance, 9, 10) if late else in_office(at, chance, 0, 3)
    officer = stage.officer_for(told.case)
    if "declined" in row.turns:
        told.do("decline", actor=officer, at=at, reason=row.why)
    elif "merged" in row.turns:
        told.do("merge", actor=officer, at=at, into=stage.cases[row.into].number, reason=row.why)
    else:
        if "returned" in row.turns:
            told.do("return", actor=officer, at=at, reason=row.why)
            at = yield at_leisure(at, chance, 1, 3)
            photo = pictures.before(stage.pictures, row.scene, told.seed + 1)
            told.do("complete", actor=told.reporter, at=at, files={"photo": photo}, supplement=row.more)
            at = yield in_office(at, chance, 0, 2)
        if "rerouted" in row.turns:
            told.do("reroute", actor=officer, at=at, to=stage.places.enterprises[row.to].pk, reason=row.why)
            at = yield in_office(at, chance, 0, 2)
            officer = stage.officer_for(told.case)
        told.do("accept", actor=officer, at=at)
    return at


def _put_right(told: Told, at: datetime) -> Part:
    """Grade, order, rectify, verify; and again where the expert or the reporter is not satisfied."""
    row, chance = told.row, told.chance
    urgent = bool(row.major)
    at = yield from _rest(told, "accepted", at)
    at = yield in_office(at, chance, 0, 1) if urgent else in_office(at, chance, 1, 5)
    told.do("grade", actor=told.expert, at=at, **_grades(told))
    at = yield from _rest(told, "graded", at)
    at = yield in_office(at, chance, 0, 0) if urgent else in_office(at, chance, 0, 2)
    told.do("order", actor=told.safety_officer, at=at, **_order(told, at))
    at = yield from _rest(told, "rectifying", at)
    at = yield from _work(told, at)
    if "failed" in row.turns:
        seen = pictures.on_site(told.stage.pictures, row.scene, told.seed, fixed=False)
        told.do("reject", actor=told.expert, at=at, files={"photo": seen}, reason=row.why)
        at = yield from _work(told, at)
    _verify(told, at)
    if "objected" in row.turns:
        at = yield at_leisure(at, chance, 2, 4)
        photo = pictures.before(told.stage.pictures, row.scene, told.seed + 1)
        told.do("object", actor=told.reporter, at=at, files={"photo": photo}, reason=row.why)
        at = yield from _work(told, at)
        _verify(told, at)
    return at


def _work(told: Told, at: datetime) -> Part:
    """The site does the work and says so; the expert comes. Returns the moment at which the expert is there."""
    row, chance = told.row, told.chance
    manager = told.stage.manager_of(told.case)
    if "extended" in row.turns:
        at = yield days_later(at, chance, row.days - 5, row.days - 3)
        told.do("ask_extension", actor=manager, at=at, reason=row.why)
        at = yield in_office(at, chance, 0, 1)
        above = told.stage.cast.officers[told.case.organization.parent_id or 0]
        told.do("extend", actor=above, at=at, days=10, reason="到货证明已核，同意延期，期间防护措施不得减。")
    share = (1.3, 1.45) if "late_rectify" in row.turns else (0.35, 0.85)
    longest = max(2, int(row.days * share[1]))
    at = yield days_later(at, chance, max(1, int(row.days * share[0])), longest)
    photos = {
        "before": pictures.before(told.stage.pictures, row.scene, told.seed),
        "after": pictures.after(told.stage.pictures, row.scene, told.seed),
    }
    spent = str(row.cost * chance.randint(85, 110) // 100)
    told.do("rectify", actor=manager, at=at, files=photos, done=row.done, spent=spent)
    at = yield from _rest(told, "verifying", at)
    return (yield days_later(at, chance, 1, 6))


def _verify(told: Told, at: datetime) -> None:
    seen = pictures.on_site(told.stage.pictures, told.row.scene, told.seed)
    words = told.chance.choice(wording.SEEN)
    told.do("verify", actor=told.expert, at=at, files={"on_site": seen}, seen=words)


def _end(told: Told, at: datetime) -> Part:
    """The reporter says that it is fixed, or lets the time run out."""
    if told.chance.random() < 0.5:
        at = yield at_leisure(at, told.chance, 1, 5)
        told.do("confirm", actor=told.reporter, at=at)
        return at
    return (yield days_later(at, told.chance, 8, 9))


def _grades(told: Told) -> dict[str, Any]:
    row = told.row
    answers = {"own_duty": row.duty, "note": told.chance.choice(wording.OPINIONS)}
    if row.averted:
        answers["accident_averted"] = "on"
    for position, factors in enumerate(row.risk, start=1):
        names = (
            ("likelihood", "exposure", "consequence") if len(factors) > 2 else ("likelihood", "consequence")
        )
        answers |= {f"{name}_{position}": str(factor) for name, factor in zip(names, factors, strict=True)}
        answers[f"law_grade_{position}"] = "major" if row.major else "general"
        answers[f"clause_{position}"] = row.major
        answers[f"accident_type_{position}"] = row.harm
        answers[f"hazard_class_{position}"] = "430000" if row.kind == "management" else "210000"
    return answers


def _order(told: Told, at: datetime) -> dict[str, Any]:
    row = told.row
    order = {
        "responsible": told.chance.choice(wording.RESPONSIBLE),
        "measures": row.fix,
        "measure_class": row.kind,
        "money": str(row.cost),
        "due_on": (day_of(at) + timedelta(days=row.days)).isoformat(),
        "contingency": told.chance.choice(wording.CONTINGENCIES),
    }
    return order | wording.SIX_ITEMS if row.major else order
