"""Made-up facts for the gallery, where every component is looked at."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms

from lianxin.kernel.clock import CHINA
from lianxin.kernel.money import Money
from lianxin.kernel.text import Text

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=CHINA)
PICTURE = "/static/web/logo.svg"


@dataclass(frozen=True)
class Sample:
    """A status as the domains have them: a code and a label."""

    value: str
    label: Text


STATUSES = (
    Sample("submitted", Text("已提交", "Submitted")),
    Sample("graded", Text("已定级", "Graded")),
    Sample("rectifying", Text("整改中", "Being rectified")),
    Sample("disputed", Text("有异议", "Objected to")),
    Sample("closed", Text("已销号", "Closed")),
    Sample("withdrawn", Text("已撤回", "Withdrawn")),
)
CASES = (
    (
        "YK-2026-0318-7",
        Text("一车间室外围堰缺少跨步梯", "No step ladder at the outdoor bund of workshop 1"),
        STATUSES[0],
        4,
    ),
    (
        "YK-2026-0311-2",
        Text("煤气报警信号未接入主控室", "Gas alarm not wired to the control room"),
        STATUSES[2],
        1,
    ),
    (
        "YK-2026-0304-X",
        Text("安全联锁阀缺铅封和手柄", "Interlock valve lacks its seal and handle"),
        STATUSES[3],
        -3,
    ),
)


class PictureInput(forms.ClearableFileInput):
    """Several pictures at once."""

    allow_multiple_selected = True


class SampleForm(forms.Form):
    """One field of each shape."""

    photos = forms.FileField(
        label=Text("现场照片", "Photos of the place"), widget=PictureInput, required=False
    )
    voice = forms.FileField(label=Text("语音说明", "Voice note"), required=False)
    place = forms.CharField(
        label=Text("在哪里", "Where"),
        help_text=Text("比如：二号炼钢车间东侧楼梯", "For example: east stairs of steel workshop 2"),
    )
    what = forms.CharField(
        label=Text("怎么回事", "What is wrong"), required=False, widget=forms.Textarea({"rows": 3})
    )
    shift = forms.ChoiceField(
        label=Text("哪个班次", "Which shift"),
        required=False,
        choices=[("", "—"), ("day", Text("白班", "Day")), ("night", Text("夜班", "Night"))],
    )
    name = forms.ChoiceField(
        label=Text("怎么署名", "How to sign"),
        widget=forms.RadioSelect,
        choices=[
            ("sealed", Text("署名，但对企业保密", "Named, but kept from the enterprise")),
            ("none", Text("匿名", "Anonymous")),
        ],
    )
    kinds = forms.MultipleChoiceField(
        label=Text("属于哪一类", "Of which kind"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("fire", Text("消防", "Fire")),
            ("gas", Text("煤气", "Gas")),
            ("high", Text("高处", "Heights")),
            ("power", Text("用电", "Electricity")),
        ],
    )
    consent = forms.BooleanField(
        label=Text("采纳后可以公开我的姓名", "My name may be published if it is adopted"), required=False
    )


@dataclass(frozen=True)
class Page:
    """A page of a keyset list."""

    next: str | None


def _rows() -> list[dict[str, Any]]:
    return [
        {"number": number, "title": title, "status": status, "due_at": NOW + timedelta(days=days)}
        for number, title, status, days in CASES
    ]


def _chart() -> dict[str, Any]:
    return {
        "categories": [Text(f"{month}月", f"M{month}") for month in range(1, 7)],
        "series": [
            {"name": Text("报告", "Reported"), "values": [4, 7, 6, 11, 9, 12]},
            {"name": Text("销号", "Closed"), "values": [2, 5, 6, 8, 10, 11]},
        ],
        "unit": Text("件", "cases"),
    }


def facts(*, bound: bool) -> dict[str, Any]:
    """Everything the gallery shows; with ``bound`` its form has been sent empty."""
    return {
        "sample_form": SampleForm({}) if bound else SampleForm(),
        "statuses": STATUSES,
        "tones": ("neutral", "blue", "green", "orange", "red", "purple"),
        "rows": _rows(),
        "now": NOW,
        "earlier": [NOW - timedelta(days=days, hours=days) for days in range(4)],
        "later": [NOW + timedelta(days=days) for days in (9, 2, 0, -1, -20)],
        "reward": Money.yuan(500),
        "fund": Money.yuan("400000"),
        "pictures": [{"url": PICTURE, "caption": Text("整改前", "Before")}, {"url": PICTURE}],
        "chart_data": _chart(),
        "page": Page("x"),
    }
