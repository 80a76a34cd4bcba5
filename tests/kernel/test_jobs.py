"""Jobs, done by a real worker on the real queue."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from lianxin.kernel import clock, jobs, scope
from lianxin.kernel.audit.models import Checkpoint, LogEntry
from lianxin.kernel.cases.models import Case
from lianxin.kernel.notices.models import Notice
from lianxin.operate.working import work
from tests.kernel.cases.conftest import build_town, found

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def empty_queue(transactional_db: None) -> Iterator[None]:
    """Nothing waits before the test; the connections of the worker's threads are gone after it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE procrastinate_jobs, procrastinate_periodic_defers, procrastinate_workers CASCADE"
        )
    yield
    with connection.cursor() as cursor:
        # As whoever DATABASE_URL names: the role that the product acts as may not end a superuser's connections.
        cursor.execute("SET ROLE NONE")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        cursor.execute("RESET ROLE")


@pytest.fixture
def done() -> Iterator[list[str]]:
    """What the test's own tasks have done; they are forgotten with it."""
    before = dict(app.tasks)
    yield []
    app.tasks.clear()
    app.tasks.update(before)


def drain(concurrency: int = 1) -> None:
    """Do every job that is due."""

    async def until_empty() -> None:
        await work(concurrency=concurrency, queues=None, wait=False, signals=False)
        await sync_to_async(connections.close_all)()

    # On a thread of its own: a browser that is open in this process runs an event loop on the main one.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, until_empty()).result()


def statuses(name: str) -> list[str]:
    return list(
        ProcrastinateJob.objects.filter(task_name=name).order_by("id").values_list("status", flat=True)
    )


def test_a_task_runs_under_the_widest_scope_and_leaves_none_behind(done: list[str]) -> None:
    town = build_town()
    found(town)

    @jobs.task(name="test.look")
    def look(word: str) -> None:
        done.append(f"{word} {Case.objects.count()} {scope.current().everything}")

    look.defer(word="saw")
    with scope.use(scope.NOTHING):
        drain()
    assert done == ["saw 1 True"]
    assert statuses("test.look") == ["succeeded"]
    with scope.use(scope.NOTHING):
        assert Case.objects.count() == 0


def test_a_job_goes_with_the_transaction_that_enqueued_it(done: list[str]) -> None:
    @jobs.task(name="test.note")
    def note(word: str) -> None:
        done.append(word)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        note.defer(word="rolled back")
        _ = 1 / 0
    with transaction.atomic():
        note.defer(word="committed")
    drain()
    assert done == ["committed"]


def test_a_task_that_fails_is_tried_again_later(done: list[str]) -> None:
    @jobs.task(name="test.stumble")
    def stumble() -> None:
        done.append("tried")
        raise OSError

    stumble.defer()
    drain()
    job = ProcrastinateJob.objects.get(task_name="test.stumble")
    assert (done, job.status, job.attempts) == (["tried"], "todo", 1)
    assert job.scheduled_at is not None
    assert timedelta(seconds=0) < job.scheduled_at - clock.now() < timedelta(seconds=10)


def test_jobs_that_share_a_lock_run_one_at_a_time(done: list[str]) -> None:
    inside = threading.Lock()

    @jobs.task(name="test.alone", lock="test")
    def alone(number: int) -> None:
        assert inside.acquire(blocking=False)
        threading.Event().wait(0.05)
        inside.release()
        done.append(str(number))

    for number in range(4):
        alone.defer(number=number)
    for _ in range(4):
        # A worker that is not to wait leaves when all that is left is locked.
        drain(concurrency=4)
    assert done == ["0", "1", "2", "3"]


def test_a_job_of_a_worker_that_died_is_put_back_and_done(done: list[str]) -> None:
    @jobs.task(name="test.survive")
    def survive() -> None:
        done.append("done")

    survive.defer()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute') RETURNING id"
        )
        (worker,) = cursor.fetchone()
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [worker])
    with contextlib.suppress(AlreadyEnqueued):
        app.tasks["jobs.retry_stalled"].configure(task_kwargs={"timestamp": 0}).defer()
    drain()
    drain()
    assert done == ["done"]


def test_a_periodic_task_is_told_the_present_moment(done: list[str]) -> None:
    @jobs.every("0 0 1 1 *", name="test.yearly")
    def yearly(at: object) -> None:
        done.append(str(at))

    before = clock.now()
    app.tasks["test.yearly"].configure(task_kwargs={"timestamp": 0}).defer()
    drain()
    assert str(before) <= done[0] <= str(clock.now())
    del app.periodic_registry.periodic_tasks["test.yearly", "test.yearly"]


def periodic() -> dict[str, str]:
    return {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}


def test_what_the_kernel_does_by_the_clock() -> None:
    assert {
        "cases.wake": "* * * * *",
        "cases.index": "* * * * *",
        "notices.deliver": "* * * * *",
        "audit.seal": "*/10 * * * *",
        "metrics.roll_up": "20 1 * * *",
        "jobs.retry_stalled": "*/2 * * * *",
    }.items() <= periodic().items()


def test_the_kernels_periodic_tasks_do_their_work() -> None:
    town = build_town()
    case = found(town).case
    with scope.act():
        Case.objects.filter(pk=case.pk).update(wake_at=case.opened_at)
    names = (
        "cases.wake",
        "cases.index",
        "notices.deliver",
        "audit.seal",
        "metrics.roll_up",
        "jobs.forget_old",
    )
    for name in names:
        app.tasks[name].configure(task_kwargs={"timestamp": 0}).defer()
    drain()
    # The clock may have had its own turn of one of them meanwhile.
    assert {name: set(statuses(name)) for name in names} == {name: {"succeeded"} for name in names}
    with scope.use(scope.EVERYTHING):
        assert LogEntry.objects.filter(action="found_item.escalate").exists()
        assert Notice.objects.filter(kind="case.climbed", case=case).exists()
        assert Case.objects.get(pk=case.pk).search is not None
        assert Checkpoint.objects.exists()
