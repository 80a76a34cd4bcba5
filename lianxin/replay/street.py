"""A district's full queue: what comes in from streets and small shops, and lies there until its officer gets to it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import NOBODY, Actor
from lianxin.replay import pictures
from lianxin.replay.agenda import Story
from lianxin.replay.script import read
from lianxin.replay.stage import Stage, chance_of, send
from lianxin.safety.workflow.hazard import workflow as hazard
from lianxin.safety.workflow.suggestion import workflow as suggestion

DISTRICT = "鲅鱼圈区总工会"
# One of its streets, whose own officer lets things lie: what is overdue there climbs to the district.
STREET = "红海街道总工会"
DAYS = 32
SCENES = ("guard_rail", "cabinet", "ladder", "aisle", "extinguishers", "gas_alarm")
MODES = ("named", "named", "confidential", "anonymous")


def begin_street(stage: Stage, now: datetime) -> None:
    """Put the whole of the queue on the agenda: most of it fresh, the rest past its time."""
    script = read("street")
    for number, (row, at) in enumerate(spread(script["hazard"], now)):
        stage.agenda.begin(_report(stage, row, number, at))
    for number, (row, at) in enumerate(spread(script["suggestion"], now)):
        stage.agenda.begin(_suggest(stage, row, number, at))


def spread(rows: Sequence[list[str]], now: datetime) -> Iterator[tuple[list[str], datetime]]:
    """Each row with its moment, the newest first: the further back, the less of it still lies there."""
    for number, row in enumerate(rows):
        chance = chance_of("street", number)
        days = int(DAYS * (number / len(rows)) ** 3)
        at = (now - timedelta(days=days)).replace(
            hour=chance.randint(6, 21), minute=chance.randint(0, 59), second=0, microsecond=0
        )
        yield row, at if at <= now else at - timedelta(days=1)


def _report(stage: Stage, row: list[str], number: int, on: datetime) -> Story:
    chance = chance_of("street hazard", number)
    at = yield on
    where, told = row
    mode = chance.choice(MODES)
    uploads = {}
    if number % 8 == 0:
        uploads["photo"] = [pictures.upload(stage.pictures, chance.choice(SCENES), number)]
    sender = NOBODY if mode == "anonymous" else _passer_by(stage, chance)
    body = _body(stage, STREET if number % 6 == 5 else DISTRICT)
    data = {"organization": str(body.pk), "place_text": where, "hazards": [told], "mode": mode}
    send(hazard, actor=sender, at=at, data=data, uploads=uploads)


def _suggest(stage: Stage, row: list[str], number: int, on: datetime) -> Story:
    chance = chance_of("street suggestion", number)
    at = yield on
    where, what, idea = row
    data = {
        "organization": str(_body(stage, DISTRICT).pk),
        "place_text": where,
        "problem": what,
        "proposal": idea,
        "mode": "named",
    }
    send(suggestion, actor=_passer_by(stage, chance), at=at, data=data)


def _passer_by(stage: Stage, chance: Random) -> Actor:
    """Whoever comes by at work: of all enterprises, wherever they are."""
    return chance.choice(chance.choice(list(stage.cast.workers.values())))


def _body(stage: Stage, name: str) -> Organization:
    return next(body for body in (*stage.places.counties, *stage.places.towns) if body.name == name)
