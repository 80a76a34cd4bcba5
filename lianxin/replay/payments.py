"""The fund of the year: opened by two bodies, paid out under two keys, through the bank and back."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from lianxin.kernel.cases.models import Case
from lianxin.kernel.ledger import services as ledger
from lianxin.kernel.ledger.batches import create_batch
from lianxin.kernel.ledger.models import BankBatch, BudgetLine, Payout
from lianxin.kernel.money import Money
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import Refused
from lianxin.kernel.sheets.bank import batch_file, book_result_file
from lianxin.kernel.statements import fetch, listed
from lianxin.replay.agenda import Story, in_office, moment
from lianxin.replay.stage import Stage, chance_of, do, under
from lianxin.safety.choices import Regime

FUND = "“安全生产治本攻坚”专项资金"
# Code, Chinese, English, yuan. What each body pays in and how it is divided is invented; the sum is the published one.
LINES = (
    ("reward", "职工有奖报告奖励", "Rewards for reports", 100_000),
    ("suggestion", "“献一计”活动", "Suggestion campaign", 40_000),
    ("training", "行业安全培训", "Sector training", 90_000),
    ("drill", "实战化应急演练", "Emergency drills", 80_000),
    ("contest", "技能竞赛", "Skills contests", 60_000),
    ("publicity", "宣传与亲情助安", "Publicity and family safety days", 30_000),
)
PAID_IN = (("union", 260_000), ("office", 140_000))
NUMBER, PAYOUT, AMOUNT = 0, 1, 5


def open_the_fund(stage: Stage) -> Story:
    """January: open it, take both bodies' money in, divide it, put one slip right."""
    at = yield moment(stage.year, "01-03 09:10")
    finance = stage.cast.finance
    stage.fund = under(finance, lambda: _open(stage, finance, at))
    stage.rewards = under(
        finance, lambda: BudgetLine.objects.select_related("fund").get(fund=stage.fund, code="reward")
    )
    at = yield moment(stage.year, "11-18 10:05")
    under(finance, lambda: _shift(stage, finance, at))


def _open(stage: Stage, finance: Actor, at: datetime) -> object:
    fund = ledger.open_fund(
        stage.places.city,
        name=FUND,
        name_en="Special fund for getting at the roots of work safety",
        year=stage.year,
        partner=stage.places.office,
        scheme=Regime.UNION_FUND,
        actor=finance,
        at=at,
    )
    for body, yuan in PAID_IN:
        key = f"fund:{stage.year}:in:{body}"
        ledger.fund_in(
            fund, amount=Money.yuan(yuan), actor=finance, at=at, idempotency_key=key, memo=f"from.{body}"
        )
    for code, name, name_en, yuan in LINES:
        at += timedelta(minutes=3)
        line = ledger.open_line(
            fund, code=code, name=name, name_en=name_en, amount=Money.yuan(yuan), actor=finance, at=at
        )
        if code == "drill":
            _slip(line, yuan, finance, at)
        ledger.allocate(
            line,
            amount=Money.yuan(yuan),
            actor=finance,
            at=at,
            idempotency_key=f"fund:{stage.year}:line:{code}",
        )
    return fund


