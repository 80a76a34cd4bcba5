"""A hazard report from the first photo to closing, and every refusal on the way."""

from functools import partial
from typing import Any

import pytest

from lianxin.kernel import scope
from lianxin.kernel.cases.intake import submit
from lianxin.kernel.cases.models import Act, Case, Reporter
from lianxin.kernel.cases.services import perform
from lianxin.kernel.cases.waking import wake_due
from lianxin.kernel.notices.models import Notice
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.refusals import Invalid
from lianxin.safety.models import Hazard
from lianxin.safety.queries.hazards import earlier_reports, unproven_closed
from lianxin.safety.workflow.hazard import workflow
from tests.safety.conftest import (
    NOON,
    Cast,
    Walk,
    build_cast,
    code_of,
    fresh,
    later,
    photos,
    race,
    report,
    sees,
)
from tests.safety.flows.conftest import detail


def test_hazard_closes_after_the_window(cast: Cast, case: Case, walk: Walk) -> None:
    assert (case.status, case.owner, case.owner_role) == ("submitted", cast.county, "union_officer")
    assert walk.to("verify").status == "verified"
    assert wake_due(at=later(6)) == 0
    assert wake_due(at=later(8)) == 1
    closed = fresh(case)
    assert (closed.status, closed.outcome, closed.closed_at) == ("closed", "closed", later(8))
    assert (detail(case).law_grade, detail(case).risk_grade) == ("general", "larger")
    with scope.use(scope.EVERYTHING):
        assert unproven_closed() == []


def test_hazard_closes_when_the_reporter_confirms(cast: Cast, case: Case, walk: Walk) -> None:
    walk.to("verify")
    perform(case, "confirm", actor=cast.worker, at=NOON)
    assert (fresh(case).status, fresh(case).outcome) == ("closed", "confirmed")


def test_every_step_leaves_an_act_and_a_log_entry(case: Case, walk: Walk) -> None:
    walk.to("verify")
    with scope.use(scope.EVERYTHING):
        acts = list(Act.objects.filter(case=case).order_by("id").select_related("entry"))
    steps = ["open", "accept", "grade", "order", "rectify", "verify"]
    assert [act.step for act in acts] == steps
    assert [act.entry.action for act in acts] == [f"hazard.{step}" for step in steps]


@pytest.mark.parametrize(
    ("stage", "owner_role"),
    [
        ("accept", "safety_expert"),
        ("grade", "safety_office"),
        ("order", "site_manager"),
        ("rectify", "safety_expert"),
    ],
)
def test_each_stage_has_an_owner_and_a_deadline(walk: Walk, stage: str, owner_role: str) -> None:
    moved = walk.to(stage)
    assert moved.owner_role == owner_role
    assert moved.owner is not None
    assert moved.due_at is not None


def test_open_takes_a_photo_and_a_place_for_words(cast: Cast) -> None:
    data = {"place": cast.tank.token, "mode": "confidential"}
    opened = submit(workflow, actor=cast.worker, at=NOON, data=data, uploads={"photo": [jpeg()]})
    with scope.use(scope.EVERYTHING):
        assert list(Hazard.objects.values_list("description", flat=True)) == [""]
    assert opened.case.title == "计量罐"


def test_open_asks_for_something_told(cast: Cast) -> None:
    data = {"place": cast.tank.token, "mode": "confidential"}
    assert (
        code_of(lambda: submit(workflow, actor=cast.worker, at=NOON, data=data, uploads={})) == "nothing_told"
    )


def test_open_asks_where_a_photo_was_taken(cast: Cast) -> None:
    data: dict[str, Any] = {"organization": cast.plant.pk, "mode": "confidential"}

    def send(**more: Any) -> str:
        uploads = {"photo": [jpeg()]}
        return code_of(
            lambda: submit(workflow, actor=cast.worker, at=NOON, data={**data, **more}, uploads=uploads)
        )

    assert send() == "place_missing"
    assert send(place_text="二车间东门") == ""


def test_open_is_confidential_unless_chosen(cast: Cast) -> None:
    opened = submit(
        workflow, actor=cast.worker, at=NOON, data={"place": cast.tank.token, "hazards": ["漏气"]}, uploads={}
    )
    with scope.use(scope.EVERYTHING):
        assert Reporter.objects.get(case=opened.case).mode == "confidential"
    assert opened.receipt is not None


