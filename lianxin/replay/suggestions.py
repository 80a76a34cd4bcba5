"""The stories of the suggestions: every author is answered, and what is adopted is carried through."""

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from lianxin.kernel.cases.deadlines import is_working_day
from lianxin.kernel.cases.models import Case
from lianxin.kernel.clock import CHINA, day_of
from lianxin.kernel.people.actors import Actor
from lianxin.replay import pictures, wording
from lianxin.replay.agenda import Story, at_leisure, days_later, in_office, moment
from lianxin.replay.script import read
from lianxin.replay.stage import Stage, chance_of, do, free_hand, send
from lianxin.safety.workflow.suggestion import workflow

Part = Generator[datetime, datetime, datetime]
FIRST, LAST = (1, 6), (12, 29)
# Whatever is adopted has to be carried out by then, so that it can be seen and closed within the year.
CARRIED_OUT_BY = (12, 5)
SCENES = {"garment": "aisle", "park": "aisle", "hotel": "extinguishers", "cold": "aisle", "bus": "cabinet"}
USUAL = ("guard_rail", "cabinet", "ladder", "extinguishers", "tank_valve", "gas_alarm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One suggestion of the script; ``script/suggestions.toml`` explains the fields."""

    at: str
    what: str
    idea: str
    by: str = ""
    no: str = ""
    same: str = ""
    gone: bool = False
    wait: bool = False
    key: str = ""
    shares: list[int] = field(default_factory=list)
    turns: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Author:
    """A suggestion under way."""

    stage: Stage
    row: Row
    case: Case
    actor: Actor
    number: int
    scene: str
    chance: Random


def rows() -> list[Row]:
    """The suggestions of the script, in order."""
    return [Row(**row) for row in read("suggestions")["suggestions"]]


def begin_suggestions(stage: Stage) -> None:
    """Spread them over the working days of the year, in their order."""
    script = rows()
    for number, (row, at) in enumerate(zip(script, moments(stage.year, len(script)), strict=True)):
        stage.agenda.begin(story(stage, row, number, at))


def moments(year: int, how_many: int) -> list[datetime]:
    """As many moments in order, spread over the working days of the year; most in working hours."""
    first, last = date(year, *FIRST), date(year, *LAST)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    working = [day for day in days if is_working_day(day)]
    chance = chance_of("suggestions", year)
    chosen = [working[n * len(working) // how_many] for n in range(how_many)]
    return sorted(
        datetime(
            day.year, day.month, day.day, chance.choice((8, 9, 10, 11, 13, 14, 15, 16, 19)), tzinfo=CHINA
        )
        + timedelta(minutes=chance.randint(0, 59))
        for day in chosen
    )


def story(stage: Stage, row: Row, number: int, on: datetime) -> Story:
    """One suggestion, to its answer and, when it is adopted, to the end of what it brought about."""
    chance = chance_of("suggestion", number)
    at = yield on
    author = _suggest(stage, row, number, at, chance)
    if row.gone:
        at = yield at_leisure(at, chance, 0, 1)
        do(author.case, "withdraw", actor=author.actor, at=at)
        return
    at = yield in_office(at, chance, 0, 3)
    officer = stage.officer_for(author.case)
    if row.same:
        do(author.case, "merge", actor=officer, at=at, into=stage.cases[row.same].number, reason=wording.SAME)
        return
    do(author.case, "accept", actor=officer, at=at)
    if row.wait:
        at = yield moment(stage.year + 1, "01-06 09:00")
    at = yield in_office(at, chance, 18, 19) if "late_review" in row.turns else in_office(at, chance, 3, 9)
    expert = stage.cast.experts[number % 3]
    if row.no:
        do(author.case, "decline", actor=expert, at=at, reason=row.no)
        return
    do(author.case, "adopt", actor=expert, at=at, **_answer(author, at))
    yield from _carry_through(author, at)


def _suggest(stage: Stage, row: Row, number: int, at: datetime, chance: Random) -> Author:
    worker = chance.choice(stage.workers_at(row.at))
    data: dict[str, Any] = {
        "place": stage.places.sites[row.at].token,
        "problem": row.what,
        "proposal": row.idea,
        "mode": "confidential" if chance.random() < 0.15 else "named",
        "shares": row.shares,
    }
    if row.shares:
        colleague = next(one for one in stage.workers_at(row.at) if one is not worker)
        data["co_authors"] = [str(colleague.person.pk)] if colleague.person else []
    case = send(workflow, actor=worker, at=at, data=data).case
    stage.cases[row.key or f"suggestion {number}"] = case
    scene = SCENES.get(row.at.partition(".")[0]) or chance.choice(USUAL)
    return Author(stage, row, case, worker, number, scene, chance)


def _answer(author: Author, at: datetime) -> dict[str, Any]:
    row, chance = author.row, author.chance
    due = day_of(at) + timedelta(days=chance.choice((45, 50, 60)))
    return {
        "reason": chance.choice(wording.ADOPTED).format(by=row.by),
        "responsible": f"{row.by}负责人",
        "due_on": due.isoformat(),
    }


def _carry_through(author: Author, at: datetime) -> Story:
    """Carried out, seen by somebody else, confirmed by the author or closed by time."""
    turns, chance = author.row.turns, author.chance
    at = yield from _work(author, at, 8, 40)
    if "failed" in turns:
        seen = pictures.on_site(author.stage.pictures, author.scene, author.number, fixed=False)
        expert = free_hand(author.stage.cast.experts[3:], author.case, "reject", at)
        do(author.case, "reject", actor=expert, at=at, files={"photo": seen}, reason=wording.NOT_DONE)
        at = yield from _work(author, at, 3, 8)
    _verify(author, at)
    if "objected" in turns:
        at = yield at_leisure(at, chance, 1, 4)
        do(author.case, "object", actor=author.actor, at=at, reason=wording.NOT_DONE_BY_AUTHOR)
        at = yield from _work(author, at, 3, 8)
        _verify(author, at)
    if chance.random() < 0.45:
        at = yield at_leisure(at, chance, 0, 5)
        do(author.case, "confirm", actor=author.actor, at=at)


def _work(author: Author, at: datetime, least: int, most: int) -> Part:
    left = (date(author.stage.year, *CARRIED_OUT_BY) - day_of(at)).days
    if left > 0:
        most = min(most, left)
    at = yield days_later(at, author.chance, min(least, most), most)
    stage = author.stage
    photo = pictures.after(stage.pictures, author.scene, author.number)
    words = author.chance.choice(wording.CARRIED_OUT).format(idea=author.row.idea)
    manager = stage.manager_of(author.case)
    do(author.case, "carry_out", actor=manager, at=at, files={"done": photo}, done=words)
    return (yield days_later(at, author.chance, 2, 7))


def _verify(author: Author, at: datetime) -> None:
    """Small matters by the line union, others by an expert; a photo from the place more often than not."""
    stage, chance = author.stage, author.chance
    officer = stage.cast.experts[3 + author.number % 2]
    if author.number % 3 == 0:
        officer = stage.cast.officers[_line_above(author.case, stage)]
    photo = pictures.on_site(stage.pictures, author.scene, author.number) if chance.random() < 0.7 else []
    do(
        author.case,
        "verify",
        actor=officer,
        at=at,
        files={"on_site": photo},
        seen=chance.choice(wording.SEEN),
    )


def _line_above(case: Case, stage: Stage) -> int:
    body = case.organization.parent
    while body is not None and body.pk not in stage.cast.officers:
        body = body.parent
    return body.pk if body else stage.places.city.pk
