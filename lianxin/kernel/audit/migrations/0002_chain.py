"""The database chains the log itself, so that nobody who writes through it can number or hash an entry wrongly."""

from django.db import migrations

from lianxin.kernel.rls import append_only

CHAIN = """
CREATE FUNCTION audit_chain_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE head audit_streamhead;
BEGIN
  -- The lock on the head's row makes writers of one stream wait for each other until they commit.
  SELECT * INTO head FROM audit_streamhead WHERE stream = NEW.stream FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO audit_streamhead (stream, seq, hash)
      VALUES (NEW.stream, 0, sha256(convert_to(NEW.stream, 'UTF8'))) ON CONFLICT (stream) DO NOTHING;
    SELECT * INTO head FROM audit_streamhead WHERE stream = NEW.stream FOR UPDATE;
  END IF;
  NEW.seq := head.seq + 1;
  NEW.prev_hash := head.hash;
  NEW.hash := sha256(head.hash ||
    convert_to(NEW.stream || E'\\n' || NEW.seq || E'\\n' || NEW.body, 'UTF8'));
  UPDATE audit_streamhead SET seq = NEW.seq, hash = NEW.hash WHERE stream = NEW.stream;
  RETURN NEW;
END $$;
CREATE TRIGGER chain BEFORE INSERT ON audit_logentry FOR EACH ROW EXECUTE FUNCTION audit_chain_entry();
"""

# Depth 1 is a statement somebody sent; depth 2 is the chain's own trigger.
GUARD_HEADS = """
CREATE FUNCTION audit_guard_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.seq = 0 AND pg_trigger_depth() > 1 THEN RETURN NEW; END IF;
  IF TG_OP = 'UPDATE' AND NEW.stream = OLD.stream AND NEW.seq = OLD.seq + 1 AND pg_trigger_depth() > 1 THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a stream head moves only with its stream' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON audit_streamhead
  FOR EACH ROW EXECUTE FUNCTION audit_guard_head();
CREATE TRIGGER guard_truncate BEFORE TRUNCATE ON audit_streamhead
  FOR EACH STATEMENT EXECUTE FUNCTION audit_guard_head();
"""

CHAIN_CHECKPOINTS = """
CREATE FUNCTION audit_chain_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before audit_checkpoint;
BEGIN
  SELECT * INTO before FROM audit_checkpoint ORDER BY number DESC LIMIT 1;
  IF NEW.number <> coalesce(before.number, 0) + 1 OR NEW.previous <> coalesce(before.hash, sha256(''::bytea)) THEN
    RAISE EXCEPTION 'a checkpoint follows the last one' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER chain BEFORE INSERT ON audit_checkpoint FOR EACH ROW EXECUTE FUNCTION audit_chain_checkpoint();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(CHAIN, "DROP TRIGGER chain ON audit_logentry; DROP FUNCTION audit_chain_entry();"),
        migrations.RunSQL(
            GUARD_HEADS,
            """DROP TRIGGER guard ON audit_streamhead; DROP TRIGGER guard_truncate ON audit_streamhead;
            DROP FUNCTION audit_guard_head();""",
        ),
        migrations.RunSQL(
            CHAIN_CHECKPOINTS,
            "DROP TRIGGER chain ON audit_checkpoint; DROP FUNCTION audit_chain_checkpoint();",
        ),
        append_only("audit_logentry"),
        append_only("audit_checkpoint"),
        append_only("audit_leaf"),
        append_only("audit_countersignature"),
    ]
