"""Who may do what with a fund and with a payout."""

from lianxin.kernel.cases.models import Case, Reporter
from lianxin.kernel.cases.workflow import YES, Verdict, no
from lianxin.kernel.ledger.models import Coverage, Fund, Payout
from lianxin.kernel.people.actors import Actor, ActorKind
from lianxin.kernel.people.roles import FINANCE_OFFICER, PARTNER_KEY, UNION_KEY
from lianxin.kernel.prepared import run
from lianxin.kernel.refusals import NotAllowed
from lianxin.kernel.statements import find
from lianxin.kernel.text import Text

_BODIES = """SELECT f.organization_id, f.partner_id
FROM ledger_payout p JOIN ledger_fund f ON f.id = p.fund_id WHERE p.case_id = $1::bigint"""
_WRONG_BODY = no(
    "wrong_body",
    Text(
        "这把钥匙属于资金的另一方单位。",
        "This key belongs to another body of the fund.",
    ),
)


def can_keep_fund(actor: Actor, path: str) -> Verdict:
    """Whether the actor may open funds at this organization path and move money within them."""
    if actor.kind is ActorKind.SYSTEM or actor.role_for((FINANCE_OFFICER,), path):
        return YES
    return no(
        "not_finance", Text("须由本级工会财务人员办理。", "Only a finance officer of this union may do this.")
    )


def may_keep_fund(actor: Actor, path: str) -> None:
    """Raise ``NotAllowed`` unless :func:`can_keep_fund`."""
    verdict = can_keep_fund(actor, path)
    if not verdict.allowed and verdict.reason:
        raise NotAllowed(verdict.code, verdict.reason)


def can_charge(fund: Fund, case: Case, scheme: str) -> Verdict:
    """Whether a case may be paid for from this fund: it covers the case's place, and is meant for the scheme."""
    if fund.scheme not in {"", scheme}:
        return no(
            "other_scheme",
            Text(
                "这笔资金不用于这类奖励，请另选预算项目。",
                "This fund is for another scheme: choose a line of another fund.",
            ),
        )
    covered = Coverage.objects.filter(fund=fund, ended_at=None).values_list("organization_path", flat=True)
    if not any(case.organization_path.startswith(path) for path in covered):
        return no(
            "fund_elsewhere",
            Text(
                "这笔资金的服务范围不含该单位，请另选预算项目。",
                "This fund does not cover the case's place: choose a line of another fund.",
            ),
        )
    return YES


def holds_first_key(actor: Actor, case: Case) -> Verdict:
    """The first key belongs to the body that owns the fund."""
    role = actor.role_for((UNION_KEY,), case.organization_path)
    return YES if role and role.organization_id == _bodies_of(case)[0] else _WRONG_BODY


def holds_second_key(actor: Actor, case: Case) -> Verdict:
    """The second key belongs to the fund's partner."""
    role = actor.role_for((PARTNER_KEY,), case.organization_path)
    return YES if role and role.organization_id == _bodies_of(case)[1] else _WRONG_BODY


def holds_either_key(actor: Actor, case: Case) -> Verdict:
    """Both bodies may decline."""
    first = holds_first_key(actor, case)
    return first if first.allowed else holds_second_key(actor, case)


def can_send(_actor: Actor, case: Case) -> Verdict:
    """Money goes to the bank only when it is known to whom."""
    payout = find(Payout, case=case.pk)
    if payout is not None and payout.payee_sealed is not None:
        return YES
    return no("payee_missing", Text("收款人尚未登记收款账户。", "The payee has not given an account yet."))


def is_payee(actor: Actor, payout: Payout) -> bool:
    """Whether the actor is the one to be paid: by name, as the reporter in that position, or by receipt.

    A receipt stands for the reporter that it was made for, and for no other of a joint report.
    """
    if actor.kind is ActorKind.RECEIPT:
        return actor.case_id == payout.award_id and payout.position == actor.position
    if actor.person is None:
        return False
    if payout.person_id is not None:
        return payout.person_id == actor.person.pk
    return Reporter.objects.filter(case=payout.award_id, position=payout.position).made_by(actor).exists()


def _bodies_of(case: Case) -> tuple[int, int]:
    """The keys of the bodies that own the fund of a payout: its own, and the partner."""
    ((owner, partner),) = run(_BODIES, [case.pk])
    return owner, partner
