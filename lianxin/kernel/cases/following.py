"""The one door for receipt codes, for page and API alike: every wrong code counts against where it comes from."""

from datetime import datetime

from lianxin.kernel.cases.models import Reporter
from lianxin.kernel.cases.reporters import reporter_of_receipt
from lianxin.kernel.clock import day_of
from lianxin.kernel.people.throttles import forgive, throttle
from lianxin.kernel.reference.queries import parameter

TRIES, WINDOW_SECONDS = 10, 600


def follow_receipt(code: str, *, source: str, at: datetime) -> Reporter:
    """For whom a receipt code was made, with the case it opens.

    ``source`` is where the code came from (``people.addresses.source_of``) and is kept as a hash.

    Raises ``NotFound``, alike for every wrong code, and ``TooMany`` after as many tries in ten minutes as the
    parameter ``receipts.tries`` says. A right code forgives the ones before it: a whole factory stands behind one
    address, and somebody who holds a code gains nothing against 100 random bits by trying others.
    """
    key = f"receipt:{source}"
    limit = parameter("receipts.tries", region=None, on=day_of(at), default=TRIES)
    throttle(key, limit=limit, window_seconds=WINDOW_SECONDS, at=at)
    reporter = reporter_of_receipt(code)
    forgive(key)
    return reporter
