"""What the process remembers of the dated tables, so that looking a rule up costs no statement.

The whole of a table is small (thousands of rows) and changes a few times a year: each process keeps all of it for
half a minute, and forgets at once what it changes itself. Inside a transaction that has written, nothing
remembered is used and nothing is remembered, because a roll-back would leave it false for everybody else.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connection, transaction

T = TypeVar("T")
SECONDS = 30.0
_kept: dict[str, tuple[float, Any]] = {}
_WRITTEN_IN = "_lianxin_reference_written_in"


def remembered(name: str, load: Callable[[], T]) -> T:
    """What ``load`` gives, from memory when it was asked within the last half minute."""
    if _has_written():
        return load()
    moment, value = _kept.get(name, (0.0, None))
    if value is not None and time.monotonic() - moment < SECONDS:
        return value  # type: ignore[no-any-return]
    asked = time.monotonic()
    loaded = load()
    _kept[name] = (asked, loaded)
    return loaded


def forget() -> None:
    """Remember nothing from here on, and again once the running transaction has committed."""
    forget_all()
    if connection.in_atomic_block:
        setattr(connection, _WRITTEN_IN, connection.atomic_blocks[0])
        transaction.on_commit(forget_all)


def forget_all() -> None:
    """Remember nothing from here on; for what has changed the tables behind this module's back."""
    _kept.clear()


def _has_written() -> bool:
    # The outermost block is the transaction: a new one has a new block.
    return connection.in_atomic_block and (
        getattr(connection, _WRITTEN_IN, None) is connection.atomic_blocks[0]
    )
