"""Background work on PostgreSQL alone: no broker, and a job is enqueued by the transaction that needs it.

A package declares its tasks in ``tasks.py``, which is found by itself (ADR 0012). Arguments are ids and numbers,
never words about people: they lie in a table that operators read.
"""

import functools
import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from lianxin.kernel import clock, scope

if TYPE_CHECKING:
    from procrastinate.tasks import Task

P = ParamSpec("P")
R = TypeVar("R")
logger = logging.getLogger(__name__)

# 3, 9, 27 … seconds: five tries span six minutes, enough for a database that restarts.
BACKOFF = RetryStrategy(max_attempts=5, exponential_wait=3)
KEPT_HOURS = 7 * 24


def task(
    *,
    name: str,
    queue: str = "default",
    retry: RetryStrategy | None = BACKOFF,
    lock: str | None = None,
    queueing_lock: str | None = None,
    priority: int = 0,
) -> Callable[[Callable[P, R]], "Task[P, R, P]"]:
    """Declare a task, run under the widest scope; ``task.defer(…)`` inside a transaction enqueues with it.

    Of the jobs that share a ``lock`` one runs at a time; of those that share a ``queueing_lock`` one waits.
    A task may run twice (a worker dies after the work and before saying so): it must bear that.
    """

    def declare(function: Callable[P, R]) -> "Task[P, R, P]":
        decorate = app.task(
            name=name,
            queue=queue,
            retry=retry or False,
            lock=lock,
            queueing_lock=queueing_lock,
            priority=priority,
        )
        return decorate(_under_everything(function))

    return declare


def every(
    cron: str, *, name: str, queue: str = "default"
) -> Callable[[Callable[[datetime], object]], "Task[Any, Any, Any]"]:
    """Declare a periodic task, told the moment at which it runs: one at a time, and at most one waiting.

    There is no retry: the next turn comes by itself.
    """

    def declare(function: Callable[[datetime], object]) -> "Task[Any, Any, Any]":
        @functools.wraps(function)
        def turn(timestamp: int) -> None:
            del timestamp  # when it was due; a late turn looks at the present all the same
            function(clock.now())

        declared = task(name=name, queue=queue, retry=None, lock=name, queueing_lock=name)(turn)
        return app.periodic(cron=cron, periodic_id=name)(declared)

    return declare


async def retry_stalled() -> int:
    """Put back the jobs whose worker has not been heard of for half a minute; returns how many."""
    stalled = list(await app.job_manager.get_stalled_jobs())
    for job in stalled:
        await app.job_manager.retry_job(job)
    if stalled:
        logger.warning("put back %s jobs of workers that died", len(stalled))
    return len(stalled)


@app.periodic(cron="*/2 * * * *", periodic_id="jobs.retry_stalled")
@app.task(name="jobs.retry_stalled", queueing_lock="jobs.retry_stalled", lock="jobs.retry_stalled")
async def _retry_stalled(timestamp: int) -> None:
    del timestamp
    await retry_stalled()


@app.periodic(cron="40 3 * * *", periodic_id="jobs.forget_old")
@app.task(name="jobs.forget_old", queueing_lock="jobs.forget_old", lock="jobs.forget_old")
async def _forget_old(timestamp: int) -> None:
    """Succeeded jobs go after a week; failed ones stay until somebody has looked."""
    del timestamp
    await app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS)


def _under_everything(function: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        # By way of nothing, so that it is told outright: a thread may believe in a scope that its connection,
        # opened since, has never heard of.
        with scope.use(scope.NOTHING), scope.use(scope.EVERYTHING):
            return function(*args, **kwargs)

    return run
