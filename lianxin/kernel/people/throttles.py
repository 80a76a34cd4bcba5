"""How often something may be tried from somewhere."""

import hashlib
from datetime import datetime

from django.db import connection

from lianxin.kernel import crypto
from lianxin.kernel.clock import day_of
from lianxin.kernel.people.models import Throttle
from lianxin.kernel.reference.queries import parameter
from lianxin.kernel.refusals import TooMany
from lianxin.kernel.text import Text

_COUNT = """INSERT INTO people_throttle (key, "window", count) VALUES (%s, to_timestamp(%s), 1)
ON CONFLICT (key, "window") DO UPDATE SET count = people_throttle.count + 1 RETURNING count"""


def throttle(key: str, *, limit: int, window_seconds: int, at: datetime) -> int:
    """Count one try and return how many there were in this window; of many at once each counts.

    Windows are fixed stretches of time. Raises ``TooMany`` past ``limit``. Call it outside a transaction, or a
    roll-back forgets the try. The key is hashed, so it may hold a phone number.
    """
    begin = int(at.timestamp()) // window_seconds * window_seconds
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [_stored(key), begin])
        count: int = cursor.fetchone()[0]
    if count > limit:
        wait = begin + window_seconds - int(at.timestamp())
        raise TooMany(
            "too_many_tries",
            Text(
                "尝试次数过多，请{minutes}分钟后再试。", "Too many tries. Try again in {minutes} min."
            ).format(minutes=-(-wait // 60)),
            retry_after=wait,
        )
    return count


def throttle_by(name: str, key: str, *, default: int, window_seconds: int, at: datetime) -> int:
    """Like :func:`throttle`, with the limit that the parameter ``name`` sets for the nation on that day."""
    limit = int(parameter(name, region=None, on=day_of(at), default=default))
    return throttle(key, limit=limit, window_seconds=window_seconds, at=at)


def forgive(key: str) -> None:
    """Forget the tries under a key: the right password came after all."""
    Throttle.objects.filter(key=_stored(key)).delete()


def sweep_throttles(*, before: datetime) -> int:
    """Delete windows that began before a moment; the number deleted."""
    return Throttle.objects.filter(window__lt=before).delete()[0]


def _stored(key: str) -> str:
    kind = key.partition(":")[0]
    return f"{kind}:{hashlib.sha256(crypto.blind(key, purpose='throttle')).hexdigest()}"[:120]
