"""Watches: triggers that notice when something is changed about a day whose totals are kept.

A migration of the app that owns a table says ``watch("contests_entry", source="contests.entries",
moment="entered_at", columns=("entered_at", "organization_path"))``; a metric over that table then names the
source. An ordinary act costs one probe of a small index; only a late one writes a row (ADR 0011).
"""

from collections.abc import Iterable

from django.db import connection
from django.db.migrations import RunSQL

_PREFIX = "metrics_watch_"


def watch(
    table: str,
    *,
    source: str,
    columns: Iterable[str],
    moment: str = "",
    moments: str = "",
    updates_only: bool = False,
) -> RunSQL:
    """A migration operation: note late inserts, deletes and updates of ``columns`` under ``source``.

    ``moment`` is the column that dates the table's events. Where they are dated by another table, ``moments``
    is a SELECT of their moments, in which ``{row}`` stands for the changed row:
    ``SELECT c.opened_at FROM cases_case c WHERE c.id = {row}.case_id``. ``columns`` are all that the metrics of
    the source read from this table, the moment included. ``updates_only``: a row that comes or goes changes
    nothing by itself, because the events are rows of another table.
    """
    select = moments or f"SELECT {{row}}.{moment}"
    name = trigger_name(table, source)
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    comes_or_goes = f"""CREATE TRIGGER {name} AFTER INSERT OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION {name}();"""
    return RunSQL(
        sql=f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
{_note(source, select.format(row="OLD"))}
  END IF;
  IF TG_OP <> 'DELETE' THEN
{_note(source, select.format(row="NEW"))}
  END IF;
  RETURN NULL;
END $$;
{"" if updates_only else comes_or_goes}
CREATE TRIGGER {name}_u AFTER UPDATE ON {table}
  FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION {name}();""",
        reverse_sql=f"DROP FUNCTION {name}() CASCADE;",
    )


def trigger_name(table: str, source: str) -> str:
    """How the function and, with ``_u`` added for updates, its triggers are called; PostgreSQL cuts at 63 letters."""
    return (_PREFIX + source.replace(".", "_") + "_on_" + table)[:61]


def is_watched(source: str) -> bool:
    """Whether a trigger for this source stands, switched on, in this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_trigger WHERE starts_with(tgname, %s) AND tgenabled <> 'D')",
            [trigger_name("", source)],
        )
        return bool(cursor.fetchone()[0])


def _note(source: str, select: str) -> str:
    # SELECT DISTINCT: one act that moves many events of a day is one late change.
    return f"""    INSERT INTO metrics_latechange (source, day)
    SELECT DISTINCT '{source}', c.day FROM ({select}) AS m(at)
    JOIN metrics_closedday c ON c.day = (m.at AT TIME ZONE 'Asia/Shanghai')::date;"""  # noqa: S608 - written by migrations
