"""Whose turn it is: the nearest body that has the right kind of role, and who stands above it."""

from datetime import datetime
from functools import cache

from lianxin.kernel.cases.deadlines import Duration, moment_after, working_days
from lianxin.kernel.cases.models import Case, Reporter
from lianxin.kernel.cases.workflow import Party, Stage, Workflow
from lianxin.kernel.clock import day_of
from lianxin.kernel.orgs.models import PATH_WIDTH, Organization
from lianxin.kernel.people.roles import UNION_OFFICER, RoleKind
from lianxin.kernel.prepared import run
from lianxin.kernel.reference.queries import parameter
from lianxin.kernel.statements import columns_of, instance


def responsible(owner: RoleKind | Party, path: str) -> tuple[Organization | None, str]:
    """The organization whose turn it is and the code of the role; a reporter or the system has no queue."""
    if isinstance(owner, Party):
        return None, owner.value
    return nearest_body(owner, path), owner.code


def nearest_body(kind: RoleKind, path: str, *, above: str | None = None) -> Organization | None:
    """The body with somebody in office of this kind whose territory covers the path most closely.

    With ``above``, only territories strictly above that path count.
    """
    prefixes = [path[:end] for end in range(PATH_WIDTH, len(path) + 1, PATH_WIDTH)]
    if above is not None:
        prefixes = [prefix for prefix in prefixes if len(prefix) < len(above)]
    found = run(_nearest(), [kind.code, prefixes])
    return instance(Organization, found[0]) if found else None


@cache
def _nearest() -> str:
    return f"""SELECT {columns_of(Organization, "o")}
FROM people_role r JOIN orgs_organization o ON o.id = r.organization_id
WHERE r.kind = $1 AND r.ended_at IS NULL AND r.scope_path = ANY($2::text[])
ORDER BY r.scope_path DESC, r.id LIMIT 1"""  # noqa: S608 - the model's own names


def supervisor_above(case: Case) -> Organization | None:
    """The next union above whoever has the case now, to which it climbs when overdue."""
    below = case.supervisor or case.owner
    above = below.jurisdiction_path if below else case.organization_path
    return nearest_body(UNION_OFFICER, case.organization_path, above=above)


def limit_for(case: Case, stage: Stage, at: datetime) -> Duration | None:
    """The stage's time limit: by the region's rule of that day, else the workflow's own."""
    rule = parameter(
        f"deadline.{case.kind}.{stage.status}", region=case.region_id, on=day_of(at), default=None
    )
    return Duration(int(rule["amount"]), str(rule["unit"])) if rule else stage.within


def window_for(case: Case, window: Duration, since: datetime) -> Duration:
    """How long a status stays open to an objection, or until the system acts: by regional rule, else as declared."""
    rule = parameter(
        f"window.{case.kind}.{case.status}", region=case.region_id, on=day_of(since), default=None
    )
    return Duration(int(rule["amount"]), str(rule["unit"])) if rule else window


def relocate(case: Case, organization: Organization) -> None:
    """The case turns out to concern another place: whoever sees that place sees the case from now on.

    Within a deed; the caller's step goes on to find the new owner.
    """
    case.organization, case.organization_path = organization, organization.path
    case.region_id, case.site = organization.region_id, None
    case.save(update_fields=["organization", "organization_path", "region", "site"])
    Reporter.objects.filter(case=case).update(organization=organization, organization_path=organization.path)


def climbing_pause() -> Duration:
    """How long each level has before an overdue case climbs further."""
    rule = parameter("escalation.pause", region=None, on=None, default=None)
    return Duration(int(rule["amount"]), str(rule["unit"])) if rule else working_days(3)


def route(
    workflow: Workflow,
    case: Case,
    *,
    at: datetime,
    due_at: datetime | None,
    owner: Organization | None = None,
) -> None:
    """Set owner, deadline and waking time for the status that the case is in."""
    stage = workflow.stages.get(case.status)
    case.owner, case.owner_role, case.due_at = None, "", None
    if case.closed_at is not None:
        case.wake_at = None
        return
    if stage:
        case.owner, case.owner_role = responsible(stage.owner, case.organization_path)
        case.owner = owner or case.owner
        limit: Duration | None = limit_for(case, stage, at)
        case.due_at = due_at or (moment_after(at, limit) if limit else None)
        if stage.discloses and case.disclosed_at is None:
            case.disclosed_at = at
    moments = [
        moment_after(at, window_for(case, step.after, at))
        for step in workflow.steps_from(case.status)
        if step.after is not None
    ]
    case.wake_at = min([*moments, *([case.due_at] if case.due_at else [])], default=None)
