"""Payouts as the domain apps see them: propose one for a case, say to whom, acknowledge.

A payout stands at the organization of its fund: the enterprise and the line union, whose scopes end below,
cannot see that it exists.
"""

import hashlib
import uuid
from datetime import datetime
from typing import Any

from lianxin.kernel import scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.cases.deadlines import moment_after
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.routing import limit_for
from lianxin.kernel.cases.services import open_case, perform, stream_of
from lianxin.kernel.ledger import services
from lianxin.kernel.ledger.models import BudgetLine, Fund, Payout
from lianxin.kernel.ledger.payees import Payee, seal_payee
from lianxin.kernel.ledger.posting import check_positive
from lianxin.kernel.ledger.rules import can_charge, can_keep_fund, is_payee
from lianxin.kernel.ledger.workflow import S, workflow
from lianxin.kernel.money import Money
from lianxin.kernel.people.actors import Actor, receipt_holder
from lianxin.kernel.people.models import Person
from lianxin.kernel.refusals import Conflict, NotFound, Refused
from lianxin.kernel.statements import fetch, find, update
from lianxin.kernel.text import Text

_KEYS = uuid.UUID("6b1f0c52-1f5e-4d57-9c2b-0f6f0c9a7d11")


def propose_payout(  # noqa: PLR0913 - each says something that only the caller knows
    parent_case: Case,
    *,
    fund: Fund,
    line: BudgetLine | None,
    amount: Money,
    payee: Payee | None,
    reason_code: str,
    actor: Actor,
    at: datetime,
    idempotency_key: str,
    position: int = 1,
    scheme: str = "",
    person: Person | None = None,
    verified_at: datetime | None = None,
) -> Case:
    """Reserve an amount and open the payout case under the case that earned it.

    ``position`` is the payee's place among the reporters of the parent case, ``scheme`` by what it was earned;
    ``person`` is given only where the payee may be known. ``verified_at`` starts the public count of days to payment,
    ``at`` when not given. Raises ``Refused``: ``amount_not_positive``, ``fund_short``, ``fund_closed``,
    ``line_elsewhere``, and ``fund_elsewhere`` or ``other_scheme`` for a fund that does not pay for this;
    ``Conflict("payout_exists")`` while another payout of the scheme stands for this payee.
    """
    check_positive(amount)
    token = uuid.uuid5(_KEYS, idempotency_key)
    with scope.act():
        # Locks the award: two proposals for one payee meet here, and the second is told.
        award = fetch(Case, pk=parent_case.pk, lock=True)
        again = find(Case, client_token=token)
        if again:
            return _same(again, award, amount, (position, scheme))
        _check_none_stands(award, position, scheme)
        chargeable = can_charge(fund, award, scheme)
        if not chargeable.allowed and chargeable.reason:
            raise Refused(chargeable.code, chargeable.reason, field="line")
        case = _open(
            actor,
            at,
            token,
            award=parent_case,
            position=position,
            scheme=scheme,
            fund=fund,
            line=line,
            amount=amount.fen,
            reason_code=reason_code,
            verified_at=verified_at or at,
            person=person,
        )
        services.reserve(
            case,
            fund=fund,
            line=line,
            amount=amount,
            actor=actor,
            at=at,
            idempotency_key=f"payout:{case.pk}:reserve",
            memo=reason_code,
        )
        if payee:
            _write_payee(payout_of(case), payee, actor=actor, at=at)
    return case


def _open(actor: Actor, at: datetime, token: uuid.UUID, **facts: Any) -> Case:
    number = facts["award"].number
    spoken = {"amount": facts["amount"], "reason_code": facts["reason_code"], "award": number}
    return open_case(
        workflow,
        actor=actor,
        at=at,
        organization=facts["fund"].organization,
        data={**facts, "spoken": spoken},
        title=f"奖励发放 {number}",
        parent=facts["award"],
        client_token=token,
    ).case


def _check_none_stands(award: Case, position: int, scheme: str) -> None:
    if Payout.objects.filter(award=award, position=position, scheme=scheme, live=True).exists():
        raise Conflict(
            "payout_exists", Text("该报告人已有一笔发放。", "There is a payout for this reporter already.")
        )


def set_payee(payout: Payout, *, payee: Payee, actor: Actor, at: datetime) -> Payout:
    """Say to whom a payout goes: by the payee, blind, or by finance for a named one. Sealed at once.

    An account once given stays, unless the bank could not pay to it. Raises ``NotFound`` for anybody else,
    ``Conflict("payee_set")``, or ``Conflict("payout_closed")`` once the money is on its way.
    """
    with scope.act():
        fresh = (
            Payout.objects.select_for_update(of=("self",)).select_related("case", "fund").get(pk=payout.pk)
        )
        finance = fresh.person_id is not None and can_keep_fund(actor, fresh.fund.organization_path).allowed
        if not finance and not is_payee(actor, fresh):
            raise _not_yours()
        if fresh.case.status not in {S.RESERVED, S.APPROVED, S.RELEASED, S.FAILED}:
            raise Conflict(
                "payout_closed",
                Text("款项已送银行，不能再改收款人。", "The money is on its way: the payee stays."),
            )
        if fresh.payee_sealed is not None and fresh.case.status != S.FAILED:
            raise Conflict("payee_set", Text("收款账户已登记。", "The account has been given already."))
        _write_payee(fresh, payee, actor=actor, at=at)
    return fresh


def acknowledge_payout(payout: Payout, *, actor: Actor, at: datetime) -> Case:
    """The payee says that the money has come. History calls them the reporter, whoever they are."""
    with scope.act():
        if not is_payee(actor, payout):
            raise _not_yours()
        return perform(
            payout.case,
            "acknowledge",
            actor=receipt_holder(payout.case_id, request_id=actor.request_id),
            at=at,
        )


def payout_of(case: Case) -> Payout:
    """The facts of a payout case."""
    payout = fetch(Payout, case=case.pk)
    payout.case = case
    return payout


def _write_payee(payout: Payout, payee: Payee, *, actor: Actor, at: datetime) -> None:
    payout.payee_sealed = seal_payee(payee, case_id=payout.case_id)
    update(payout, "payee_sealed")
    case = payout.case
    if case.status == S.RELEASED:
        limit = limit_for(case, workflow.stages[case.status], at)
        case.due_at = case.wake_at = moment_after(at, limit) if limit else None
        update(case, "due_at", "wake_at")
    record(
        "payout.set_payee",
        stream=stream_of(case),
        actor="reporter" if payout.person_id is None else actor.label,
        at=at,
        after={"sealed": hashlib.sha256(payout.payee_sealed).hexdigest()},
        request_id=actor.request_id,
    )


def _same(case: Case, award: Case, amount: Money, earned: tuple[int, str]) -> Case:
    payout = payout_of(case)
    if (payout.award_id, payout.amount, (payout.position, payout.scheme)) != (award.pk, amount.fen, earned):
        raise Conflict(
            "key_reused",
            Text("这个幂等键已用于另一笔资金操作。", "This idempotency key has served another act of money."),
            field="idempotency_key",
        )
    return case


def _not_yours() -> NotFound:
    return NotFound("payout_unknown", Text("查不到这笔发放。", "There is no such payout."))
