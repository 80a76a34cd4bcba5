"""Who raised a case: written apart from it, shown to nobody who need not know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lianxin.kernel import crypto, scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.cases.models import Case, IdentityOpening, Reporter
from lianxin.kernel.cases.receipts import new_receipt, receipt_digest
from lianxin.kernel.cases.rules import reported_as
from lianxin.kernel.people.actors import Actor, ActorKind
from lianxin.kernel.people.models import Person
from lianxin.kernel.people.roles import CUSTODIAN
from lianxin.kernel.refusals import Conflict, NotAllowed, NotFound, Refused
from lianxin.kernel.text import Text

Mode = Reporter.Mode
PURPOSE = "reporter"
# A reason of fewer letters says nothing, and the column has room for no more.
SHORTEST_REASON, LONGEST_REASON = 5, 400


@dataclass(frozen=True, slots=True)
class Reporting:
    """How a case is raised: the mode, and who beside the actor shares in it.

    ``people`` says how many raise it without a name, the actor included; in the other modes ``co_authors`` do.
    ``shares`` are whole-number weights, the first for the actor and one for everybody else.
    """

    mode: str = Mode.NAMED
    co_authors: tuple[Person, ...] = ()
    shares: tuple[int, ...] = ()
    people: int = 1


def compose(case: Case, reporting: Reporting, *, actor: Actor) -> tuple[list[Reporter], tuple[str, ...]]:
    """The reporters of a new case, not written yet, and the receipt codes, to be shown once.

    Without a name everybody gets a code of their own, or one of them would stand for all when the reward is
    claimed. A confidential sender gets one too, to follow from a phone that is not theirs; their co-authors
    follow and claim signed in, because a code of theirs in the sender's hand would be a claim to their share.
    """
    if reporting.mode == Mode.ANONYMOUS:
        return _unnamed(case, reporting)
    receipt = new_receipt() if reporting.mode == Mode.CONFIDENTIAL else None
    digest = receipt_digest(receipt) if receipt else None
    if actor.person is None:
        raise NotAllowed(
            "sign_in_first",
            Text("实名或保密提交须先登录。", "Sign in to submit under your name or confidentially."),
        )
    people = [actor.person, *reporting.co_authors]
    shares = _shares_of(len(people), reporting)
    rows = [
        _row(case, reporting.mode, person, position, share, digest if position == 1 else None)
        for position, (person, share) in enumerate(zip(people, shares, strict=True), start=1)
    ]
    return rows, (receipt,) if receipt else ()


def _unnamed(case: Case, reporting: Reporting) -> tuple[list[Reporter], tuple[str, ...]]:
    receipts = tuple(new_receipt() for _ in range(reporting.people))
    rows = [
        Reporter(
            case=case,
            organization_id=case.organization_id,
            organization_path=case.organization_path,
            position=position,
            mode=Mode.ANONYMOUS,
            receipt_digest=receipt_digest(receipt),
            share=share,
        )
        for position, (receipt, share) in enumerate(
            zip(receipts, _shares_of(reporting.people, reporting), strict=True), start=1
        )
    ]
    return rows, receipts


def _shares_of(people: int, reporting: Reporting) -> list[int]:
    shares = list(reporting.shares) or [1] * people
    if len(shares) != people or any(share < 1 for share in shares):
        raise Refused(
            "shares_invalid",
            Text("每位作者须有一个正整数份额。", "Give each author one share, a whole number of 1 or more."),
            field="shares",
        )
    return shares


def _row(case: Case, mode: str, person: Person, position: int, share: int, digest: bytes | None) -> Reporter:
    confidential = mode == Mode.CONFIDENTIAL
    return Reporter(
        case=case,
        organization_id=case.organization_id,
        organization_path=case.organization_path,
        position=position,
        mode=mode,
        person=None if confidential else person,
        person_key=crypto.reporter_key(person.pk) if confidential else "",
        sealed=crypto.seal_for_custodians(str(person.pk), aad=f"case:{case.pk}") if confidential else None,
        receipt_digest=digest,
        share=share,
    )


def label_for(case: Case, actor: Actor) -> str:
    """How the log names the one who acts as a reporter of this case."""
    if actor.kind is not ActorKind.PERSON:
        return actor.label
    return actor.label if reported_as(actor, case) in {"", Mode.NAMED} else "reporter"


def opening_label(actor: Actor, reporting: Reporting | None) -> str | None:
    """How the log names whoever opens a case in this way, when not by their own label."""
    confidential = reporting is not None and reporting.mode == Mode.CONFIDENTIAL
    return "reporter" if confidential else None


def spoken_actor(actor: Actor, reporting: Reporting | None) -> Actor:
    """The actor as history may name them: nobody, when the case is raised anonymously."""
    if reporting and reporting.mode == Mode.ANONYMOUS:
        return Actor(ActorKind.NOBODY, request_id=actor.request_id)
    return actor


def authors_known(actor: Actor, reporting: Reporting | None) -> list[Actor]:
    """Everybody who raises the case, as far as it may be known; nobody when it is raised anonymously."""
    if reporting is None:
        return [actor]
    if reporting.mode == Mode.ANONYMOUS:
        return []
    return [actor, *(Actor(ActorKind.PERSON, person=person) for person in reporting.co_authors)]


def reporter_of_receipt(code: str) -> Reporter:
    """For whom a receipt code was made, with the case it opens. Raises ``NotFound``, alike for every wrong code.

    The caller throttles: a code cannot be guessed, but trying must cost something all the same.
    """
    digest = receipt_digest(code)
    with scope.use(scope.EVERYTHING):
        row = (
            Reporter.objects.filter(receipt_digest=digest).select_related("case").first() if digest else None
        )
    if row is None:
        raise NotFound(
            "receipt_unknown",
            Text(
                "查不到这个回执码，请核对后再试。",
                "No case has this receipt code: check it and try again.",
            ),
            field="receipt",
        )
    return row


def ask_to_open(reporter: Reporter, *, actor: Actor, reason: str, at: datetime) -> IdentityOpening:
    """The first custodian asks, with a reason, to open a confidential reporter's identity."""
    role = _custodian(actor, reporter.case)
    reason = stated(reason, missing=Text("请写明开启理由。", "Say why it has to be opened."))
    with scope.act():
        opening = IdentityOpening.objects.create(
            reporter=reporter,
            reason=reason,
            first_custodian_id=role.person_id,
            first_body=role.organization,
            first_at=at,
        )
        _record("ask_identity", reporter, actor, at, reason)
    return opening


