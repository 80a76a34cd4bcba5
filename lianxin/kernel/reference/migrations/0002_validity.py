"""Of one term, and of one parameter in one region, no two rows hold on the same day.

A range exclusion over text would need an extension; a trigger that first takes a lock on the key does the same on
stock PostgreSQL. The lock makes a second writer of the key wait, and its look then sees what the first one wrote.
The locks are few, so that loading ten thousand rows at once does not exhaust the server's table of locks.
"""

from django.db import migrations

BUCKETS = 255


def _no_overlap(table: str, key: tuple[str, ...]) -> migrations.RunSQL:
    name = f"{table}_no_overlap"
    text = " || chr(31) || ".join(f"coalesce(NEW.{column}, '')" for column in key)
    same = " AND ".join(f"o.{column} IS NOT DISTINCT FROM NEW.{column}" for column in key)
    return migrations.RunSQL(
        sql=f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('{table}' || {text}, 0) & {BUCKETS});
  IF EXISTS (
    SELECT FROM {table} o
    WHERE {same} AND o.id <> NEW.id
      AND daterange(o.valid_from, o.valid_to, '[]') && daterange(NEW.valid_from, NEW.valid_to, '[]')
  ) THEN
    RAISE EXCEPTION '{table}: two rows of one key hold on the same day' USING ERRCODE = 'exclusion_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER no_overlap AFTER INSERT OR UPDATE ON {table}
  FOR EACH ROW EXECUTE FUNCTION {name}();""",
        reverse_sql=f"DROP TRIGGER no_overlap ON {table}; DROP FUNCTION {name}();",
    )


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [("reference", "0001_initial")]

    operations = [
        _no_overlap("reference_term", ("dictionary", "scheme", "code")),
        _no_overlap("reference_parameter", ("name", "region_id")),
    ]
