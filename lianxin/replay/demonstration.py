"""A home that demonstrates: the replayed year in it, and a cast that a newcomer can sign in as."""

import json
import os
import secrets
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.audit.services import record
from lianxin.kernel.orgs.models import Organization
from lianxin.kernel.orgs.regions import load_regions
from lianxin.kernel.people.actors import SYSTEM, Actor
from lianxin.kernel.people.roles import RoleKind, role_kind
from lianxin.kernel.people.sealed import open_fact
from lianxin.kernel.people.services import create_account
from lianxin.kernel.reference import loading
from lianxin.kernel.text import Text
from lianxin.replay.pictures import begin_drawing
from lianxin.replay.stage import Stage
from lianxin.replay.year import replay_year
from lianxin.safety.loading import load_safety

CAST, BEGUN, STREAM = "demo.json", "demo.begun", "demo"
LINE = {"鲅鱼圈区总工会", "站前区总工会", "红海街道总工会", "海晏钢铁（示例）工会"}
WORKER = Text("职工", "worker")


class NotADemonstration(Exception):
    """The database holds something that no demonstration put there."""


def home() -> Path:
    """The folder in which the demonstration lives."""
    return Path(settings.HOME)


def is_complete() -> bool:
    """Whether the year is here already: the cast in the home, and the last word of the replay in the log."""
    return (home() / CAST).is_file() and _logged("demo.end")


def make_room(*, fresh: bool) -> None:
    """See to an empty database, emptying one that a demonstration has filled or half filled.

    Raises ``NotADemonstration`` for one that holds anything else.
    """
    marked = (home() / CAST).is_file() or (home() / BEGUN).is_file()
    if is_complete() and not fresh:
        return
    # The home alone is no proof: DATABASE_URL may name another database than the one that was filled.
    if marked and _logged("demo.begin"):
        _empty()
    elif Organization.objects.exists():
        message = "This home holds data that is not a demonstration's. Give LIANXIN_HOME another folder."
        raise NotADemonstration(message)


def _logged(action: str) -> bool:
    return LogEntry.objects.filter(stream=STREAM, action=action).exists()


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    for name in ("attachments", "anchors"):
        shutil.rmtree(home() / name, ignore_errors=True)
    for name in (CAST, BEGUN):
        (home() / name).unlink(missing_ok=True)
    call_command("migrate", verbosity=0)


def fill(*, at: datetime) -> None:
    """Load what the product needs, replay the year, and let the cast in."""
    (home() / BEGUN).touch(mode=0o600)
    drawn, password = begin_drawing(), secrets.token_urlsafe(9)
    # Hashing is slow on purpose: begun by now, it is done by the time that accounts are opened.
    hashing = ThreadPoolExecutor(1, "hashing").submit(make_password, password)
    record("demo.begin", stream=STREAM, actor=SYSTEM.label, at=at, reason="以下全部记录均为虚构演示数据")
    with scope.use(scope.EVERYTHING):
        load_regions()
        loading.load_reference(Path(loading.__file__).parent / "data")
        load_safety()
    stage = replay_year(at, drawn)
    with scope.use(scope.EVERYTHING):
        _write_cast(_let_in(stage, password, hashing.result(), at))
    record("demo.end", stream=STREAM, actor=SYSTEM.label, at=at)


def _let_in(stage: Stage, password: str, hashed: str, at: datetime) -> list[dict[str, str]]:
    """Accounts for the cast: offices by one password of this home and a second factor each, workers by phone."""
    return [_open_office(actor, password, hashed, at) for actor in _offices(stage)] + [
        _open_phone(actor, at) for actor in _some_workers(stage)
    ]


def _offices(stage: Stage) -> list[Actor]:
    """One of each office, the first of its kind, and a second where two have to meet."""
    cast, places = stage.cast, stage.places
    bodies = [*places.counties, *places.towns, *places.unions.values()]
    # Of each level of the line the one that the large steel works belongs to, and one county beside.
    line = [cast.officers[body.pk] for body in bodies if body.name in LINE]
    managers = [cast.managers[places.enterprises[key].pk] for key in ("steel", "ammonia")]
    chosen = [
        cast.city_officer,
        *line,
        *cast.safety_officers[:1],
        *cast.experts[:2],
        *managers,
        cast.union_key,
        cast.partner_key,
        cast.finance,
        cast.auditor,
        *cast.custodians,
        cast.authority,
        cast.administrator,
    ]
    return list({actor.label: actor for actor in chosen}.values())


def _some_workers(stage: Stage) -> list[Actor]:
    return [workers[0] for workers in stage.cast.workers.values()][:3]


def _open_office(actor: Actor, password: str, hashed: str, at: datetime) -> dict[str, str]:
    role = actor.roles[0]
    account = create_account(_person(actor), username=f"{role.kind}-{_person(actor).pk}", actor=SYSTEM, at=at)
    account.password = hashed
    account.save(update_fields=["password"])
    secret = generate_totp_secret()
    TOTP.activate(account, secret)
    facts = _told(actor, account.username, role_kind(role.kind), role.organization)
    return facts | {"password": password, "totp_secret": secret}


def _open_phone(actor: Actor, at: datetime) -> dict[str, str]:
    account = create_account(_person(actor), actor=SYSTEM, at=at)
    facts = _told(actor, account.username, None, _person(actor).organization)
    return facts | {"phone": open_fact(_person(actor), "phone")}


def _told(actor: Actor, username: str, kind: RoleKind | None, body: Organization | None) -> dict[str, str]:
    label = kind.label if kind else WORKER
    return {
        "username": username,
        "label_zh": _person(actor).name,
        "label_en": _person(actor).name,
        "role_zh": label.zh,
        "role_en": label.en,
        "body_zh": body.name if body else "",
        "body_en": (body.name_en or body.name) if body else "",
    }


def _person(actor: Actor) -> Any:
    return actor.person


def _write_cast(players: list[dict[str, str]]) -> None:
    draft = home() / f"{CAST}.new"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(players, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(draft, home() / CAST)  # noqa: PTH105 - the atomic one, by its name
    (home() / BEGUN).unlink(missing_ok=True)


def players() -> list[dict[str, str]]:
    """The cast of this home."""
    found: list[dict[str, str]] = json.loads((home() / CAST).read_text(encoding="utf-8"))
    return found