def stated(reason: str, *, missing: Text) -> str:
    """The reason that two custodians act for, as it is kept; ``Refused`` for one that says nothing, or too much."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Refused("reason_missing", missing, field="reason")
    if len(reason) > LONGEST_REASON:
        told = Text("理由最多 {n} 字。", "A reason has at most {n} characters.").format(n=LONGEST_REASON)
        raise Refused("reason_too_long", told, field="reason")
    return reason


def open_identity(opening: IdentityOpening, *, actor: Actor, at: datetime) -> Person:
    """The second custodian, of another body, opens it, once; both acts are in the case's log."""
    role = _custodian(actor, opening.reporter.case)
    with scope.act():
        fresh = IdentityOpening.objects.select_for_update().get(pk=opening.pk)
        if fresh.second_at is not None:
            # Who opened it stays on record: whoever needs to see it again asks again.
            raise Conflict("opened", Text("这项申请已经开启过。", "This has been opened already."))
        if fresh.first_custodian == actor.person or fresh.first_body == role.organization:
            raise NotAllowed(
                "same_custodian",
                Text("须由另一单位的保管人开启。", "A custodian of the other body has to open it."),
            )
        fresh.second_custodian, fresh.second_body, fresh.second_at = actor.person, role.organization, at
        fresh.save(update_fields=["second_custodian", "second_body", "second_at"])
        _record("open_identity", fresh.reporter, actor, at, fresh.reason)
        sealed = fresh.reporter.sealed
        if sealed is None:
            raise NotFound(
                "nothing_sealed", Text("这份报告没有密封身份。", "No identity is sealed with this report.")
            )
        pk = crypto.unseal_by_custodians(bytes(sealed), aad=f"case:{fresh.reporter.case_id}")
        return Person.objects.get(pk=int(pk))


def authors(case: Case) -> Sequence[Reporter]:
    """The reporters of a case in their order, as far as the viewer's scope shows them."""
    return list(Reporter.objects.filter(case=case).select_related("person").order_by("position"))


def _custodian(actor: Actor, case: Case) -> Any:
    role = actor.role_for((CUSTODIAN,), case.organization_path)
    if role is None:
        raise NotAllowed(
            "not_custodian", Text("须由身份保管人办理。", "Only an identity custodian may do this.")
        )
    return role


def _record(deed: str, reporter: Reporter, actor: Actor, at: datetime, reason: str) -> None:
    record(
        f"{reporter.case.kind}.{deed}",
        stream=f"case:{reporter.case_id}",
        actor=actor.label,
        at=at,
        after={"reporter": reporter.position, "status": reporter.case.status},
        reason=reason,
        request_id=actor.request_id,
    )
