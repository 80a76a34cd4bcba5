"""A payout as a case: reserved, approved by one key, released by the other, sent to the bank, paid.

The reporter, the grader and the two keys are four people (duties of the group ``reward`` in the chain of the
case that earned it), and the two keys belong to two bodies (``keys@body``).
"""

from typing import Any

from django import forms

from lianxin.kernel.cases.deadlines import Duration, days, moment_after, working_days
from lianxin.kernel.cases.forms import OpeningForm, ReasonForm, StepForm
from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.rules import role_for_step
from lianxin.kernel.cases.workflow import (
    Deed,
    Opening,
    Party,
    Status,
    Workflow,
    any_of,
    register,
    workflow_for,
)
from lianxin.kernel.clock import day_of
from lianxin.kernel.ledger import services
from lianxin.kernel.ledger.models import BatchLine, Payout
from lianxin.kernel.ledger.rules import can_send, holds_either_key, holds_first_key, holds_second_key
from lianxin.kernel.money import Money
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.people.roles import FINANCE_OFFICER, PARTNER_KEY, UNION_KEY
from lianxin.kernel.reference.queries import parameter
from lianxin.kernel.refusals import NotFound, Refused
from lianxin.kernel.statements import find, insert, update
from lianxin.kernel.text import Text

KIND = "payout"
# Where no region says otherwise; not verified.
CLAIM_WINDOW = days(60)


class S(Status):
    """Where a payout stands."""

    RESERVED = "reserved", Text("已预留", "reserved")
    APPROVED = "approved", Text("已审批", "approved")
    RELEASED = "released", Text("已放款待付", "released")
    SENT = "sent", Text("已送银行", "sent to the bank")
    FAILED = "failed", Text("支付失败", "failed")
    PAID = "paid", Text("已支付", "paid")
    ACKNOWLEDGED = "acknowledged", Text("已签收", "acknowledged")
    DECLINED = "declined", Text("未批准", "declined")
    VOID = "void", Text("已作废", "void")


class SendForm(StepForm):
    """The bank batch that carries the payment; batches are made from the list, not from one payout."""

    batch = forms.IntegerField(label=Text("银行批次", "Bank batch"), widget=forms.HiddenInput)
    number = forms.IntegerField(label=Text("序号", "Line"), min_value=1, widget=forms.HiddenInput)


class ResultForm(StepForm):
    """What the bank said, read from its result file."""

    batch = forms.IntegerField(label=Text("银行批次", "Bank batch"), widget=forms.HiddenInput)
    reference = forms.CharField(label=Text("银行流水号", "Bank reference"), max_length=60, required=False)


class FailureForm(ResultForm):
    """Why the bank did not pay."""

    reason = forms.CharField(label=Text("失败原因", "Reason"), max_length=200)


class ByAwardOnly(OpeningForm):
    """Payouts are proposed for a case that has earned them; nobody opens one by hand."""

    def values(self) -> dict[str, Any]:
        """Refuse, whatever was sent."""
        raise NotFound(
            "not_opened_directly",
            Text("资金发放不能直接提交。", "A payout is not submitted directly."),
        )


def _create(case: Case, data: dict[str, Any]) -> list[Payout]:
    return [Payout(case=case, **{k: v for k, v in data.items() if k != "spoken"})]


def _body(deed: Deed, step: str) -> Organization | None:
    role = role_for_step(deed.actor, deed.case, workflow_for(KIND).steps[step])
    return role.organization if role else None


def _approve(deed: Deed) -> None:
    payout: Payout = deed.detail
    payout.approved_by, payout.approved_body = deed.actor.person, _body(deed, "approve")
    payout.approved_at = deed.at


def _release(deed: Deed) -> None:
    payout: Payout = deed.detail
    payout.released_by, payout.released_body = deed.actor.person, _body(deed, "release")
    payout.released_at = deed.at
    if payout.payee_sealed is None:
        # The wait is for the payee, not for finance.
        on, region = day_of(deed.at), deed.case.region_id
        rule = parameter("payout.claim_window", region=region, on=on, default=None)
        window = Duration(int(rule["amount"]), str(rule["unit"])) if rule else CLAIM_WINDOW
        deed.due_at = moment_after(deed.at, window)


def _give_up(deed: Deed) -> None:
    payout: Payout = deed.detail
    services.release_reserve(
        deed.case,
        fund=payout.fund,
        line=payout.line,
        amount=Money(payout.amount),
        actor=deed.actor,
        at=deed.at,
        idempotency_key=f"payout:{payout.case_id}:release",
        memo=payout.reason_code,
    )
    payout.live = False


def _send(deed: Deed) -> None:
    payout: Payout = deed.detail
    line = BatchLine(
        batch_id=deed.data["batch"], number=deed.data["number"], payout=payout, amount=payout.amount
    )
    insert([line])
    payout.attempts += 1


def _book(deed: Deed, status: BatchLine.Status) -> None:
    """Close the payout's line in the batch; the result of another batch is not this payment's."""
    line = find(BatchLine, payout=deed.detail.pk, batch=deed.data["batch"])
    if line is None or line.status != BatchLine.Status.OUT:
        raise Refused(
            "not_in_batch",
            Text("该笔支付不在这一批次。", "This payment is not in that batch."),
            field="batch",
        )
    line.status, line.bank_reference = status, deed.data["reference"]
    update(line, "status", "bank_reference")


