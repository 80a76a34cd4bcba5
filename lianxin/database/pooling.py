"""The pool of connections that a serving process's threads share."""

import psycopg

# What lianxin.kernel.scope tells a connection about its viewer; blank means that no row may be seen.
SCOPE = ("lianxin.wide", "lianxin.narrow", "lianxin.person", "lianxin.me", "lianxin.case")
FORGET = "SELECT " + ", ".join(f"set_config('{name}', '', false)" for name in SCOPE)

# While a killed server comes back, a request waits for it this long instead of failing.
WAIT = 15.0


def pool_options(size: int) -> dict[str, object]:
    """Options of psycopg's pool, as Django takes them; :mod:`lianxin.database.engine` adds :func:`forget_viewer`."""
    return {"min_size": 1, "max_size": size, "timeout": WAIT}


def forget_viewer(connection: psycopg.Connection) -> None:
    """Have a connection that is taken from the pool know nothing of the viewer it served; raises when it is dead."""
    connection.execute(FORGET)
    if not connection.autocommit:
        connection.commit()
