"""Erasing what a file shows, where somebody has a right to it: a face in a photo, a voice, a paper of somebody else's.

Two custodians of two bodies do it together, and neither of them has worked on the case. The bytes go; the row, its hash
and the log stay, so that everybody sees that there was a file, who had it erased, when and why. What is erased is a
content: the same file under another case is the same face, and goes with it.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction

from lianxin.kernel import scope
from lianxin.kernel.audit.services import record
from lianxin.kernel.cases.attachments import destroy_content, names_of
from lianxin.kernel.cases.history import stream_of
from lianxin.kernel.cases.models import Act, Attachment, Case, ContentErasure
from lianxin.kernel.cases.reporters import stated
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.people.models import Role
from lianxin.kernel.people.roles import CUSTODIAN
from lianxin.kernel.refusals import Conflict, NotAllowed
from lianxin.kernel.text import Text


def ask_to_erase(attachment: Attachment, *, actor: Actor, reason: str, at: datetime) -> ContentErasure:
    """The first custodian asks, with a reason that stays readable, to erase what a file shows.

    Raises ``NotAllowed`` (``not_custodian``, ``acted_here``), ``Refused`` as :func:`stated` does, and
    ``Conflict("erasure_asked")`` where it was asked for this content before.
    """
    reason = stated(reason, missing=Text("请写明删除理由。", "Say why it has to be erased."))
    with scope.act():
        cases = _cases_with(bytes(attachment.sha256))
        role = _custodian_of(cases, actor)
        try:
            with transaction.atomic():
                erasure = ContentErasure.objects.create(
                    sha256=attachment.sha256,
                    reason=reason,
                    first_custodian_id=role.person_id,
                    first_body_id=role.organization_id,
                    first_at=at,
                )
        except IntegrityError:
            raise Conflict(
                "erasure_asked", Text("这份文件已有人提出删除。", "Erasing this file was asked for before.")
            ) from None
        _record("ask_erasure", cases, erasure, actor=actor, at=at)
    return erasure


def erase_content(erasure: ContentErasure, *, actor: Actor, at: datetime) -> ContentErasure:
    """The second custodian, of another body, has it erased: everywhere, for good, and on record.

    The bytes go once this has been committed. Raises ``NotAllowed`` (``not_custodian``, ``acted_here``,
    ``same_custodian``) and ``Conflict("erased")`` the second time.
    """
    with scope.act():
        digest = bytes(erasure.sha256)
        # Cases first and then the content, as every deed does that keeps a file.
        cases = _cases_with(digest)
        _shut_out_keepers(digest, cases)
        role = _custodian_of(cases, actor)
        fresh = ContentErasure.objects.select_for_update().get(pk=erasure.pk)
        if fresh.second_at is not None:
            raise Conflict("erased", Text("这份文件的内容已删除。", "What it shows has been erased already."))
        if fresh.first_custodian_id == role.person_id or fresh.first_body_id == role.organization_id:
            raise NotAllowed(
                "same_custodian",
                Text("须由另一单位的保管人确认删除。", "A custodian of the other body has to confirm it."),
            )
        fresh.second_custodian_id, fresh.second_body_id, fresh.second_at = (
            role.person_id,
            role.organization_id,
            at,
        )
        fresh.save(update_fields=["second_custodian", "second_body", "second_at"])
        _record("erase_content", cases, fresh, actor=actor, at=at)
        transaction.on_commit(partial(destroy_content, digest), robust=True)
    return fresh


def destroy_erased() -> int:
    """Destroy what a storage that failed has left of erased contents; returns how many contents."""
    with scope.use(scope.EVERYTHING):
        done = ContentErasure.objects.filter(second_at__isnull=False).order_by("pk")
        digests = [bytes(digest) for digest in done.values_list("sha256", flat=True)]
    left = [digest for digest in digests if any(default_storage.exists(name) for name in names_of(digest))]
    for digest in left:
        destroy_content(digest)
    return len(left)


def _cases_with(digest: bytes) -> list[Case]:
    """The cases under which this content lies, locked, in the order in which every deed takes several."""
    holding = Attachment.objects.filter(sha256=digest).values("case")
    return list(Case.objects.select_for_update(of=("self",)).filter(pk__in=holding).order_by("pk"))


def _shut_out_keepers(digest: bytes, cases: Sequence[Case]) -> None:
    """Wait for whoever is keeping this content; whoever comes later meets the erasure."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(cases_content_lock(%s))", [digest])
    if Attachment.objects.filter(sha256=digest).exclude(case__in=cases).exists():
        raise Conflict(
            "content_kept_meanwhile",
            Text(
                "刚有另一办件收到同一份文件，请再试一次。",
                "Another case has just received the same file. Please try again.",
            ),
        )


def _custodian_of(cases: Sequence[Case], actor: Actor) -> Role:
    """The custodian's office that covers all of them; raises ``NotAllowed``."""
    roles = [actor.role_for((CUSTODIAN,), case.organization_path) for case in cases]
    if not roles or None in roles or actor.person is None or actor.token_scopes is not None:
        raise NotAllowed(
            "not_custodian",
            Text(
                "须由负责这些办件所在地的身份保管人办理。",
                "Only an identity custodian of the place of every case that holds it may do this.",
            ),
        )
    if Act.objects.filter(case__in=cases, person=actor.person).exists():
        raise NotAllowed(
            "acted_here",
            Text(
                "您办理过这个办件，不能删除它的证据。",
                "You have worked on this case, and cannot erase its evidence.",
            ),
        )
    return min((role for role in roles if role), key=lambda role: len(role.scope_path))


def _record(deed: str, cases: Sequence[Case], erasure: ContentErasure, *, actor: Actor, at: datetime) -> None:
    for case in cases:
        record(
            f"{case.kind}.{deed}",
            stream=stream_of(case),
            actor=actor.label,
            at=at,
            after={"erasure": erasure.pk, "sha256": bytes(erasure.sha256).hex(), "status": case.status},
            reason=erasure.reason,
            request_id=actor.request_id,
        )
