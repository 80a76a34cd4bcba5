"""The year of the newspaper page, replayed: the same services as the web, the clock set by the script."""

from datetime import datetime, timedelta

from lianxin.kernel import scope
from lianxin.kernel.clock import CHINA
from lianxin.kernel.metrics.rollup import roll_up
from lianxin.replay import hazards, offices, payments, pictures, sequels, suggestions
from lianxin.replay.agenda import Agenda
from lianxin.replay.people import enrol_cast
from lianxin.replay.places import build_places
from lianxin.replay.stage import Stage

YEAR = 2025
BEGINS = datetime(YEAR - 1, 12, 16, 9, tzinfo=CHINA)
ENDS = datetime(YEAR, 12, 31, 23, 59, tzinfo=CHINA)


def replay_year() -> Stage:
    """Replay everything into an empty database that has its regions and reference data."""
    drawn = pictures.begin_drawing()
    with scope.act():
        places = build_places(BEGINS)
    cast = enrol_cast(places, BEGINS)
    stage = Stage(YEAR, places, cast, Agenda(ENDS), drawn)
    stage.agenda.begin(payments.open_the_fund(stage))
    payments.turn_keys(stage)
    sequels.begin_sequels(stage)
    offices.begin_offices(stage)
    hazards.begin_hazards(stage)
    suggestions.begin_suggestions(stage)
    stage.agenda.run()
    roll_up(at=ENDS + timedelta(hours=2))
    return stage
