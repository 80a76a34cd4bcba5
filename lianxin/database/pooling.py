"""The pool of connections that a serving process's threads share."""

import psycopg

# What lianxin.kernel.scope tells a connection about its viewer; blank means that no row may be seen.
SCOPE = ("lianxin.wide", "lianxin.narrow", "lianxin.person", "lianxin.me", "lianxin.case")
FORGET = "SELECT " + ", ".join(f"set_config('{name}', '', false)" for name in SCOPE)

# While a killed server comes back, a request waits for it this long instead of failing.
WAIT = 15.0


def pool_options(size: int) -> dict[str, object]:
    """Options of psycopg's pool, as Django takes them."""
    return {"min_size": 1, "max_size": size, "timeout": WAIT, "reset": forget_viewer}


def forget_viewer(connection: psycopg.Connection) -> None:
    """A connection goes back to the pool knowing nothing of the viewer it served."""
    connection.execute(FORGET)
    if not connection.autocommit:
        connection.commit()
