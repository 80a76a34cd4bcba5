"""What each does at their screen with a report, one function a deed; the stories put them in order."""

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from lianxin.kernel import clock, scope
from lianxin.kernel.cases.models import Case
from lianxin.kernel.files.preparing import prepare
from lianxin.kernel.ledger.models import Payout
from lianxin.safety.models import Award
from tests.browser.seats import PICTURE, fill, opens, press, take, unfold
from tests.safety.conftest import ORDER, Cast, Walk, report

PAYEE = {"name": "收款人甲", "account": "6200000000000000017", "bank": "某银行"}


def in_days(days: int) -> str:
    """A day from now, as a date field takes it."""
    return (clock.now() + timedelta(days=days)).date().isoformat()


def latest(kind: str) -> Case:
    """The newest case of a kind."""
    with scope.use(scope.EVERYTHING):
        return Case.objects.filter(kind=kind).latest("id")


def status_of(case: Case) -> str:
    """Where a case stands now."""
    with scope.use(scope.EVERYTHING):
        return Case.objects.get(pk=case.pk).status


def report_hazard(phone: Page, cast: Cast, *, mode: str, hazard: str) -> str:
    """Report by the code on the tank, with a photo; the address of the case."""
    opens(phone, f"/safety/report/?place={cast.tank.token}")
    phone.locator("[name=photo]").set_input_files(PICTURE)
    phone.locator("[name=hazards]").first.fill(hazard)
    phone.locator(f"[name=mode][value={mode}]").check()
    press(phone, "提交")
    expect(phone.get_by_role("heading", name="已提交")).to_be_visible()
    return phone.get_by_role("link", name="查看进度").get_attribute("href") or ""


def accept(page: Page, address: str) -> None:
    """Accept the report."""
    opens(page, address)
    take(page, "受理")


def grade(page: Page, address: str) -> None:
    """Grade it a larger risk: D = 6 x 6 x 7 = 252."""
    opens(page, address)
    page.get_by_role("link", name="定级").click()
    fill(page, likelihood_1="6", exposure_1="6", consequence_1="7")
    fill(page, law_grade_1="general", accident_type_1="09")
    press(page, "定级")
    expect(page.get_by_text("较大风险").first).to_be_visible()


def order(page: Page, address: str) -> None:
    """Order the repair with its five elements."""
    opens(page, address)
    panel = unfold(page, "下达整改通知")
    fill(panel, **{**ORDER, "due_on": in_days(20)})
    press(panel, "下达整改通知")
    expect(page.get_by_text("整改中").first).to_be_visible()


def repair(page: Page, address: str, done: str) -> None:
    """Report the repair with photos of before and after."""
    opens(page, address)
    take(page, "报告整改完成", photos=("before", "after"), done=done)


def verify(page: Page, address: str, seen: str) -> None:
    """Verify the repair on site, with a photo of it."""
    opens(page, address)
    take(page, "验收通过", photos=("on_site",), seen=seen)


def proposal(page: Page, regime: str) -> Locator:
    """The unfolded form by which a reward of this regime is proposed, or claimed."""
    part = page.locator("#reward details.lx-confirm").filter(
        has=page.locator(f"input[name=regime][value={regime}]")
    )
    part.locator("summary").click()
    return part


def propose(page: Page, address: str, *, line: int, regime: str = "union_fund", **imposed: str) -> Case:
    """Propose the reward of a regime from a budget line; its payout."""
    opens(page, address)
    part = proposal(page, regime)
    fill(part, line=str(line), **imposed)
    press(part, "提出奖励")
    expect(page.locator(".lx-notices, [role=status]").first).to_contain_text("已提出奖励")
    with scope.use(scope.EVERYTHING):
        award = Award.objects.select_related("payout").get(case__number=address.split("/")[2], regime=regime)
    assert award.payout is not None
    return award.payout


def claim(phone: Page, address: str, *, regime: str = "union_fund", **changed: str) -> None:
    """Say where the money of a regime is to go."""
    opens(phone, address)
    part = proposal(phone, regime)
    fill(part, **{**PAYEE, **changed})
    press(part, "提交账户")


def make_batch(finance: Page) -> None:
    """Put what both keys have released into a batch."""
    opens(finance, "/money/batches/")
    press(unfold(finance, "生成批次"), "生成批次")
    expect(finance.get_by_text("批次明细").first).to_be_visible()


def bank_file(finance: Page) -> str:
    """The file for the bank, as it is downloaded."""
    with finance.expect_download() as download:
        press(finance, "下载 CSV")
    return Path(download.value.path()).read_text("utf-8-sig")


def send_answer(finance: Page, folder: Path, *rows: tuple[str, str, str, str]) -> None:
    """Hand in the bank's answer: payout, amount, result and reference a line."""
    answer = folder / "answer.csv"
    lines = [("发放编号", "金额", "处理结果", "银行流水号"), *rows]
    answer.write_text("\n".join(",".join(row) for row in lines), "utf-8")
    finance.locator("[name=file]").set_input_files(answer)
    press(finance, "核对并入账")


def payout_status(payout: Case) -> tuple[str, bool]:
    """Where a payout stands, and whether an account is sealed for it."""
    with scope.use(scope.EVERYTHING):
        found = Payout.objects.select_related("case").get(case=payout)
    return found.case.status, found.payee_sealed is not None


def repaired(cast: Cast) -> Case:
    """A report, verified, with photos that are pictures."""
    photo = prepare(PICTURE.read_bytes(), field="photo", kinds=frozenset({"photo"}))
    walk = Walk(cast, report(cast, files={"photo": [photo]}).case)
    walk.to("order")
    walk.take("rectify", files={"before": [photo], "after": [photo]})
    walk.take("verify", files={"on_site": [photo]})
    return walk.case
