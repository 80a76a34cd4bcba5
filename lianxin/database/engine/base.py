"""Django's PostgreSQL, with a pool whose connections forget their viewer when they are taken."""

from typing import TYPE_CHECKING, Any

from django.db.backends.postgresql import base

from lianxin.database.pooling import forget_viewer

if TYPE_CHECKING:
    from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    """One statement proves a pooled connection alive and makes it forget whom it served.

    Django would prove it with a statement of its own, and leave the forgetting to the pool's threads, to which every
    connection would have to be handed over.
    """

    @property
    def pool(self) -> "ConnectionPool[Any] | None":
        """The pool that this process's threads share; None where each thread keeps a connection."""
        shared: ConnectionPool[Any] | None = super().pool
        if shared is not None:
            shared._check = forget_viewer  # noqa: SLF001 - Django gives its own and takes no other
        return shared