def _confirm_paid(deed: Deed) -> None:
    payout: Payout = deed.detail
    _book(deed, BatchLine.Status.PAID)
    payout.paid_entry = services.pay(
        deed.case,
        fund=payout.fund,
        line=payout.line,
        amount=Money(payout.amount),
        actor=deed.actor,
        at=deed.at,
        idempotency_key=f"payout:{payout.case_id}:pay:{payout.attempts}",
        memo=payout.reason_code,
    )
    payout.paid_at, payout.bank_reference = deed.at, deed.data["reference"]


def _fail(deed: Deed) -> None:
    _book(deed, BatchLine.Status.FAILED)


def _bounce(deed: Deed) -> None:
    payout: Payout = deed.detail
    if payout.paid_entry:
        services.mirror(
            payout.paid_entry,
            reason=deed.data["reason"],
            actor=deed.actor,
            at=deed.at,
            idempotency_key=f"payout:{payout.case_id}:bounce:{payout.attempts}",
        )
    payout.paid_at, payout.paid_entry, payout.bank_reference = None, None, ""


def _title(data: dict[str, Any]) -> str:
    return f"{Text('发放', 'Payout')} {Money(data['amount'])}"


workflow = register(
    Workflow(
        KIND,
        Payout,
        S,
        label=Text("资金发放", "Payout"),
        prefix="P",
        initial=S.RESERVED,
        final={S.PAID, S.ACKNOWLEDGED, S.DECLINED, S.VOID},
        opening=Opening(form=ByAwardOnly, create=_create, title=_title, modes=()),
        facts_template="ledger/payout_facts.html",
        icon="cash",
    )
)
_FINANCE = {"reward": "finance"}

workflow.stage(S.RESERVED, owner=UNION_KEY, within=working_days(5))
workflow.stage(S.APPROVED, owner=PARTNER_KEY, within=working_days(5))
workflow.stage(S.RELEASED, owner=FINANCE_OFFICER, within=working_days(5))
workflow.stage(S.SENT, owner=FINANCE_OFFICER, within=working_days(3))
workflow.stage(S.FAILED, owner=FINANCE_OFFICER, within=working_days(3))

workflow.step(
    "approve",
    Text("审批", "Approve"),
    S.RESERVED >> S.APPROVED,
    by=UNION_KEY,
    rule=holds_first_key,
    duties={"reward": "key1", "keys@body": "key1"},
    effect=_approve,
)
workflow.step(
    "decline",
    Text("不批准", "Decline"),
    any_of(S.RESERVED, S.APPROVED) >> S.DECLINED,
    by=(UNION_KEY, PARTNER_KEY),
    form=ReasonForm,
    rule=holds_either_key,
    effect=_give_up,
    outcome="declined",
    tone="danger",
)
workflow.step(
    "release",
    Text("放款", "Release"),
    S.APPROVED >> S.RELEASED,
    by=PARTNER_KEY,
    rule=holds_second_key,
    duties={"reward": "key2", "keys@body": "key2"},
    effect=_release,
)
workflow.step(
    "send",
    Text("送银行", "Send to the bank"),
    S.RELEASED >> S.SENT,
    by=FINANCE_OFFICER,
    form=SendForm,
    rule=can_send,
    duties=_FINANCE,
    effect=_send,
    help=Text("在“银行批次”中成批送出。", "Payments go out together, from “Bank batches”."),
)
workflow.step(
    "confirm_paid",
    Text("确认到账", "Confirm paid"),
    S.SENT >> S.PAID,
    by=FINANCE_OFFICER,
    form=ResultForm,
    duties=_FINANCE,
    effect=_confirm_paid,
    outcome="paid",
)
workflow.step(
    "fail",
    Text("支付失败", "Failed"),
    S.SENT >> S.FAILED,
    by=FINANCE_OFFICER,
    form=FailureForm,
    duties=_FINANCE,
    effect=_fail,
    tone="danger",
)
workflow.step(
    "bounce",
    Text("退汇", "Returned by the bank"),
    any_of(S.PAID, S.ACKNOWLEDGED) >> S.FAILED,
    by=FINANCE_OFFICER,
    form=ReasonForm,
    duties=_FINANCE,
    effect=_bounce,
    tone="danger",
)
workflow.step(
    "retry",
    Text("重新支付", "Retry"),
    S.FAILED >> S.RELEASED,
    by=FINANCE_OFFICER,
    duties=_FINANCE,
)
workflow.step(
    "void",
    Text("作废", "Void"),
    any_of(S.APPROVED, S.RELEASED, S.FAILED) >> S.VOID,
    by=FINANCE_OFFICER,
    form=ReasonForm,
    duties=_FINANCE,
    effect=_give_up,
    outcome="void",
    tone="danger",
)
workflow.step(
    "acknowledge",
    Text("签收", "Acknowledge receipt"),
    S.PAID >> S.ACKNOWLEDGED,
    by=Party.REPORTER,
    outcome="paid",
)
