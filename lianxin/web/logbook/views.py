"""Checking a proof, and handing one out."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from lianxin.kernel import clock, scope
from lianxin.kernel.audit import anchors, signing
from lianxin.kernel.audit.checkpoints import text_of
from lianxin.kernel.audit.models import Checkpoint
from lianxin.kernel.audit.proofs import inclusion_proof, verify_proof
from lianxin.kernel.cases import queries
from lianxin.kernel.cases.models import Act
from lianxin.kernel.people.addresses import source_of
from lianxin.kernel.people.throttles import throttle
from lianxin.kernel.refusals import NotFound
from lianxin.kernel.text import Text
from lianxin.web.answers import UNPROCESSABLE, download
from lianxin.web.casework.viewers import looking, viewer_of

SHOWN = 10
LARGEST = 64 * 1024
TRIES, WINDOW_SECONDS = 60, 600


@dataclass(frozen=True, slots=True)
class Sealed:
    """A checkpoint as the public reads it."""

    checkpoint: Checkpoint
    root: str
    key: str
    signed: bool
    countersigned: list[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the check of a proof came to: whether it holds, and why or why not."""

    holds: bool
    title: Text
    words: Text
    proof: dict[str, Any] | None = None


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Say what a checkpoint is, list the latest, and check a proof that somebody brings."""
    answer, status, text = None, 200, ""
    if request.method == "POST":
        throttle(
            f"verify:{source_of(request)}",
            limit=TRIES,
            window_seconds=WINDOW_SECONDS,
            at=clock.now(),
        )
        text = _sent(request)
        answer = checked(text)
        status = 200 if answer.holds else UNPROCESSABLE
    facts = {"answer": answer, "text": text, "sealed": latest(), "own_key": signing.own_public_key().hex()}
    return render(request, "logbook/verify.html", facts, status=status)


def _sent(request: HttpRequest) -> str:
    """The pasted text, or the uploaded file; too much of either counts as nothing."""
    file = request.FILES.get("file")
    if file is not None:
        return "" if (file.size or 0) > LARGEST else file.read().decode("utf-8", errors="replace")
    text = request.POST.get("proof", "")
    return "" if len(text) > LARGEST else text


def checked(text: str) -> Answer:
    """Check a proof in itself, then against what stands here."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return Answer(
            False,
            Text("这不是一份证明", "This is no proof"),
            Text(
                "请粘贴或上传从办件页面下载的证明文件（JSON）。",
                "Paste or upload a proof that was downloaded from a case page (JSON).",
            ),
        )
    if not verify_proof(found):
        return Answer(
            False,
            Text("证明不成立", "The proof does not hold"),
            Text(
                "内容与树根或签名对不上：证明被改动过，或复制不完整。",
                "Its content does not lead to its root or its signature: it was changed, or not copied whole.",
            ),
            found,
        )
    return _against_ours(found)


def _against_ours(found: dict[str, Any]) -> Answer:
    if found["public_key"] not in {key.hex() for key in known_keys().values()}:
        return Answer(
            False,
            Text("不是本系统签的", "Not signed here"),
            Text(
                "证明本身成立，但签名用的不是本系统的密钥。",
                "It holds in itself, but this system never had that key.",
            ),
            found,
        )
    ours = (
        Checkpoint.objects.filter(number=found["checkpoint"]).first() if _whole(found["checkpoint"]) else None
    )
    if ours is None or bytes(ours.root).hex() != found["root"]:
        return Answer(
            False,
            Text("检查点对不上，请告知经审", "The checkpoint differs: tell the auditors"),
            Text(
                "证明由本系统签出，但现在这里没有这个检查点，或它的树根不同：记录可能被回退或改动过。请保留证明。",
                "It was signed here, yet the checkpoint is not here now or has another root: the log may have been "
                "rolled back or changed. Keep your proof.",
            ),
            found,
        )
    return Answer(
        True,
        Text("证明成立", "The proof holds"),
        Text(
            "这条记录封存在第 {n} 号检查点中，从那以后没有被改动。",
            "This entry is sealed in checkpoint {n} and has not been changed since.",
        ).format(n=found["checkpoint"]),
        found,
    )


def _whole(number: object) -> bool:
    return type(number) is int and 0 < number < 2**62


def known_keys() -> dict[str, bytes]:
    """Every public key that this installation has signed with, by its short name."""
    try:
        lines = anchors.read()
    except ValueError:
        lines = []
    keys = {line["key"]: bytes.fromhex(line["public"]) for line in lines if line["kind"] == "key"}
    own = signing.own_public_key()
    return {**keys, signing.fingerprint(own): own}


def latest() -> list[Sealed]:
    """The newest checkpoints, each with whether its signature holds."""
    keys = known_keys()
    rows = Checkpoint.objects.prefetch_related("countersignatures").order_by("-number")[:SHOWN]
    return [_sealed(checkpoint, keys.get(checkpoint.key_id)) for checkpoint in rows]


def _sealed(checkpoint: Checkpoint, key: bytes | None) -> Sealed:
    text = text_of(checkpoint)
    return Sealed(
        checkpoint=checkpoint,
        root=bytes(checkpoint.root).hex(),
        key=checkpoint.key_id,
        signed=key is not None and signing.signed_by(key, bytes(checkpoint.signature), text),
        countersigned=[
            sign.body_name
            for sign in checkpoint.countersignatures.all()
            if signing.signed_by(bytes(sign.public_key), bytes(sign.signature), text)
        ],
    )


@require_safe
def proof(request: HttpRequest, number: str, act: int) -> HttpResponse:
    """Hand out the proof of one entry in a case's history to whoever sees the case."""
    viewer = viewer_of(request, number)
    with looking(viewer):
        case = queries.case_for(viewer, number)
        found = Act.objects.filter(case=case, pk=act).first()
    if found is None:
        raise NotFound("entry_unknown", Text("没有这条记录。", "There is no such entry."))
    # The case is the viewer's to see; the tree above its entries holds hashes of others, and nothing more.
    with scope.use(scope.EVERYTHING):
        made = inclusion_proof(found.entry)
    text = json.dumps(made, ensure_ascii=False, indent=2) + "\n"
    return download(text, f"proof-{case.number}-{act}.json", "application/json")
