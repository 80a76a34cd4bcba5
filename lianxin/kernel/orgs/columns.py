"""Columns elsewhere that repeat an organization's path, so that scope is an index range and not a join.

Apps above register theirs here: a move then brings them along, and this package need not know who they are. The
migration operation ``follows_organization`` makes the database fill the column in whatever writes the row.
"""

from dataclasses import dataclass
from typing import Literal

from django.db import connection
from django.db.migrations import RunSQL

from lianxin.kernel.orgs.paths import end_of

Source = Literal["path", "jurisdiction_path"]


@dataclass(frozen=True, slots=True)
class PathColumn:
    """``table.column`` repeats the ``source`` of the organization that ``table.organization`` names."""

    table: str
    column: str
    organization: str = "organization_id"
    source: Source = "path"


_columns: list[PathColumn] = []


def register_path_column(
    table: str, column: str, *, organization: str = "organization_id", source: Source = "path"
) -> None:
    """Have moves keep this column true; registering twice changes nothing."""
    registered = PathColumn(table, column, organization, source)
    if registered not in _columns:
        _columns.append(registered)


def path_columns() -> list[PathColumn]:
    """Every registered column, in order of registration."""
    return list(_columns)


def bring_along(path: str) -> int:
    """After the subtree now at ``path`` has moved, correct what repeats its paths; returns rows changed."""
    changed = 0
    with connection.cursor() as cursor:
        for c in _columns:
            cursor.execute(
                f"""UPDATE {c.table} SET {c.column} = o.{c.source} FROM orgs_organization o
                WHERE o.id = {c.table}.{c.organization} AND o.path >= %s AND o.path < %s
                  AND {c.table}.{c.column} <> o.{c.source}""",  # noqa: S608 - names from our own registry
                [path, end_of(path)],
            )
            changed += cursor.rowcount
    return changed


def follows_organization(
    table: str, column: str, *, organization: str = "organization_id", source: Source = "path"
) -> RunSQL:
    """Migration operation: a row that names an organization gets its path from it, in the database.

    The look takes the key-share lock that the foreign key takes anyway, so a move that runs at the same moment
    is waited for and never missed.
    """
    function = f"{table}_{column}_follows"
    return RunSQL(
        sql=f"""CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.{organization} IS NOT NULL THEN
    SELECT {source} INTO STRICT NEW.{column} FROM orgs_organization WHERE id = NEW.{organization} FOR KEY SHARE;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER follows_{column} BEFORE INSERT OR UPDATE OF {organization}, {column} ON {table}
  FOR EACH ROW EXECUTE FUNCTION {function}();""",  # noqa: S608 - names from our own migrations
        reverse_sql=f"DROP TRIGGER follows_{column} ON {table}; DROP FUNCTION {function}();",
    )
