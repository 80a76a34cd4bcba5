"""What a report earns and how its reporter comes by it; :mod:`lianxin.replay.payments` turns the keys and pays."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from lianxin.kernel import scope
from lianxin.kernel.cases.following import follow_receipt
from lianxin.kernel.cases.models import Case
from lianxin.kernel.ledger.models import Payout
from lianxin.kernel.ledger.payees import Payee, clean_payee
from lianxin.kernel.ledger.payouts import acknowledge_payout, payout_of, set_payee
from lianxin.kernel.people.actors import Actor
from lianxin.replay.agenda import Story, at_leisure, in_office
from lianxin.replay.stage import Stage, do, fresh, under
from lianxin.safety.models import Award
from lianxin.safety.services.rewards import claim_award, propose_award, renew_award

# Turns of the script that concern the money, and what they mean to the keys and the bank.
TURNS = {"pay_declined": "declined", "pay_void": "void", "pay_failed": "failed"}


@dataclass(frozen=True, slots=True)
class Winner:
    """Whose reward it is, as they come back for it: signed in, or with the code on their receipt."""

    actor: Actor
    receipt: str
    blind: bool


def earn(stage: Stage, case: Case, winner: Winner, turns: list[str], chance: Random, at: datetime) -> Story:
    """Propose the award; see every part of it claimed, paid and acknowledged."""
    at = yield in_office(at, chance, 1, 4)
    if stage.rewards is None:
        return
    line, city = stage.rewards, stage.cast.city_officer
    awards = under(city, lambda: propose_award(case, line=line, actor=city, at=at))
    for turn in turns:
        if turn in TURNS:
            stage.payouts[case.pk] = TURNS[turn]
    at = yield at_leisure(at, chance, 1, 6)
    for award in awards:
        _give_account(stage, award, winner, chance, at)
    while awards:
        at = yield in_office(at, chance, 5, 7)
        awards = [award for award in awards if not _settled(stage, award.pk, winner, chance, at)]


def _settled(stage: Stage, pk: int, winner: Winner, chance: Random, at: datetime) -> bool:
    """Look how a payout stands and do what it waits for; whether it is paid, and acknowledged or not."""
    with scope.use(scope.EVERYTHING):
        award = Award.objects.select_related("payout", "case").get(pk=pk)
    payout = award.payout
    if payout is None:
        return True
    if payout.status in {"declined", "void"}:
        city = stage.cast.city_officer
        renewed = under(city, lambda: renew_award(award, actor=city, at=at))
        _give_account(stage, renewed, winner, chance, at)
    elif payout.status == "failed":
        _give_account(stage, award, winner, chance, at)
        do(payout, "retry", actor=stage.cast.finance, at=at)
    elif payout.status == "paid":
        if award.position == 1 and chance.random() < 0.7:
            _acknowledge(payout, winner, at)
        return True
    return payout.status == "acknowledged"


def _give_account(stage: Stage, award: Award, winner: Winner, chance: Random, at: datetime) -> None:
    """By the winner, blind or signed in; of a named one, and of joint ones, finance may have the account already."""
    with scope.use(scope.EVERYTHING):
        payout = Payout.objects.select_related("case", "fund", "person").get(case=award.payout_id)
    if not payout.live:
        # A key was faster than its winner; the payout that takes its place is claimed in its turn.
        return
    finance = stage.cast.finance
    known = payout.person is not None
    if known and (award.position > 1 or payout.attempts or chance.random() < 0.4):
        name = payout.person.name if payout.person else ""
        under(finance, lambda: set_payee(payout, payee=account_of(name, payout.pk), actor=finance, at=at))
    elif payout.attempts:
        under(
            winner.actor,
            lambda: set_payee(payout, payee=account_of("", payout.pk), actor=winner.actor, at=at),
        )
    else:
        case = follow_receipt(winner.receipt, source="127.0.0.1", at=at).case if winner.blind else award.case
        name = winner.actor.person.name if winner.actor.person else ""
        under(
            winner.actor,
            lambda: claim_award(case, payee=account_of(name, payout.pk), actor=winner.actor, at=at),
        )


def account_of(name: str, number: int) -> Payee:
    """An account at a bank that does not exist; whoever claims blind has somebody else's name put on it."""
    return clean_payee(name=name or "代领人甲", account=f"6200000000{number:09d}", bank="示例银行营口分行")


def _acknowledge(payout: Case, winner: Winner, at: datetime) -> None:
    with scope.use(scope.EVERYTHING):
        facts = payout_of(fresh(payout))
    under(winner.actor, lambda: acknowledge_payout(facts, actor=winner.actor, at=at))
