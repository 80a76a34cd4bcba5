"""Row-level security and append-only tables, as migration operations.

Policies read the session settings that :mod:`lianxin.kernel.scope` writes. Each setting is read in a scalar
sub-select, which PostgreSQL evaluates once per statement and not once per row.
"""

from django.db.migrations import RunSQL

_WIDE = "(SELECT string_to_array(nullif(current_setting('lianxin.wide', true), ''), ','))"
_NARROW = "(SELECT string_to_array(nullif(current_setting('lianxin.narrow', true), ''), ','))"
_EVERYTHING = "(SELECT coalesce(current_setting('lianxin.wide', true), '') = '*')"
PERSON = "(SELECT nullif(current_setting('lianxin.person', true), ''))"
ME = "(SELECT nullif(current_setting('lianxin.me', true), '')::bigint)"
CASE = "(SELECT nullif(current_setting('lianxin.case', true), '')::bigint)"


def everything() -> str:
    """Condition: the connection runs a deed or a job, under the widest scope."""
    return _EVERYTHING


def in_wide(column: str) -> str:
    """Condition: the path in ``column`` lies under a widely opened path."""
    return f"coalesce({column} ^@ ANY ({_WIDE}::text[]), false)"


def in_narrow(column: str) -> str:
    """Condition: the path in ``column`` lies under a narrowly opened path."""
    return f"coalesce({column} ^@ ANY ({_NARROW}::text[]), false)"


def policy(table: str, condition: str) -> RunSQL:
    """Force row-level security on a table: rows are seen only under ``condition``, and written by a deed alone."""
    return RunSQL(
        sql=f"""ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON {table} FOR SELECT USING ({everything()} OR ({condition}));
{_written_by_deeds(table)}""",
        reverse_sql=f"""DROP POLICY scope ON {table}; DROP POLICY deed_inserts ON {table};
DROP POLICY deed_updates ON {table}; DROP POLICY deed_deletes ON {table};
ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;""",
    )


def _written_by_deeds(table: str) -> str:
    # One test of one setting for each row that is written, instead of all that decides who sees it.
    return f"""CREATE POLICY deed_inserts ON {table} FOR INSERT WITH CHECK ({everything()});
CREATE POLICY deed_updates ON {table} FOR UPDATE USING ({everything()});
CREATE POLICY deed_deletes ON {table} FOR DELETE USING ({everything()});"""


def written_by_deeds_alone() -> RunSQL:
    """Part the policies of before, one a table for reading and writing, into those of :func:`policy`."""
    return RunSQL(
        sql=f"""DO $$
DECLARE
  old record;
BEGIN
  FOR old IN SELECT p.polrelid::regclass::text AS name, pg_get_expr(p.polqual, p.polrelid) AS condition
             FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
             WHERE p.polname = 'scope' AND p.polcmd = '*' AND c.relnamespace = current_schema()::regnamespace
  LOOP
    EXECUTE format('DROP POLICY scope ON %s', old.name);
    EXECUTE format('CREATE POLICY scope ON %s FOR SELECT USING (%s)', old.name, old.condition);
    EXECUTE replace($written${_written_by_deeds("%table%")}$written$, '%table%', old.name);
  END LOOP;
END $$;""",  # noqa: S608 - our own words, and names from PostgreSQL's catalogue
        reverse_sql=RunSQL.noop,
    )


def policy_by_case(table: str, column: str = "case_id") -> RunSQL:
    """A row is seen by whoever sees the case it belongs to (the policy of the cases applies in turn)."""
    return policy(table, f"EXISTS (SELECT 1 FROM cases_case c WHERE c.id = {table}.{column})")  # noqa: S608


def append_only(table: str) -> RunSQL:
    """Refuse every update, delete and truncate of a table, whoever asks."""
    return RunSQL(
        sql=f"""CREATE OR REPLACE FUNCTION lianxin_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION lianxin_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION lianxin_append_only();""",
        reverse_sql=f"""DROP TRIGGER append_only ON {table}; DROP TRIGGER append_only_truncate ON {table};""",
    )
