"""Evidence as form fields, so that a page asks for photos as it asks for words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest

from lianxin.kernel.cases.workflow import Evidence
from lianxin.kernel.text import Text

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

KINDS = {"photo": "photo", "voice": "voice"}


class SeveralFiles(forms.ClearableFileInput):
    """An input for several files; the files themselves are checked by the kernel, by their content."""

    allow_multiple_selected = True


class EvidenceField(forms.FileField):
    """Files for one evidence."""

    widget = SeveralFiles

    def __init__(self, evidence: Evidence, **kwargs: Any) -> None:
        """Label and need come from the evidence."""
        super().__init__(label=evidence.label, required=evidence.least > 0, **kwargs)
        self.evidence = evidence
        if evidence.least > 1:
            self.help_text = str(Text("至少 {n} 份", "At least {n}").format(n=evidence.least))

    @property
    def kind(self) -> str:
        """Which upload component draws it."""
        (only,) = self.evidence.kinds if len(self.evidence.kinds) == 1 else ("file",)
        return KINDS.get(only, "file")


def evidence_form(evidence: Sequence[Evidence], faults: dict[str, list[Text]] | None = None) -> forms.Form:
    """A form with one field for each evidence, showing the faults the kernel found."""
    form = forms.Form(data={} if faults else None, auto_id="evidence_%s")
    for wanted in evidence:
        form.fields[wanted.name] = EvidenceField(wanted)
    if faults:
        form.full_clean()
        form.errors.clear()
        for name, sentences in faults.items():
            if name in form.fields:
                form.add_error(name, [str(sentence) for sentence in sentences])
    return form


def uploads_of(request: HttpRequest, evidence: Sequence[Evidence]) -> dict[str, list["UploadedFile[Any]"]]:
    """The files sent for each evidence."""
    return {
        wanted.name: request.FILES.getlist(wanted.name) for wanted in evidence if wanted.name in request.FILES
    }
