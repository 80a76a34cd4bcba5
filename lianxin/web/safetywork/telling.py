"""A report or suggestion as it is laid beside another: its words and its pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from lianxin.kernel.cases.models import Attachment, Case
from lianxin.kernel.cases.services import OPEN
from lianxin.kernel.text import Text
from lianxin.safety.models import Hazard, Suggestion
from lianxin.web.casework.listing import Line, line
from lianxin.web.casework.telling import Picture


@dataclass(frozen=True, slots=True)
class Beside:
    """One of two cases laid beside each other."""

    case: Case
    line: Line
    texts: Sequence[tuple[Text, str]]
    pictures: Sequence[Picture]
    sounds: Sequence[str]


def beside(case: Case) -> Beside:
    """What the sender said and showed; four statements."""
    files = list(Attachment.objects.filter(case=case, act__step=OPEN).order_by("id"))
    return Beside(
        case=case,
        line=line(case),
        texts=texts_of(case),
        pictures=[_picture(case, file) for file in files if file.kind == Attachment.Kind.PHOTO],
        sounds=[_address(case, file) for file in files if file.kind == Attachment.Kind.VOICE],
    )


def texts_of(case: Case) -> list[tuple[Text, str]]:
    """The words of a hazard report or of a suggestion, each with what it is."""
    if case.kind == "suggestion":
        said = Suggestion.objects.get(case=case)
        return [
            (Text("问题", "What is not well"), said.problem),
            (Text("建议", "What is suggested"), said.proposal),
        ]
    hazards = Hazard.objects.filter(report_id=case.pk).order_by("position")
    return [
        (Text("隐患 {n}", "Hazard {n}").format(n=hazard.position), hazard.description)
        for hazard in hazards
        if hazard.description
    ]


def _picture(case: Case, file: Attachment) -> Picture:
    address = _address(case, file)
    return Picture(url=address, thumb_url=f"{address}?side=320", caption="")


def _address(case: Case, file: Attachment) -> str:
    return reverse("cases:file", args=[case.number, file.pk])
