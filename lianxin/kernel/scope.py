"""What the current viewer may see, told to PostgreSQL so that row-level security can hold it.

A scope is the set of organization paths that a viewer's roles open. Queries filter by it; the policies of
:mod:`lianxin.kernel.rls` stand behind them, so a forgotten filter shows nothing. With no scope set, the
policies show no row at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection, transaction

from lianxin.kernel.prepared import begin, run


@dataclass(frozen=True, slots=True)
class Scope:
    """Paths opened by roles, and the viewer's own traces.

    ``wide`` opens everything under a path. ``narrow`` opens only what has been disclosed to the place it
    concerns (an enterprise does not see a report before it has to act on it). ``person`` is the viewer's
    blind key, in hex, for what they raised themselves; ``me`` is their primary key, for their own row;
    ``case`` is the one case that a receipt code opens.
    """

    wide: tuple[str, ...] = ()
    narrow: tuple[str, ...] = ()
    person: str = ""
    me: int | None = None
    case: int | None = None
    everything: bool = False


NOTHING = Scope()
EVERYTHING = Scope(everything=True)
_current: ContextVar[Scope] = ContextVar("scope", default=NOTHING)
_acting: ContextVar[bool] = ContextVar("acting", default=False)

_NAMES = ("wide", "narrow", "person", "me", "case")
_SET = {
    local: "SELECT "
    + ", ".join(
        f"set_config('lianxin.{name}', ${at}, {str(local).lower()})"
        for at, name in enumerate(_NAMES, start=1)
    )
    for local in (True, False)
}
_BEGIN_WIDEST = "SELECT " + ", ".join(
    f"set_config('lianxin.{name}', '{'*' if name == 'wide' else ''}', true)" for name in _NAMES
)


def current() -> Scope:
    """The scope that this thread's connection is under."""
    return _current.get()


def enter(scope: Scope) -> None:
    """Put the connection under a scope until the next call; the first thing a request does."""
    _tell(scope, local=False)
    _current.set(scope)


def entered(scope: Scope) -> None:
    """Take note that a statement of the caller's own has put the connection under a scope."""
    _current.set(scope)


@contextmanager
def use(scope: Scope) -> Iterator[None]:
    """Run the block under a scope and go back to the one before.

    Inside a transaction that the block has broken, PostgreSQL goes back by itself on roll-back.
    """
    before = _current.get()
    if before == scope:
        yield
        return
    enter(scope)
    try:
        yield
    finally:
        _current.set(before)
        if not connection.needs_rollback:
            _tell(before, local=False)


@contextmanager
def act(*, recoverable: bool = False) -> Iterator[None]:
    """One atomic deed, under the widest scope: what the caller may do has been decided by rules by then.

    A deed within a deed is a part of it: what refuses the part undoes the whole. ``recoverable`` is for a part after
    whose failure the caller goes on; it costs two round trips. The scope is set for the transaction only, so the
    outermost deed needs no statement to go back.
    """
    before, part = _current.get(), _acting.get()
    nested = connection.in_atomic_block
    with transaction.atomic(savepoint=recoverable or not part):
        acting = _acting.set(True)
        try:
            if before.everything:
                yield
                return
            if nested:
                _tell(EVERYTHING, local=True)
            else:
                begin(_BEGIN_WIDEST)
            _current.set(EVERYTHING)
            yield
        finally:
            _current.set(before)
            _acting.reset(acting)
        if nested:
            _tell(before, local=True)


def _tell(scope: Scope, *, local: bool) -> None:
    wide = "*" if scope.everything else ",".join(scope.wide)
    own = (scope.person, str(scope.me or ""), str(scope.case or ""))
    run(_SET[local], [wide, ",".join(scope.narrow), *own])