def test_open_keeps_several_hazards_apart(cast: Cast) -> None:
    data = {"place": cast.tank.token, "hazards": ["缺少跨步梯", "  ", "阀门缺铅封"], "mode": "named"}
    opened = submit(workflow, actor=cast.worker, at=NOON, data=data, uploads={})
    with scope.use(scope.EVERYTHING):
        told = list(Hazard.objects.filter(report_id=opened.case.pk).values_list("position", "description"))
    assert told == [(1, "缺少跨步梯"), (2, "阀门缺铅封")]


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "'; DROP TABLE cases_case; --", '=HYPERLINK("x")', "😀" * 100]
)
def test_open_keeps_any_text_as_text(cast: Cast, text: str) -> None:
    data = {"place": cast.tank.token, "hazards": [text], "mode": "named"}
    opened = submit(workflow, actor=cast.worker, at=NOON, data=data, uploads={})
    with scope.use(scope.EVERYTHING):
        assert Hazard.objects.get(report_id=opened.case.pk).description == text


@pytest.mark.parametrize(
    "hazards", [["长" * 10_000], ["一"] * 21, [{"a": 1}]], ids=["too long", "too many", "not a text"]
)
def test_open_refuses_what_cannot_be_a_description(cast: Cast, hazards: list[Any]) -> None:
    data = {"place": cast.tank.token, "hazards": hazards, "mode": "named"}
    with pytest.raises(Invalid) as refused:
        submit(workflow, actor=cast.worker, at=NOON, data=data, uploads={})
    assert list(refused.value.faults) == ["hazards"]


def test_return_and_complete(cast: Cast, case: Case) -> None:
    perform(case, "return", actor=cast.county_officer, at=NOON, reason="请补照片")
    assert fresh(case).owner_role == "reporter"
    perform(case, "complete", actor=cast.worker, at=later(1), supplement="在东侧", files=photos("photo"))
    assert (fresh(case).status, detail(case).supplement) == ("submitted", "在东侧")


def test_complete_is_for_the_reporter(cast: Cast, case: Case) -> None:
    perform(case, "return", actor=cast.county_officer, at=NOON, reason="请补照片")
    assert code_of(lambda: perform(case, "complete", actor=cast.colleague, at=NOON)) == "wrong_role"


def test_decline_tells_the_reporter_why(cast: Cast, case: Case) -> None:
    assert code_of(lambda: perform(case, "decline", actor=cast.county_officer, at=NOON)) == "invalid"
    perform(case, "decline", actor=cast.county_officer, at=NOON, reason="不属于安全隐患")
    assert (fresh(case).status, fresh(case).outcome) == ("declined", "decline")
    with scope.use(scope.EVERYTHING):
        told = Notice.objects.filter(case=case, person=cast.worker.person).latest("pk")
    assert told.params["reason"] == "不属于安全隐患"


def test_merge_keeps_both_and_tells_the_later_reporter(cast: Cast, case: Case) -> None:
    second = report(cast, "还是那架梯子", actor=cast.colleague).case
    with scope.use(cast.county_officer.scope):
        assert earlier_reports(cast.county_officer, second) == [case]
    perform(second, "merge", actor=cast.county_officer, at=NOON, into=case.number)
    merged = fresh(second)
    assert (merged.status, merged.merged_into) == ("merged", case)
    Walk(cast, case).take("accept")
    with scope.use(scope.EVERYTHING):
        told = Notice.objects.filter(case=second, person=cast.colleague.person).latest("pk")
    assert case.number in told.params["text"]["zh"]


def test_merge_of_what_was_merged_keeps_every_reporter_informed(cast: Cast, case: Case) -> None:
    second = report(cast, "还是那架梯子", actor=cast.colleague).case
    third = report(cast, "梯子又坏了", actor=cast.stranger).case
    perform(third, "merge", actor=cast.county_officer, at=NOON, into=second.number)
    perform(second, "merge", actor=cast.county_officer, at=NOON, into=case.number)
    Walk(cast, case).take("accept")
    with scope.use(scope.EVERYTHING):
        for merged, reporter in ((second, cast.colleague), (third, cast.stranger)):
            told = (
                Notice.objects.filter(case=merged, person=reporter.person).latest("pk").params["text"]["zh"]
            )
            assert f"{merged.number} 已并入 {case.number}" in told


def test_merge_into_what_was_merged_is_refused(cast: Cast, case: Case) -> None:
    second, third = report(cast, "还是那架梯子").case, report(cast, "梯子又坏了").case
    perform(second, "merge", actor=cast.county_officer, at=NOON, into=case.number)
    merge = partial(perform, third, "merge", actor=cast.county_officer, at=NOON)
    assert code_of(lambda: merge(into=second.number)) == "invalid"
    assert code_of(lambda: merge(into=case.number)) == ""


