"""Setting a parameter by hand: the rows before and after it give way, and the log says who did it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from lianxin.kernel import scope
from lianxin.kernel.acting import Acting
from lianxin.kernel.audit.services import record
from lianxin.kernel.orgs.models import Region
from lianxin.kernel.reference.cache import forget
from lianxin.kernel.reference.models import Parameter
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text


def set_parameter(
    name: str,
    *,
    value: Any,
    region: Region | None,
    valid_from: date,
    source: str,
    actor: Acting,
    at: datetime,
    valid_to: date | None = None,
    verified: bool = False,
) -> Parameter:
    """Make a value hold in a region (``None``: the nation) from a day on.

    What held before ends the day before; a row that begins later stays, and the new one ends before it. A row
    of the same first day is corrected. Raises ``Refused`` without a source, or for an end before the beginning.
    """
    _check(source, valid_from, valid_to)
    with scope.act():
        _lock(name, region)
        of_key = Parameter.objects.filter(name=name, region=region)
        later = of_key.filter(valid_from__gt=valid_from).order_by("valid_from").first()
        if later is not None:
            before_later = later.valid_from - timedelta(days=1)
            valid_to = min(valid_to or before_later, before_later)
        holding = of_key.filter(valid_from__lte=valid_from).order_by("-valid_from").first()
        _give_way(holding, valid_from, actor)
        row, _ = Parameter.objects.update_or_create(
            name=name,
            region=region,
            valid_from=valid_from,
            defaults={
                "value": value,
                "valid_to": valid_to,
                "source": source,
                "verified": verified,
                "set_by": actor.label,
            },
        )
        record(
            "parameter.set",
            stream=f"parameter:{name}"[:60],
            actor=actor.label,
            at=at,
            before=_told(holding),
            after=_told(row),
            request_id=actor.request_id,
        )
        forget()
    return row


def _check(source: str, valid_from: date, valid_to: date | None) -> None:
    if not source.strip():
        raise Refused(
            "source_missing",
            Text(
                "请注明依据（文件名称和条款）。",
                "Say where the value comes from: the document and its clause.",
            ),
            field="source",
        )
    if valid_to is not None and valid_to < valid_from:
        raise Refused(
            "ends_before_it_begins",
            Text("失效日期不能早于生效日期。", "The last day cannot lie before the first."),
            field="valid_to",
        )


def _lock(name: str, region: Region | None) -> None:
    """Hold the key from before the look until the end, under the lock that the table's trigger takes."""
    key = "reference_parameter" + name + "\x1f" + (region.pk if region else "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0) & 255)", [key])


def _give_way(row: Parameter | None, valid_from: date, actor: Acting) -> None:
    if row is None or row.valid_from == valid_from:
        return
    last = valid_from - timedelta(days=1)
    if row.valid_to is None or row.valid_to > last:
        Parameter.objects.filter(pk=row.pk).update(valid_to=last, set_by=actor.label)


def _told(row: Parameter | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "name": row.name,
        "region": row.region_id,
        "value": row.value,
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to and row.valid_to.isoformat(),
        "source": row.source,
        "verified": row.verified,
    }
