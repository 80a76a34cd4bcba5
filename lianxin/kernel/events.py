"""News between apps that may not import one another.

An event is a frozen dataclass, published inside the transaction that made it true. It is delivered to its
subscribers after the commit; those that must not lose it on a crash (they write a row or enqueue a job) ask to
be told within the transaction. Wiring stands in one place: each app's ``apps.ready``.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction

E = TypeVar("E")
_subscribers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)
_within: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(event: type[E], handler: Callable[[E], None], *, within: bool = False) -> None:
    """Call ``handler`` with each event of this type: after commit, or ``within`` the transaction.

    Subscribing twice changes nothing. A handler within the transaction rolls it back when it raises.
    """
    handlers = (_within if within else _subscribers)[event]
    if handler not in handlers:
        handlers.append(handler)


def publish(event: object) -> None:
    """Deliver the event; what is rolled back is never told after commit."""
    for handler in list(_within.get(type(event), ())):
        handler(event)
    handlers = _subscribers.get(type(event))
    if handlers:
        transaction.on_commit(lambda: [handler(event) for handler in list(handlers)], robust=True)
