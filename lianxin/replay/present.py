"""The last weeks before today: something in every queue, so that whoever looks around has something to do."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from lianxin.kernel.clock import CHINA
from lianxin.replay import hazards, offices, payments, street, suggestions
from lianxin.replay.agenda import Agenda
from lianxin.replay.script import read
from lianxin.replay.stage import Stage

WEEKS = timedelta(weeks=5)
# Beyond the numbers of the year's own stories, so that chance falls differently.
NUMBERS_FROM = 500


def replay_present(stage: Stage, now: datetime) -> None:
    """Let the last weeks happen: what came in, what time limits did, and the keys and the bank at work."""
    now = now.astimezone(CHINA)
    present = replace(stage, year=now.year, agenda=Agenda(now))
    present.agenda.begin(offices.days(now - WEEKS))
    payments.turn_keys(present, now - WEEKS)
    script = read("present")
    for number, given in enumerate(script["hazard"], start=NUMBERS_FROM):
        at, row = _when(given, now)
        present.agenda.begin(hazards.story(present, hazards.Row(on=f"{at:%m-%d %H:%M}", **row), number, at))
    for number, given in enumerate(script["suggestion"], start=NUMBERS_FROM):
        at, row = _when(given, now)
        present.agenda.begin(suggestions.story(present, suggestions.Row(**row), number, at))
    street.begin_street(present, now)
    present.agenda.run()


def _when(row: dict[str, Any], now: datetime) -> tuple[datetime, dict[str, Any]]:
    """``6 08:50`` is ten to nine, six days ago; never after now."""
    days, _, clock = row["ago"].partition(" ")
    hour, _, minute = clock.partition(":")
    at = (now - timedelta(days=int(days))).replace(
        hour=int(hour), minute=int(minute), second=0, microsecond=0
    )
    return min(at, now), {name: value for name, value in row.items() if name != "ago"}
