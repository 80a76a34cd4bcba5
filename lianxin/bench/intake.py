"""`lianxin bench intake`: reports arriving at a real server, beside the bare limits of the same run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

from lianxin.bench import limits, machine, reports, requests, statements
from lianxin.bench.figures import Figure
from lianxin.bench.loads import CLIENTS, ask, commit_rows
from lianxin.bench.serving import BenchProblem, Server, serving
from lianxin.bench.town import Sender, build_town, load_reference
from lianxin.database.embedded import Embedded
from lianxin.kernel import clock, scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.workflow import Workflow, workflows

AIM = 0.40
ALONE = "one-row commit, database alone"
BARE_EMPTY, BARE_COMMIT = "empty view", "view that commits one row"
EMPTY, COMMIT = "empty view, all middleware", "view that commits one row, all middleware"
# A report is thanked for on a page of its own.
SEE_OTHER = 303
WITH_PHOTO = "report with a 200-kB photo"
# Before the first round: a fresh process reads its templates and rules, and opens its connections.
WARM_UP = 2.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and for how long. ``texts`` keeps the statements of one request of each subject."""

    kind: str = "hazard"
    seconds: float = 4.0
    rounds: int = 3
    workers: int = 2
    threads: int = 4
    clients: int = CLIENTS
    texts: bool = False


@dataclass(slots=True)
class Subject:
    """One thing to ask for again and again, and its figure."""

    figure: Figure
    requests: list[bytes]
    expected: tuple[int, ...] = (200,)
    texts: tuple[str, ...] = ()


@dataclass(slots=True)
class Result:
    """The figures of a run and what they were measured on."""

    machine: dict[str, Any]
    figures: list[Figure]
    memory: int
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def rate(self, name: str) -> float:
        """Requests per second of a subject."""
        return next(figure.rate for figure in self.figures if figure.name == name)

    def shares(self) -> dict[str, float]:
        """The rate of each way of reporting, as a share of the view that commits one row."""
        limit = self.rate(BARE_COMMIT)
        return {
            figure.name: figure.rate / limit for figure in self.figures if figure.name.startswith("report")
        }


def measure(home: Path, plan: Plan, say: Say) -> Result:
    """Build a town, serve it, and put each subject under load in turn, round by round.

    Raises ``BenchProblem`` when an answer is not what was expected, or a case lacks one of its rows.
    """
    database, workflow = Embedded(home), workflow_of(plan.kind)
    say("Building a town")
    load_reference()
    senders = build_town(plan.clients, at=clock.now())
    with connection.cursor() as cursor:
        cursor.execute(limits.TABLE)
    facts = machine.facts(home)
    connection.close()
    say("Counting statements")
    with statements.counting_server(home, database) as server:
        subjects = _subjects(server, plan, workflow, senders)
        for subject in subjects:
            counted = statements.count(
                server, subject.requests[0], database=database, expected=subject.expected
            )
            subject.figure.statements, subject.texts = counted.number, counted.texts
    alone = Figure(ALONE, statements=1)
    with serving(home, workers=plan.workers, threads=plan.threads) as server:
        say("Warming up")
        for subject in subjects:
            seconds = min(WARM_UP, plan.seconds)
            ask(server, subject.requests, seconds=seconds, database=database, expected=subject.expected)
        for number in range(1, plan.rounds + 1):
            say(f"Round {number} of {plan.rounds}")
            alone.rounds.append(commit_rows(database, seconds=plan.seconds, clients=plan.clients))
            _measure_round(server, database, subjects, plan)
        memory = server.memory()
    prove_whole(workflow)
    texts = {subject.figure.name: subject.texts for subject in subjects} if plan.texts else {}
    return Result(facts, [alone, *(subject.figure for subject in subjects)], memory, texts)


def workflow_of(kind: str) -> Workflow:
    """The workflow of a kind that can be raised; raises ``BenchProblem``."""
    openable = {workflow.kind: workflow for workflow in workflows() if workflow.opening}
    if kind not in openable:
        message = f"No kind {kind!r} can be raised here; there are: {', '.join(openable)}."
        raise BenchProblem(message)
    return openable[kind]


def prove_whole(workflow: Workflow) -> None:
    """Raise ``BenchProblem`` unless every case has its rows: a rate of reports that lost something says nothing."""
    with scope.use(scope.EVERYTHING), connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), count(a.id), count(e.id),
            count(*) FILTER (WHERE EXISTS (SELECT 1 FROM cases_reporter r WHERE r.case_id = c.id))
            FROM cases_case c LEFT JOIN cases_act a ON a.case_id = c.id
            LEFT JOIN audit_logentry e ON e.id = a.entry_id AND e.stream = 'case:' || c.id"""
        )
        found = [*cursor.fetchone(), workflow.model._default_manager.count(), Case.objects.count()]  # noqa: SLF001
    connection.close()
    if not found[0] or len(set(found)) > 1:
        message = f"cases, acts, log entries, reporters, details do not agree: {found}"
        raise BenchProblem(message)


def _subjects(server: Server, plan: Plan, workflow: Workflow, senders: Sequence[Sender]) -> list[Subject]:
    doors = {
        BARE_EMPTY: limits.BARE_EMPTY,
        BARE_COMMIT: limits.BARE_COMMIT,
        EMPTY: limits.EMPTY,
        COMMIT: limits.COMMIT,
    }
    found = [Subject(Figure(name), [requests.get(path)] * plan.clients) for name, path in doors.items()]
    opening = workflow.opening
    modes = opening.modes if opening else ()
    for mode in modes:
        sent = reports.forms_sent(server, workflow, senders, mode)
        found.append(Subject(Figure(f"report, {mode}"), sent, expected=(SEE_OTHER,)))
    found.append(Subject(Figure("report, by API"), reports.calls_sent(workflow, senders), expected=(201,)))
    photos = [one for one in (opening.evidence if opening else ()) if "photo" in one.kinds]
    if photos:
        sent = reports.forms_sent(
            server, workflow, senders, modes[0], photo=(photos[0].name, reports.picture())
        )
        found.append(Subject(Figure(WITH_PHOTO), sent, expected=(SEE_OTHER,)))
    return found


def _measure_round(server: Server, database: Embedded, subjects: Sequence[Subject], plan: Plan) -> None:
    for subject in subjects:
        subject.figure.rounds.append(
            ask(
                server,
                subject.requests,
                seconds=plan.seconds,
                database=database,
                expected=subject.expected,
            )
        )
