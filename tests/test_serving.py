"""The whole product under load while its database is killed: what was acknowledged is there, and it goes on."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.homes import CHECKOUT, environment, lianxin, migrated
from tests.test_database import awaited, server_of

POST = ("/api/v1/kinds/hazard/cases", {"Content-Type": "application/json"})
PLACE = """
from lianxin.kernel import scope
from lianxin.kernel.clock import now
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.orgs.services import create_enterprise, create_organization
from lianxin.kernel.people.actors import SYSTEM
with scope.act():
    nation = create_organization("全国", kind=Organization.Kind.FEDERATION, parent=None, actor=SYSTEM, at=now())
    print(create_enterprise("某厂", parent=nation, actor=SYSTEM, at=now()).pk)
"""
NUMBERS = """
from lianxin.kernel import scope
from lianxin.kernel.cases.models import Case
with scope.use(scope.EVERYTHING):
    print(*Case.objects.values_list("number", flat=True))
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lianxin-", ignore_cleanup_errors=True) as folder:
        yield migrated(Path(folder).resolve() / "home")


@pytest.fixture
def port(home: Path) -> Iterator[int]:
    """A real server with two threads on a home of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "lianxin", "serve", "--port", str(number), "--threads", "2"],
        cwd=CHECKOUT,
        env=environment(home, LIANXIN_LOG_LEVEL="CRITICAL"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert awaited(lambda: _answers(number), seconds=120)
    yield number
    server.terminate()
    server.wait(30)


def _answers(port: int) -> bool:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        client.request("GET", "/api/v1/kinds")
        return client.getresponse().status == 200
    except OSError:
        return False
    finally:
        client.close()


class Reporters:
    """Clients that report one thing after the other and keep the numbers they were told."""

    def __init__(self, port: int, organization: int, count: int) -> None:
        self.port, self.organization = port, organization
        self.told: list[str] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._report) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def end(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(60)

    def _report(self) -> None:
        address, headers = POST
        body = json.dumps(
            {"hazards": "围堰缺少跨步梯", "organization": self.organization, "mode": "anonymous"}
        )
        while not self.stop.is_set():
            client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                client.request("POST", address, body.encode(), headers)
                answer = client.getresponse()
                told = answer.read()
                if answer.status == 201:
                    self.told.append(json.loads(told)["case"]["number"])
            except OSError:
                time.sleep(0.05)
            finally:
                client.close()


def test_database_killed_under_load_loses_nothing_acknowledged_and_the_server_goes_on(
    home: Path, port: int
) -> None:
    made = lianxin("shell", "-v0", "-c", PLACE, home=home)
    assert made.returncode == 0, made.stderr
    clients = Reporters(port, int(made.stdout.split()[-1]), 4)
    try:
        assert awaited(lambda: len(clients.told) > 40, seconds=60)
        os.kill(server_of(home), signal.SIGKILL)
        before = len(clients.told)
        assert awaited(lambda: len(clients.told) > before + 40, seconds=60)
    finally:
        clients.end()
    kept = lianxin("shell", "-v0", "-c", NUMBERS, home=home)
    assert kept.returncode == 0, kept.stderr
    assert len(set(clients.told)) == len(clients.told)
    assert set(clients.told) <= set(kept.stdout.split())
    assert lianxin("verify", home=home).returncode == 0
