"""The serving process: what must hold before it serves, and the server itself."""

import ipaddress
import json
import multiprocessing
import os
import socket
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from lianxin.operate.working import InProcess


class NotServable(Exception):
    """Something must be done before the product can be served; the message says what."""


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine can reach this address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def prove_port_free(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on before anything else is started."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        message = f"{host}:{port} cannot be served ({error.strerror}): choose another with --host and --port."
        raise NotServable(message) from error


def bring_tables_up_to_date(*, migrate: bool) -> int:
    """Create the tables of a new database; change those of one in use only when told to. Returns how many steps."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan and executor.loader.applied_migrations and not migrate:
        message = (
            f"The database lacks {len(plan)} migrations of this release. Make a backup (`lianxin backup`), "
            "then run `lianxin migrate`, or serve with --migrate."
        )
        raise NotServable(message)
    if plan:
        call_command("migrate", verbosity=0, interactive=False)
    connection.close()
    return len(plan)


def collect_static_files() -> bool:
    """Gather static files where the gathered ones are missing or older than their sources."""
    if settings.DEBUG:
        return False
    manifest = Path(settings.STATIC_ROOT, "staticfiles.json")
    if manifest.is_file() and _newest_static_source() <= manifest.stat().st_mtime and _is_whole(manifest):
        return False
    call_command("collectstatic", verbosity=0, interactive=False)
    os.utime(manifest)
    return True


def serve(*, host: str, port: int, workers: int, threads: int, with_worker: bool) -> None:
    """Serve until interrupted. Pages are served by processes of their own; this one looks after them."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    if is_loopback(host):
        # Read by the settings of the processes started below: cookies may travel without TLS on this machine.
        os.environ.setdefault("LIANXIN_LOOPBACK_HTTP", "1")
    # Every request's thread can have a connection, and the pages' own threads a few more.
    os.environ["LIANXIN_POOL"] = str(threads + 4)
    # A fork would copy this process's threads' locks and its settings; the pages' processes start clean.
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        "lianxin.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=30,
        websockets=False,
        log_level=LogLevels.warning,
    )
    if with_worker:
        worker = InProcess(concurrency=2)
        server.on_startup(worker.start)
        server.on_shutdown(worker.stop)
    server.serve()


def _newest_static_source() -> float:
    paths = (storage.path(path) for finder in get_finders() for path, storage in finder.list([]))
    return max((Path(path).stat().st_mtime for path in paths), default=0.0)


def _is_whole(manifest: Path) -> bool:
    try:
        return bool(json.loads(manifest.read_text(encoding="utf-8"))["paths"])
    except (ValueError, KeyError):
        return False
