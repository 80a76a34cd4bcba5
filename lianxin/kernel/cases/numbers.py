"""Case numbers that a person can read out over a bad line.

``H25-000042-K``: the kind's prefix, the year, a running number, and a check character by ISO 7064 MOD 37,36,
which finds every single wrong character and nearly all swapped ones.
"""

import threading
from collections.abc import Iterator
from datetime import datetime

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_37_36

from lianxin.kernel.clock import CHINA
from lianxin.kernel.prepared import run

# The sequence advances by this much, and each process hands the numbers in between out itself.
BLOCK = 20
_lock = threading.Lock()
_block: Iterator[tuple[int, int]] = iter(())
_TAKE = """SELECT nextval('cases_number'),
ARRAY(SELECT nextval(pg_get_serial_sequence('cases_case', 'id')) FROM generate_series(1, $1))"""


def next_number(prefix: str, at: datetime) -> tuple[str, int]:
    """The next free number and the primary key to go with it, known before anything is written.

    Gaps are possible, and neither they nor the order mean anything.
    """
    global _block  # noqa: PLW0603 - the rest of the block that this process has taken
    with _lock:
        taken = next(_block, None)
        if taken is None:
            ((first, keys),) = run(_TAKE, [BLOCK])
            _block = zip(range(first, first + BLOCK), keys, strict=True)
            taken = next(_block)
    running, key = taken
    return format_number(prefix, at, running), key


def format_number(prefix: str, at: datetime, running: int) -> str:
    """Compose a number and its check character."""
    year = at.astimezone(CHINA).year % 100
    payload = f"{prefix}{year:02d}{running:06d}"
    return f"{prefix}{year:02d}-{running:06d}-{mod_37_36.calc_check_digit(payload)}"


def clean_number(text: str) -> str | None:
    """The number as stored, from what somebody typed; ``None`` when the check character does not fit."""
    compact = "".join(text.upper().split()).replace("-", "").replace("—", "")
    try:
        mod_37_36.validate(compact)
    except ValidationError:
        return None
    head = compact.rstrip("0123456789") if compact[-1].isdigit() else compact[:-1].rstrip("0123456789")
    digits = compact[len(head) : -1]
    return f"{head}{digits[:2]}-{digits[2:]}-{compact[-1]}" if len(digits) > 2 else None  # noqa: PLR2004