@pytest.mark.django_db(transaction=True)
def test_merge_and_the_end_of_its_target_at_once_leave_nothing_in_a_closed_case() -> None:
    cast = build_cast()
    for _ in range(4):
        first, second = report(cast).case, report(cast, "还是那架梯子").case
        race(
            [
                partial(perform, second, "merge", actor=cast.county_officer, at=NOON, into=first.number),
                partial(perform, first, "decline", actor=cast.city_officer, at=NOON, reason="不属于隐患"),
            ]
        )
        merged, target = fresh(second), fresh(first)
        assert target.status == "declined"
        # Merged before the end, or told that it came too late; never into a case that had closed before.
        assert merged.status in {"merged", "submitted"}
        with scope.use(scope.EVERYTHING):
            acts = {act.step: act.pk for act in (*merged.acts.all(), *target.acts.all())}
        assert merged.status == "submitted" or acts["merge"] < acts["decline"]


@pytest.mark.parametrize(
    ("last", "code"), [("accept", ""), ("grade", ""), ("order", "out_of_turn"), ("rectify", "out_of_turn")]
)
def test_withdraw_after_it_was_accepted(cast: Cast, case: Case, walk: Walk, last: str, code: str) -> None:
    walk.to(last)
    assert code_of(lambda: perform(case, "withdraw", actor=cast.worker, at=later(1))) == code
    assert fresh(case).status == (
        "withdrawn" if not code else {"order": "rectifying", "rectify": "verifying"}[last]
    )


def test_merge_goes_into_an_earlier_open_case_only(cast: Cast, case: Case) -> None:
    second = report(cast, "另一架梯子").case

    def merge(source: Case, into: str) -> str:
        return code_of(lambda: perform(source, "merge", actor=cast.county_officer, at=NOON, into=into))

    assert merge(case, second.number) == "invalid"
    assert merge(case, case.number) == "invalid"
    assert merge(second, "H25-000000-X") == "invalid"
    perform(case, "decline", actor=cast.county_officer, at=NOON, reason="重复")
    assert merge(second, case.number) == "invalid"
    assert fresh(second).status == "submitted"


def test_merge_does_not_see_cases_of_another_county(cast: Cast, case: Case) -> None:
    elsewhere = report(cast, "本县").case
    perform(case, "reroute", actor=cast.county_officer, at=NOON, to=cast.other_plant.pk, reason="在乙县")
    merge = lambda: perform(elsewhere, "merge", actor=cast.county_officer, at=NOON, into=case.number)  # noqa: E731
    assert code_of(merge) == "invalid"


def test_reroute_names_who_declined_and_the_clock_keeps_running(cast: Cast, case: Case) -> None:
    due = case.due_at
    perform(
        case, "reroute", actor=cast.county_officer, at=later(2), to=cast.other_plant.pk, reason="不在本县"
    )
    moved = fresh(case)
    assert (moved.status, moved.organization, moved.owner) == (
        "submitted",
        cast.other_plant,
        cast.other_county,
    )
    assert moved.due_at == due
    with scope.use(scope.EVERYTHING):
        act = Act.objects.filter(case=case, step="reroute").get()
        assert (act.organization, act.data["reason"]) == (cast.county, "不在本县")
        assert Reporter.objects.get(case=case).organization_path == cast.other_plant.path
    assert not sees(cast.county_officer, case)
    perform(case, "accept", actor=cast.foreign_officer, at=later(3))


def test_reroute_to_the_union_above_changes_the_owner_only(cast: Cast, case: Case) -> None:
    perform(case, "reroute", actor=cast.county_officer, at=NOON, to=cast.city.pk, reason="须市级协调")
    assert (fresh(case).organization, fresh(case).owner) == (cast.plant, cast.city)


def test_reroute_refuses_a_body_that_does_not_cover_the_place(cast: Cast, case: Case) -> None:
    def reroute(to: Organization) -> Case:
        return perform(case, "reroute", actor=cast.county_officer, at=NOON, to=to.pk, reason="转办")

    assert code_of(lambda: reroute(cast.other_county)) == "invalid"
    assert code_of(lambda: reroute(cast.plant)) == "invalid"
    assert code_of(lambda: reroute(cast.city)) == ""


def jpeg() -> Any:
    """A real picture, as a phone sends one."""
    from io import BytesIO

    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image

    sink = BytesIO()
    Image.new("RGB", (32, 32), "red").save(sink, "JPEG")
    return SimpleUploadedFile("photo.jpg", sink.getvalue(), "image/jpeg")
