"""Files under cases: prepared before any lock, kept by content, opened only under the viewer's scope."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from lianxin.kernel.cases.models import Act, Attachment, Case
from lianxin.kernel.cases.prepared import Prepared, refused, wrong_kind

if TYPE_CHECKING:
    from lianxin.kernel.cases.workflow import Evidence

__all__ = ["Prepared", "check_evidence", "keep"]


def check_evidence(evidence: "Sequence[Evidence]", files: Mapping[str, Sequence[Prepared]]) -> None:
    """Compare files with what a step asks for; ``files`` maps the name of an evidence to its files.

    Raises ``Refused``: ``unknown_evidence``, ``evidence_missing``, ``too_many_files`` or ``wrong_kind``, each
    with the name of the evidence as its field.
    """
    asked = {wanted.name for wanted in evidence}
    for name in files:
        if name not in asked:
            raise refused(
                "unknown_evidence",
                "这一步不收名为“{name}”的材料。",
                "This step takes no files named “{name}”.",
                field=name,
                name=name,
            )
    for wanted in evidence:
        _check_one(wanted, files.get(wanted.name, ()))


def _check_one(wanted: "Evidence", given: Sequence[Prepared]) -> None:
    if len(given) < wanted.least:
        raise refused(
            "evidence_missing",
            "还缺材料:{label},至少 {least} 份,请补上后再提交。",
            "Still missing: {label}, at least {least}. Please add it and send again.",
            field=wanted.name,
            label=wanted.label,
            least=wanted.least,
        )
    if len(given) > wanted.most:
        raise refused(
            "too_many_files",
            "{label}最多 {most} 份,现有 {count} 份,请去掉几份。",
            "{label}: at most {most} files, there are {count}. Please take some out.",
            field=wanted.name,
            label=wanted.label,
            most=wanted.most,
            count=len(given),
        )
    if any(file.kind not in wanted.kinds for file in given):
        raise wrong_kind(wanted.kinds, field=wanted.name)


def keep(case: Case, act: Act, files: Mapping[str, Sequence[Prepared]]) -> list[Attachment]:
    """Write the bytes, then the rows, in the caller's transaction; no statement when there are no files.

    The bytes are in place before the commit: a row never names a file that is not there. A roll-back leaves
    an orphan, which :func:`sweep_orphans` takes away.
    """
    rows = []
    for name, several in files.items():
        for file in several:
            _store(file)
            rows.append(
                Attachment(
                    case=case,
                    act=act,
                    evidence=name,
                    kind=file.kind,
                    media_type=file.media_type,
                    sha256=file.sha256,
                    size=len(file.content),
                    width=file.width,
                    height=file.height,
                )
            )
    return Attachment.objects.bulk_create(rows) if rows else []


def _store(file: Prepared) -> None:
    digest = file.sha256.hex()
    name = f"{digest[:2]}/{digest[2:4]}/{digest}"
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(file.content))