def _slip(line: BudgetLine, yuan: int, finance: Actor, at: datetime) -> None:
    """A nought too few: mirrored, never edited."""
    wrong = ledger.allocate(
        line, amount=Money.yuan(yuan // 10), actor=finance, at=at, idempotency_key=f"slip:{line.pk}"
    )
    ledger.reverse_entry(
        wrong, reason="金额少录一位，冲正重录", actor=finance, at=at, idempotency_key=f"slip:{line.pk}:back"
    )


def _shift(stage: Stage, finance: Actor, at: datetime) -> None:
    """Rewards stay below their plan, and one more course of training is wanted."""
    lines = {line.code: line for line in BudgetLine.objects.filter(fund=stage.fund).select_related("fund")}
    ledger.transfer_between_lines(
        lines["reward"],
        lines["training"],
        amount=Money.yuan(15_000),
        actor=finance,
        at=at,
        idempotency_key=f"fund:{stage.year}:shift",
        memo="to.training",
    )


def turn_keys(stage: Stage, since: datetime) -> None:
    """Put the sessions of both keys and the days of the bank on the agenda."""
    stage.agenda.begin(_sessions(stage, stage.cast.union_key, "reserved", _first_key, since))
    stage.agenda.begin(_sessions(stage, stage.cast.partner_key, "approved", _second_key, since))
    stage.agenda.begin(_bank_days(stage, since))


def _sessions(
    stage: Stage,
    holder: Actor,
    status: str,
    decide: Callable[[Stage, Case, Payout, datetime], None],
    at: datetime,
) -> Story:
    """Twice a week or so, the holder of a key goes through the queue."""
    chance = chance_of("key", status)
    while True:
        at = yield in_office(at, chance, 3, 4)
        for number, case in enumerate(_queue(holder, status)):
            decide(stage, case, payout_of_queue(holder, case), at + timedelta(minutes=4 * number))


def _queue(holder: Actor, status: str) -> list[Case]:
    """What waits in this status, as far as the holder's scope shows it."""
    found: list[Case] = under(holder, lambda: listed(Case, "pk", kind="payout", status=status))
    return found


def payout_of_queue(holder: Actor, case: Case) -> Payout:
    """The facts of a payout, as its key-holder sees them."""
    payout: Payout = under(holder, lambda: fetch(Payout, case=case.pk))
    return payout


def _first_key(stage: Stage, case: Case, payout: Payout, at: datetime) -> None:
    key = stage.cast.union_key
    if stage.payouts.get(payout.award_id) == "declined":
        del stage.payouts[payout.award_id]
        do(case, "decline", actor=key, at=at, reason="公示截图缺页，请补齐材料后重新提出。")
    else:
        do(case, "approve", actor=key, at=at)


def _second_key(stage: Stage, case: Case, payout: Payout, at: datetime) -> None:
    if stage.payouts.get(payout.award_id) == "void":
        del stage.payouts[payout.award_id]
        do(case, "void", actor=stage.cast.finance, at=at, reason="预算项选错一栏，作废后重新提出。")
    else:
        do(case, "release", actor=stage.cast.partner_key, at=at)


def _bank_days(stage: Stage, at: datetime) -> Story:
    """Every week what is released goes to the bank; a day or two later its answer is booked."""
    chance = chance_of("bank")
    while True:
        at = yield in_office(at, chance, 4, 5)
        batch = _send_batch(stage, at)
        if batch is None:
            continue
        finance, sent = stage.cast.finance, at
        file = under(finance, lambda: batch_file(batch, actor=finance, at=sent))
        refused = _refused_by_the_bank(stage, batch)
        at = yield in_office(at, chance, 1, 2)
        answer, booked = the_bank(file.content, refused, chance), at
        under(finance, lambda: book_result_file(batch, answer, actor=finance, at=booked))


def _send_batch(stage: Stage, at: datetime) -> BankBatch | None:
    finance = stage.cast.finance
    if stage.fund is None:
        return None
    try:
        batch: BankBatch = under(finance, lambda: create_batch(stage.fund, actor=finance, at=at))  # type: ignore[arg-type]
    except Refused as refused:
        if refused.code != "nothing_to_send":
            raise
        return None
    return batch


def _refused_by_the_bank(stage: Stage, batch: BankBatch) -> set[str]:
    """The numbers of the payouts whose account the bank does not know; only the first try fails."""
    finance = stage.cast.finance
    lines = under(finance, lambda: list(batch.lines.select_related("payout__case")))
    failing = [line.payout for line in lines if stage.payouts.get(line.payout.award_id) == "failed"]
    for payout in failing:
        del stage.payouts[payout.award_id]
    return {payout.case.number for payout in failing}


def the_bank(content: bytes, refused: set[str], chance: Random) -> bytes:
    """What the bank makes of a batch's file: one line back for each line in, and the total of all."""
    _, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    sink = io.StringIO()
    out = csv.writer(sink)
    out.writerow(["发放编号", "金额", "处理结果", "银行流水号", "失败原因"])
    for line in lines:
        known = line[PAYOUT] not in refused
        reference = f"YK{chance.randrange(10**10):010d}"
        out.writerow(
            [
                line[PAYOUT],
                line[AMOUNT],
                "成功" if known else "失败",
                reference,
                "" if known else "户名与账号不符",
            ]
        )
    return sink.getvalue().encode("utf-8-sig")
