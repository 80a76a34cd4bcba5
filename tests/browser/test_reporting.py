"""Getting in and getting it sent: joining, a lost signal, spoilt photos, guessing, keys alone, two languages."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect
from pytest_django import Settings

from lianxin.kernel import clock, scope
from lianxin.kernel.cases.models import Attachment, Case
from lianxin.kernel.people.actors import SYSTEM
from lianxin.kernel.people.models import Account, DemoMessage
from lianxin.kernel.reference.services import set_parameter
from tests.browser.conftest import Seat
from tests.browser.seats import PICTURE, fill, find_place, opens, press, read, within_reach
from tests.cast import phone_number
from tests.kernel.files.samples import jpeg_photo
from tests.safety.conftest import Cast, report
from tests.safety.test_bad_input import small_and_enormous

pytestmark = pytest.mark.django_db(transaction=True)


def cases() -> int:
    with scope.use(scope.EVERYTHING):
        return Case.objects.count()


def test_worker_joins_with_a_phone_and_is_in(seat: Seat, cast: Cast, settings: Settings) -> None:
    settings.DEMO = True
    phone = seat(size="phone")
    opens(phone, "/account/login/")
    within_reach(phone, "login-phone")
    phone.get_by_role("link", name="还没有账号？手机号开户").click()
    fill(phone, name="钱工", phone="+86 " + phone_number(50))
    find_place(phone, "化工", "化工厂")
    phone.get_by_role("checkbox").check()
    within_reach(phone, "join-phone")
    press(phone, "获取验证码")
    expect(phone.get_by_role("heading", name="填写验证码")).to_be_visible()
    fill(phone, code="000000" if DemoMessage.objects.get().text != "000000" else "000001")
    press(phone, "确定")
    expect(phone.get_by_text("验证码不对").first).to_be_visible()
    within_reach(phone, "join-code-phone")
    fill(phone, code=DemoMessage.objects.get().text)
    press(phone, "确定")
    phone.wait_for_url("**/")
    assert Account.objects.filter(person__isnull=False).exists()
    # Their own enterprise's places are offered at once.
    opens(phone, "/safety/report/")
    expect(phone.locator("#places label", has_text="化工厂").first).to_be_visible()


def test_report_form_stays_where_it_is_when_its_scripts_arrive(seat: Seat, cast: Cast) -> None:
    phone, held = seat(cast.worker, "phone"), list[Route]()
    # A list's own method takes no mark, which Playwright puts on whatever it calls.
    phone.route("**/*.js", lambda route, _: held.append(route))
    phone.goto("/safety/report/", wait_until="commit")
    expect(phone.get_by_role("button", name="提交")).to_be_visible()
    parts = phone.locator(".lx-card, .lx-upload")
    before = [each.bounding_box() for each in parts.all()]
    for route in held:
        route.continue_()
    expect(phone.get_by_role("button", name="开始录音")).to_be_visible()
    assert [each.bounding_box() for each in parts.all()] == before


# A phone that takes its time over a picture, and a note in the window's name of how much was sent.
SLOW = """const make = createImageBitmap, send = fetch;
window.createImageBitmap = async (...given) => {
  await new Promise((done) => setTimeout(done, 2000));
  return make(...given);
};
window.fetch = (to, how) => {
  const files = [...(how?.body?.values() ?? [])].filter((value) => value instanceof File);
  window.name = files.reduce((sum, file) => sum + file.size, 0);
  return send(to, how);
};"""


def test_what_a_photo_needs_is_said_before_it_travels_and_it_travels_small(
    seat: Seat, cast: Cast, tmp_path: Path
) -> None:
    phone = seat(cast.worker, "phone")
    phone.add_init_script(SLOW)
    opens(phone, "/safety/report/")
    large = tmp_path / "large.jpg"
    Image.effect_noise((3000, 2250), 90).save(large, quality=95)
    phone.locator("input[name=photo]").set_input_files(large)
    phone.get_by_label("化工厂", exact=False).first.check()
    press(phone, "提交")
    words = phone.locator("[name=place_text]")
    expect(words).to_be_focused()
    assert words.evaluate("field => [field.validationMessage, window.name]") == [
        "没有文字时请说明在什么位置。",
        "",
    ]
    words.fill("二号罐东侧")
    press(phone, "提交")
    phone.wait_for_url("**/sent/")
    assert 0 < int(phone.evaluate("window.name")) < large.stat().st_size / 2


def test_report_whose_answer_was_lost_is_sent_again_as_the_same(seat: Seat, cast: Cast) -> None:
    phone = seat(cast.worker, "phone")
    opens(phone, f"/safety/report/?place={cast.tank.token}")
    phone.locator("[name=hazards]").first.fill("阀门漏气")
    phone.get_by_text("再写一处").click()
    phone.locator("[name=hazards]").nth(1).fill("护栏松动")

    button = phone.locator(".lx-form-end button[type=submit]").last

    def lose(route: Route) -> None:
        route.fetch()
        expect(button).to_have_text("正在发送…")
        expect(button).to_be_disabled()
        route.abort()

    phone.route(
        "**/safety/report/**",
        lambda route: lose(route) if route.request.method == "POST" else route.continue_(),
    )
    press(phone, "提交")
    expect(phone.locator("#lx-notices")).to_contain_text("发几次都只算一次")
    expect(button).to_be_enabled()
    assert cases() == 1
    phone.unroute_all()
    # Opened afresh, as somebody does who no longer trusts the page.
    opens(phone, f"/safety/report/?place={cast.tank.token}")
    for place, words in enumerate(("阀门漏气", "护栏松动")):
        expect(phone.locator("[name=hazards]").nth(place)).to_have_value(words)
    press(phone, "提交")
    expect(phone.get_by_role("heading", name="已提交")).to_be_visible()
    assert cases() == 1


def test_looking_for_a_place_sends_nothing(seat: Seat, cast: Cast) -> None:
    """The report is complete already: a place was chosen, and its reporter looks whether there is a better one."""
    phone = seat(cast.worker, "phone")
    opens(phone, "/safety/report/")
    phone.locator("[name=hazards]").first.fill("阀门漏气")
    find_place(phone, "化工", "化工厂")
    search = phone.locator("[name=place_search]")
    with phone.expect_response("**/places/search/**"):
        press(phone, "找一找")
    with phone.expect_response("**/places/search/**"):
        search.press("Enter")
    expect(phone.locator("[name=hazards]").first).to_have_value("阀门漏气")
    assert cases() == 0
    press(phone, "提交")
    expect(phone.get_by_role("heading", name="已提交")).to_be_visible()
    assert cases() == 1


def test_report_without_a_signal_is_sent_once_when_there_is_one(seat: Seat, cast: Cast) -> None:
    phone = seat(size="phone")
    opens(phone, f"/safety/report/?place={cast.tank.token}")
    phone.wait_for_load_state("networkidle")
    phone.locator("[name=hazards]").first.fill("阀门漏气")
    phone.locator("[name=photo]").set_input_files(PICTURE)
    phone.context.set_offline(True)
    press(phone, "提交")
    expect(phone.locator("[data-draft-note]")).to_contain_text("没有网络")
    assert cases() == 0
    phone.context.set_offline(False)
    expect(phone.locator(".lx-receipt")).to_be_visible()
    assert phone.evaluate("scrollY") == 0
    opens(phone, "/safety/report/")
    expect(phone.locator("[data-outbox]")).to_be_hidden()
    assert cases() == 1


SPOILT = {
    "none": (b"%PDF-1.4 not a picture at all", "这个文件的内容不合要求"),
    "empty": (b"", "文件是空的"),
    "truncated": (jpeg_photo()[:-900], "照片没有传完整"),
    "bomb": (small_and_enormous(), "照片的像素太多"),
}


def test_spoilt_photo_is_refused_at_its_field_and_the_rest_stays(
    seat: Seat, cast: Cast, tmp_path: Path
) -> None:
    phone = seat(size="phone")
    opens(phone, f"/safety/report/?place={cast.tank.token}")
    phone.wait_for_load_state("networkidle")
    phone.locator("[name=hazards]").first.fill("阀门漏气")
    phone.locator("[name=photo]").set_input_files(PICTURE)
    photos = phone.locator("[data-previews]").first.locator("li")
    for how, (content, words) in SPOILT.items():
        spoilt = tmp_path / f"{how}.jpg"
        spoilt.write_bytes(content)
        phone.locator("[name=photo]").set_input_files(spoilt)
        expect(photos).to_have_count(2)
        press(phone, "提交")
        fault = phone.locator(".lx-upload .lx-faults").first
        expect(fault).to_contain_text(f"第 2 个文件：{words}")
        assert cases() == 0
        # What was typed and both photos are still there; the bad one is taken out.
        expect(phone.locator("[name=hazards]").first).to_have_value("阀门漏气")
        expect(photos).to_have_count(2)
        photos.nth(1).get_by_role("button").click()
        expect(photos).to_have_count(1)
    within_reach(phone, "spoilt-photo-phone")
    press(phone, "提交")
    expect(phone.locator(".lx-receipt")).to_be_visible()
    assert cases() == 1


def test_photos_taken_one_after_the_other_are_all_sent(seat: Seat, cast: Cast, tmp_path: Path) -> None:
    """A phone's camera gives one at a time, and a browser forgets what was chosen before."""
    second = tmp_path / "second.jpg"
    second.write_bytes(jpeg_photo())
    phone = seat(size="phone")
    opens(phone, f"/safety/report/?place={cast.tank.token}")
    phone.wait_for_load_state("networkidle")
    field, photos = phone.locator("[name=photo]"), phone.locator("[data-previews]").first.locator("img")
    field.set_input_files(PICTURE)
    expect(photos).to_have_count(1)
    field.set_input_files(second)
    expect(photos).to_have_count(2)
    # The camera was opened and closed again; the same picture was chosen once more.
    field.set_input_files([])
    expect(photos).to_have_count(2)
    field.set_input_files(second)
    expect(photos).to_have_count(2)
    press(phone, "提交")
    expect(phone.locator(".lx-receipt")).to_be_visible()
    with scope.use(scope.EVERYTHING):
        assert [each.kind for each in Attachment.objects.all()] == ["photo", "photo"]


