"""Each sentence in both languages, whatever is known and whatever is not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from lianxin.kernel.clock import CHINA
from lianxin.kernel.notices.kinds import moment_in, sentences, worded
from lianxin.kernel.notices.wording import climbed, moved, opened, overdue, turn
from lianxin.kernel.text import Text

CASE: dict[str, Any] = {"number": "L26-1-K", "kind": {"zh": "失物", "en": "Lost property"}}
BODY = {"zh": "甲县", "en": "County A"}
STEP = {"zh": "认领", "en": "Claim"}
DUE = {"due": "2026-02-13T23:59:59+08:00"}


@pytest.mark.parametrize(
    ("said", "zh"),
    [
        (opened(CASE), "您提交的失物已收到，编号 L26-1-K。"),
        (opened(CASE | {"owner": BODY}), "您提交的失物已收到，编号 L26-1-K。下一步由甲县办理。"),
        (
            moved(CASE | {"step": STEP, "body": BODY, "closed": True}),
            "甲县对办件 L26-1-K 办理了“认领”。办件已办结。",
        ),
        (moved(CASE | {"step": STEP}), "办件 L26-1-K 已按时限自动进入“认领”。"),
        (
            moved(CASE | {"step": STEP, "body": BODY, "reason": "不符", "yours": True} | DUE),
            "甲县对办件 L26-1-K 办理了“认领”。说明：不符。请您办理下一步，期限 2026年2月13日（周五）。",
        ),
        (climbed(CASE), "办件 L26-1-K 已超过办理期限。"),
        (turn(CASE), "有新的失物待办理，编号 L26-1-K。"),
        (overdue(CASE | {"owner": BODY}), "办件 L26-1-K 超过办理期限，甲县尚未办结，现由您督办。"),
    ],
)
def test_what_is_said(said: Text, zh: str) -> None:
    assert said.zh == zh
    assert "{" not in said.en
    assert "  " not in said.en


def test_a_reason_with_braces_stays_what_was_said() -> None:
    assert "说明：{number} {x}。" in moved(CASE | {"step": STEP, "body": BODY, "reason": "{number} {x}"}).zh


def test_moments_are_those_of_china() -> None:
    said = moment_in({"a": "2026-02-12T16:30:00+00:00"}, "a")
    assert said is not None
    assert said == Text("2026年2月13日（周五）00:30", "Fri 13 Feb 2026, 00:30")
    assert moment_in({}, "a") is None


def test_sentences_leave_out_what_is_not_said() -> None:
    assert sentences(Text("甲。", "A."), None, Text("", ""), Text("乙。", "B.")) == Text("甲。乙。", "A. B.")


@pytest.mark.parametrize(
    ("told_at", "due"),
    [
        (datetime(2026, 1, 2, tzinfo=CHINA), "2月13日（周五）"),
        # Written in the last hour of the year before, as the year is counted in China.
        (datetime(2025, 12, 31, 15, 30, tzinfo=UTC), "2026年2月13日（周五）"),
        (datetime(2025, 12, 31, 16, 30, tzinfo=UTC), "2月13日（周五）"),
    ],
)
def test_the_year_is_said_where_it_was_another_when_the_notice_was_written(
    told_at: datetime, due: str
) -> None:
    said = worded("case.turn", CASE | DUE, told_at=told_at)
    assert said.zh == f"有新的失物待办理，编号 L26-1-K。期限：{due}。"
