"""The year of the newspaper page, replayed: the same services as the web, the clock set by the script."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.db import connection

from lianxin.database import embedded_server
from lianxin.kernel import scope
from lianxin.kernel.clock import CHINA
from lianxin.kernel.metrics.rollup import roll_up
from lianxin.replay import hazards, offices, payments, present, sequels, suggestions
from lianxin.replay.agenda import Agenda
from lianxin.replay.people import enrol_cast
from lianxin.replay.pictures import Pictures
from lianxin.replay.places import build_places
from lianxin.replay.stage import Stage

YEAR = 2025
BEGINS = datetime(YEAR - 1, 12, 16, 9, tzinfo=CHINA)
ENDS = datetime(YEAR, 12, 31, 23, 59, tzinfo=CHINA)
# By then whatever was open at the end of the year has come to its end as well.
AFTERMATH = timedelta(days=100)


def replay_year(now: datetime, drawn: Pictures) -> Stage:
    """Replay the year, its aftermath and the weeks before ``now``, into an empty database.

    Its regions and reference data have to be there, and the drawing of its pictures has to have begun. Nothing happens
    after ``now``.
    """
    with _in_haste(), _on_one_core():
        with scope.act():
            places = build_places(BEGINS)
        cast = enrol_cast(places, BEGINS)
        stage = Stage(YEAR, places, cast, Agenda(min(now, ENDS + AFTERMATH)), drawn)
        stage.agenda.begin(payments.open_the_fund(stage))
        payments.turn_keys(stage, datetime(YEAR, 1, 13, 9, tzinfo=CHINA))
        sequels.begin_sequels(stage)
        offices.begin_offices(stage)
        hazards.begin_hazards(stage)
        suggestions.begin_suggestions(stage)
        stage.agenda.run()
        if now - present.WEEKS > ENDS + AFTERMATH:
            present.replay_present(stage, now)
    scope.enter(scope.NOTHING)
    roll_up(at=now)
    return stage


@contextmanager
def _in_haste() -> Iterator[None]:
    """Neither wait for the disk at each of the thousands of deeds, nor search what lives long for garbage.

    A crash in the middle loses deeds; an unfinished replay is begun again anyway.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")


@contextmanager
def _on_one_core() -> Iterator[None]:
    """Let this thread and its process of the embedded server share one core, where the system allows it.

    The two take turns, a thousand times a second: on one core neither waits for another to wake.
    """
    if sys.platform != "linux" or embedded_server() is None:
        yield
        return
    connection.ensure_connection()
    # The server first: as root, without the right to move others' processes, its user keeps us out, and nobody moves.
    usual = {one: os.sched_getaffinity(one) for one in (connection.connection.info.backend_pid, 0)}
    with suppress(OSError):
        for one in usual:
            os.sched_setaffinity(one, {max(usual[0])})
    try:
        yield
    finally:
        with suppress(OSError):
            for one, cores in usual.items():
                os.sched_setaffinity(one, cores)