def test_guessing_receipts_is_slowed_down(seat: Seat, cast: Cast) -> None:
    at = clock.now()
    set_parameter(
        "receipts.tries",
        value=2,
        region=None,
        valid_from=clock.day_of(at),
        source="test",
        actor=SYSTEM,
        at=at,
    )
    report(cast, mode="anonymous", at=at)
    phone = seat(size="phone")
    for words in ("查不到这个回执码", "查不到这个回执码", "太频繁"):
        opens(phone, "/receipt/")
        fill(phone, receipt="AAAA-BBBB-CCCC-DDDD-EEEE")
        press(phone, "查询")
        expect(phone.get_by_text(words).first).to_be_visible()


def test_report_with_the_keyboard_alone(seat: Seat, cast: Cast) -> None:
    page = seat()
    opens(page, f"/safety/report/?place={cast.tank.token}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    _tab_to(page, "hazards")
    page.keyboard.type("阀门漏气")
    for _key in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").strip() == "提交":
            break
    page.keyboard.press("Enter")
    expect(page.locator(".lx-receipt")).to_be_visible()
    assert cases() == 1


def _tab_to(page: Page, name: str) -> None:
    for _key in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    message = f"{name} cannot be reached with the tab key"
    raise AssertionError(message)


def test_reader_switches_language_and_keeps_it(seat: Seat, cast: Cast) -> None:
    case = report(cast, at=clock.now()).case
    page = seat(cast.county_officer)
    opens(page, f"/case/{case.number}/")
    press(page, "English")
    expect(page.get_by_text("What you can do")).to_be_visible()
    within_reach(page, "case-english-desk")
    opens(page, "/queue/")
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    within_reach(page, "queue-english-desk")
    assert "待办" not in read(page)
