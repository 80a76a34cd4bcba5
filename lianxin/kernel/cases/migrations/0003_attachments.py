"""What the database promises about attachments: their hash is one, their act is of their case, no sweep meets them.

The sweep of orphans takes the lock of a content for itself, and every transaction that inserts a row with this
content shares it: a file cannot be deleted between the moment somebody finds it there and their commit.
"""

from typing import ClassVar

from django.db import migrations

GUARD = migrations.RunSQL(
    sql="""ALTER TABLE cases_attachment
  ADD CONSTRAINT cases_content_is_named_by_sha256 CHECK (octet_length(sha256) = 32);
CREATE FUNCTION cases_content_lock(sha256 bytea) RETURNS bigint LANGUAGE sql IMMUTABLE
  RETURN hashtextextended('content:' || encode(sha256, 'hex'), 0);
CREATE FUNCTION cases_attachment_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.case_id IS DISTINCT FROM (SELECT case_id FROM cases_act WHERE id = NEW.act_id) THEN
    RAISE EXCEPTION 'the act of an attachment belongs to another case'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  PERFORM pg_advisory_xact_lock_shared(cases_content_lock(NEW.sha256));
  RETURN NEW;
END $$;
CREATE TRIGGER attachment_guard BEFORE INSERT ON cases_attachment
  FOR EACH ROW EXECUTE FUNCTION cases_attachment_guard();""",
    reverse_sql="""DROP TRIGGER attachment_guard ON cases_attachment; DROP FUNCTION cases_attachment_guard();
DROP FUNCTION cases_content_lock(bytea);
ALTER TABLE cases_attachment DROP CONSTRAINT cases_content_is_named_by_sha256;""",
)


class Migration(migrations.Migration):
    """Guard."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("cases", "0002_promises")]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [GUARD]
