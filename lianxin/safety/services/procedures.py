"""Publishing versions of a procedure, and reading them."""

from collections.abc import Sequence
from datetime import date, datetime

from lianxin.kernel import scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.cases.models import Case
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.models import Person
from lianxin.kernel.refusals import Conflict, NotAllowed, Refused
from lianxin.kernel.text import Text
from lianxin.safety.models import Procedure, ProcedureVersion, ReadDuty, Reading
from lianxin.safety.roles import SAFETY_OFFICE, SITE_MANAGER
from lianxin.safety.services.allowing import holding

_MOST = 300
_LONGEST = 4000
_LONGEST_NUMBER = 20


def publish_procedure(
    enterprise: Organization,
    *,
    title: str,
    clauses: Sequence[tuple[str, str]],
    effective_on: date,
    actor: Actor,
    at: datetime,
    readers: Sequence[Person] = (),
    read_by: date | None = None,
) -> ProcedureVersion:
    """The first version of a new procedure. Raises ``Conflict("procedure_exists")`` for a title used already."""
    holding(actor, (SITE_MANAGER, SAFETY_OFFICE), enterprise.path)
    title = " ".join(title.split())[:200]
    if not title:
        raise Refused("title_missing", Text("请填写规程名称。", "Enter the title."), field="title")
    with scope.act():
        procedure, new = Procedure.objects.get_or_create(
            enterprise=enterprise, title=title, defaults={"enterprise_path": enterprise.path}
        )
        if not new:
            raise Conflict(
                "procedure_exists",
                Text("已有同名规程，请发布新版本。", "There is such a procedure: publish a new version."),
                field="title",
            )
        return publish_version(
            procedure,
            clauses=clauses,
            effective_on=effective_on,
            actor=actor,
            at=at,
            readers=readers,
            read_by=read_by,
        )


def publish_version(
    procedure: Procedure,
    *,
    clauses: Sequence[tuple[str, str]],
    effective_on: date,
    actor: Actor,
    at: datetime,
    note: str = "",
    source: Case | None = None,
    readers: Sequence[Person] = (),
    read_by: date | None = None,
) -> ProcedureVersion:
    """The next version, with who has to read it by when (``effective_on`` unless given).

    ``source`` is the report or suggestion of the same enterprise that led to it. Raises ``Refused``:
    ``clauses_missing``, ``clause_invalid``, ``nothing_changed``, ``source_elsewhere``.
    """
    holding(actor, (SITE_MANAGER, SAFETY_OFFICE), procedure.enterprise_path)
    cleaned = clean_clauses(clauses)
    _check_source(source, procedure)
    with scope.act():
        Procedure.objects.select_for_update().get(pk=procedure.pk)
        last = ProcedureVersion.objects.filter(procedure=procedure).order_by("-number").first()
        if last and last.clauses == cleaned:
            raise Refused(
                "nothing_changed", Text("与现行版本相同。", "It is the same as the version in force.")
            )
        version = ProcedureVersion.objects.create(
            procedure=procedure,
            number=last.number + 1 if last else 1,
            clauses=cleaned,
            effective_on=effective_on,
            note=note,
            source=source,
            published_at=at,
        )
        ReadDuty.objects.bulk_create(
            ReadDuty(version=version, person=person, due_on=read_by or effective_on) for person in readers
        )
        _log("procedure.publish", version, actor, at)
    return version


def record_reading(version: ProcedureVersion, *, actor: Actor, at: datetime) -> Reading:
    """The actor has read it: whoever has to, or belongs to the enterprise. A second time changes nothing."""
    person = actor.person
    if person is None:
        raise NotAllowed("sign_in_first", Text("请先登录。", "Sign in first."))
    with scope.act():
        duty = ReadDuty.objects.filter(version=version, person=person).exists()
        if not duty and not person.organization_path.startswith(version.procedure.enterprise_path):
            raise NotAllowed(
                "not_yours", Text("这份规程不属于您的单位。", "This procedure is not of your enterprise.")
            )
        reading, new = Reading.objects.get_or_create(version=version, person=person, defaults={"at": at})
        if new:
            _log("procedure.read", version, actor, at)
    return reading


def clean_clauses(clauses: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Number and text of each clause, stripped; raises ``Refused`` for none, too many, or a faulty one."""
    cleaned = [[str(number).strip(), str(text).strip()] for number, text in clauses]
    if not cleaned or len(cleaned) > _MOST:
        raise Refused(
            "clauses_missing",
            Text("规程须有 1 到 300 条。", "A procedure has 1 to 300 clauses."),
            field="clauses",
        )
    numbers = [number for number, _ in cleaned]
    faulty = any(
        not number or not text or len(number) > _LONGEST_NUMBER or len(text) > _LONGEST
        for number, text in cleaned
    )
    if faulty or len(set(numbers)) != len(numbers):
        raise Refused(
            "clause_invalid",
            Text("每条须有不重复的条号和内容。", "Each clause has a number of its own and a text."),
            field="clauses",
        )
    return cleaned


def _check_source(source: Case | None, procedure: Procedure) -> None:
    if source is not None and not source.organization_path.startswith(procedure.enterprise_path):
        raise Refused(
            "source_elsewhere",
            Text("来源办件不属于该企业。", "The source case is not of this enterprise."),
            field="source",
        )


def _log(action: str, version: ProcedureVersion, actor: Actor, at: datetime) -> None:
    record(
        action,
        stream=f"procedure:{version.procedure_id}",
        actor=actor.label,
        at=at,
        after={"version": version.number, "source": version.source_id},
        request_id=actor.request_id,
    )
