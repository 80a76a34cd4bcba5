"""The report as a phone sends it: the real form, fetched with its tokens, filled in and posted."""

import http.client
import io
import json
import random
import re
from collections.abc import Sequence

from django.conf import settings
from PIL import Image

from lianxin.bench import requests
from lianxin.bench.client import TOKEN
from lianxin.bench.serving import BenchProblem, Server
from lianxin.bench.town import Sender
from lianxin.kernel.cases.reporters import Mode
from lianxin.kernel.cases.workflow import Workflow

_HIDDEN = re.compile(r'name="csrfmiddlewaretoken"[^>]*value="([^"]+)"')
SAID = "吊装车间东门的起重机钢丝绳断了两股,班里还在用。"
PHOTO_BYTES = 200_000
OK = 200


def forms_sent(
    server: Server,
    workflow: Workflow,
    senders: Sequence[Sender],
    mode: str,
    *,
    photo: tuple[str, bytes] | None = None,
) -> list[bytes]:
    """One filled form for each sender; an anonymous one comes from a browser that nobody has signed in with."""
    path = f"/new/{workflow.kind}/"
    sent = []
    for sender in senders:
        cookies = {} if mode == Mode.ANONYMOUS else dict(sender.cookies)
        cookies, hidden = _form(server, path, cookies)
        fields = _fields(sender, workflow) | {"mode": mode, "csrfmiddlewaretoken": hidden}
        sent.append(requests.post_form(path, fields, cookies=cookies, photo=photo))
    return sent


def calls_sent(workflow: Workflow, senders: Sequence[Sender]) -> list[bytes]:
    """The same report by a partner's program, with the sender's token."""
    path = f"/api/v1/kinds/{workflow.kind}/cases"
    return [
        requests.post_json(path, json.dumps(_fields(sender, workflow)).encode(), token=sender.token)
        for sender in senders
    ]


def picture() -> bytes:
    """A photo of about 200 kB: noise over a slope, which compresses as badly as a real one."""
    noise = random.Random(1).randbytes(1600 * 1200 // 16)  # noqa: S311 - a picture, not a secret
    grain = Image.frombytes("L", (400, 300), noise).resize((1600, 1200), Image.Resampling.BICUBIC)
    slope = Image.linear_gradient("L").resize((1600, 1200))
    drawn = Image.merge("RGB", (grain, slope, Image.blend(grain, slope, 0.5)))
    tries = (_jpeg(drawn, quality) for quality in range(95, 5, -3))
    return next(content for content in tries if len(content) <= PHOTO_BYTES)


def _jpeg(drawn: Image.Image, quality: int) -> bytes:
    sink = io.BytesIO()
    drawn.save(sink, "JPEG", quality=quality)
    return sink.getvalue()


def _fields(sender: Sender, workflow: Workflow) -> dict[str, str]:
    fields = {"site": str(sender.site.pk), "client_token": TOKEN.decode()}
    opening = workflow.opening
    form = opening.form if opening else None
    # The first of the kind's own fields in words is where the matter itself is written.
    own = [name for name in ("hazards", "text", "description") if form and name in form.base_fields]
    return fields | dict.fromkeys(own[:1], SAID)


def _form(server: Server, path: str, cookies: dict[str, str]) -> tuple[dict[str, str], str]:
    """Fetch the form; its cookies and the token hidden in it."""
    connection = http.client.HTTPConnection(requests.HOST, server.port, timeout=30)
    try:
        said = "; ".join(f"{name}={value}" for name, value in cookies.items())
        connection.request("GET", path, headers={"Cookie": said} if said else {})
        answer = connection.getresponse()
        page = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            cookies[name] = value
    finally:
        connection.close()
    hidden = _HIDDEN.search(page)
    if answer.status != OK or hidden is None or settings.CSRF_COOKIE_NAME not in cookies:
        message = f"{path} did not give its form: {answer.status}"
        raise BenchProblem(message)
    return cookies, hidden.group(1)
