"""Who has to be told of what, beside the answers that every case gives its reporters."""

from datetime import datetime

from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.routing import nearest_body
from lianxin.kernel.cases.workflow import workflow_for
from lianxin.kernel.notices.services import announce, tell_reporters
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.text import Text
from lianxin.safety.roles import AUTHORITY, SAFETY_OFFICE, SITE_MANAGER, UNION_OFFICER

MAJOR = Text(
    "办件 {number}“{title}”定为重大隐患：建议立即停止相关作业，撤出危险区域人员。",
    "Case {number} “{title}” is graded a major hazard: stop the work concerned at once and clear the area.",
)
MERGED = Text(
    "您的报告 {number} 已并入 {into}，该办件现为“{status}”。",
    "Your report {number} was merged into {into}, which is now “{status}”.",
)


def tell_major(case: Case, *, actor: Actor, at: datetime) -> None:
    """Tell the enterprise, the line and the authority at once (Work Safety Law art. 41): the log shows when."""
    text = MAJOR.format(number=case.number, title=case.title)
    announce(case.organization, text=text, actor=actor, at=at, case=case, role=SITE_MANAGER)
    for kind in (UNION_OFFICER, SAFETY_OFFICE, AUTHORITY):
        body = nearest_body(kind, case.organization_path)
        if body:
            announce(body, text=text, actor=actor, at=at, case=case, role=kind)


def tell_merged(case: Case, *, at: datetime) -> None:
    """The reporters of what was merged into this case keep hearing of it, over however many mergers it came there."""
    status = workflow_for(case.kind).status_label(case.status)
    merged = list(Case.objects.filter(merged_into=case).order_by("pk"))
    while merged:
        for each in merged:
            text = MERGED.format(number=each.number, into=case.number, status=status)
            tell_reporters(each, text=text, at=at)
        # A case is only ever merged into an earlier one: this comes to an end.
        merged = list(Case.objects.filter(merged_into__in=merged).order_by("pk"))
