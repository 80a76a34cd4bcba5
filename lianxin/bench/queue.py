"""`lianxin bench queue`: a county officer's queue page as the number of cases grows.

Every size has its own database on one server and its own serving process, so that sizes are measured in turn within
one round, and a slow minute of the machine meets all of them.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from django.urls import reverse

from lianxin.bench import limits, machine, requests, statements
from lianxin.bench.figures import Figure
from lianxin.bench.intake import BARE_COMMIT, BARE_EMPTY, workflow_of
from lianxin.bench.loads import CLIENTS, ask
from lianxin.bench.province import Province, Shape, build_province, copy_database, fill
from lianxin.bench.serving import serving
from lianxin.bench.town import load_reference
from lianxin.database.embedded import Embedded
from lianxin.kernel import clock
from lianxin.kernel.cases.queues import Order

QUEUE_AIM = 1.5
WARM_UP = 2.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class QueuePlan:
    """What is measured, and for how long; ``explain`` keeps the statements of one page with their plans."""

    sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    kind: str = "hazard"
    seconds: float = 5.0
    rounds: int = 3
    workers: int = 2
    threads: int = 4
    clients: int = CLIENTS
    explain: bool = False
    order: Order = Order.DUE
    shape: Shape = field(default_factory=Shape)


@dataclass(slots=True)
class QueueResult:
    """The figures of a run and what they were measured on; ``figures`` holds the sizes after the bare limits."""

    machine: dict[str, Any]
    organizations: int
    figures: list[Figure]
    sizes: dict[int, Figure]
    memory: dict[int, int]
    plans: dict[int, list[str]] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """How much longer the page takes at the largest size than at the smallest, by p95."""
        return self.sizes[max(self.sizes)].median("p95") / self.sizes[min(self.sizes)].median("p95")


def measure_queue(home: Path, plan: QueuePlan, say: Say) -> QueueResult:
    """Build a province, fill it size by size, and ask for the page at each size in turn, round by round.

    Raises ``BenchProblem`` when an answer is not the page.
    """
    database, at = Embedded(home), clock.now()
    workflow_of(plan.kind)
    say("Founding a province")
    load_reference()
    with connection.cursor() as cursor:
        cursor.execute(limits.TABLE)
    province = build_province(plan.shape, at=at)
    facts = machine.facts(home)
    connection.close()
    names = _fill(database, province, plan, say)
    page = requests.get(f"{reverse('cases:queue')}?sort={plan.order}", cookies=province.cookies)
    sizes = {size: Figure(f"queue at {size:,} cases") for size in plan.sizes}
    bare = {BARE_EMPTY: limits.BARE_EMPTY, BARE_COMMIT: limits.BARE_COMMIT}
    floor = {name: Figure(name) for name in bare}
    plans = {}
    for size, name in names.items():
        say(f"Counting statements at {size:,} cases")
        with statements.counting_server(home, database, name=name) as server:
            counted = statements.count(server, page, database=database, expected=(200,))
            sizes[size].statements = counted.number
            if size == min(names):
                for what, path in bare.items():
                    floor[what].statements = statements.count(
                        server, requests.get(path), database=database, expected=(200,)
                    ).number
        if plan.explain:
            plans[size] = _explained(database, name, counted.texts)
    with ExitStack() as stack:
        servers = {
            size: stack.enter_context(
                serving(home, workers=plan.workers, threads=plan.threads, database=name, log=name)
            )
            for size, name in names.items()
        }
        for server in servers.values():
            ask(server, [page] * plan.clients, seconds=min(WARM_UP, plan.seconds), database=database)
        for number in range(1, plan.rounds + 1):
            say(f"Round {number} of {plan.rounds}")
            for name, path in bare.items():
                sent = [requests.get(path)] * plan.clients
                floor[name].rounds.append(
                    ask(servers[min(servers)], sent, seconds=plan.seconds, database=database)
                )
            for size, server in servers.items():
                sizes[size].rounds.append(
                    ask(server, [page] * plan.clients, seconds=plan.seconds, database=database)
                )
        memory = {size: server.memory() for size, server in servers.items()}
    return QueueResult(
        facts, province.organizations, [*floor.values(), *sizes.values()], sizes, memory, plans
    )


def _fill(database: Embedded, province: Province, plan: QueuePlan, say: Say) -> dict[int, str]:
    """The name of the database of each size; the largest stays under the product's own name."""
    names, first = {}, 1
    for size in plan.sizes:
        say(f"Filling {size:,} cases")
        fill(database, province, kind=plan.kind, first=first, last=size, at=clock.now())
        first = size + 1
        names[size] = database.address.name
        if size != plan.sizes[-1]:
            names[size] = f"{database.address.name}_{size}"
            copy_database(database, names[size])
    return names


def _explained(database: Embedded, name: str, texts: tuple[str, ...]) -> list[str]:
    """Each statement of a page with what the planner does, under the scope that the page itself has set."""
    lines = []
    with psycopg.connect(database.address.conninfo(), dbname=name) as connection:
        for text in texts:
            lines += ["", text]
            if text.startswith("SELECT") and "set_config" in text:
                connection.execute(text)
            elif text.startswith(("SELECT", "WITH")):
                # What was prepared has no values here: its plan for any.
                how = "GENERIC_PLAN, COSTS OFF" if "$1" in text else "ANALYZE, BUFFERS, COSTS OFF"
                rows = connection.execute(f"EXPLAIN ({how}) {text}")
                lines += [f"    {row[0]}" for row in rows]
        connection.rollback()
    return lines
