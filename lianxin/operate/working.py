"""The job worker: alone in a process, or in a thread of the serving one."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from procrastinate import App, exceptions
from procrastinate.contrib.django import app as django_app
from procrastinate.contrib.django.django_connector import DjangoConnector
from psycopg import OperationalError

if TYPE_CHECKING:
    from procrastinate.app import WorkerOptions

logger = logging.getLogger("lianxin.worker")

# The database may be away for the seconds that its restart takes.
RETRY_AFTER = 1.0
# A job still running then is cut off, and taken up again by the next worker.
FINISH_WITHIN = 8.0


async def work(
    *, concurrency: int, queues: Sequence[str] | None, wait: bool = True, signals: bool = True
) -> None:
    """Do jobs until told to stop; with `wait` off, until there are none. A database that went away is awaited."""
    options: WorkerOptions = {
        "concurrency": concurrency,
        "wait": wait,
        "install_signal_handlers": signals,
        "shutdown_graceful_timeout": FINISH_WITHIN,
        "delete_jobs": "never",
    }
    if queues:
        # A list: a tuple would travel to PostgreSQL as a row.
        options["queues"] = list(queues)
    while True:
        try:
            async with _worker_app().open_async() as app:
                await app.run_worker_async(**options)
        except (OperationalError, exceptions.ConnectorException) as problem:
            logger.warning("The job worker lost the database and tries again: %s", type(problem).__name__)
            await asyncio.sleep(RETRY_AFTER)
        else:
            return


class InProcess:
    """A worker in a thread of this process, for one process that does everything, as in the demo."""

    def __init__(self, *, concurrency: int) -> None:
        """Prepare; `start` starts."""
        self._concurrency = concurrency
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True, name="job-worker")

    def start(self) -> None:
        """Begin to do jobs."""
        self._thread.start()

    def stop(self) -> None:
        """Let the jobs in hand finish, within ten seconds."""
        if self._task is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
            self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(work(concurrency=self._concurrency, queues=None, signals=False))
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.close()


def _worker_app() -> App:
    connector = django_app.connector
    if not isinstance(connector, DjangoConnector):
        message = "The worker needs procrastinate's Django connector."
        raise TypeError(message)
    return django_app.with_connector(connector.get_worker_connector())
