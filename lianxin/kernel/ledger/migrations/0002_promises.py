"""What the database promises of money; docs/adr/0010-ledger.md says why each."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

from lianxin.kernel.rls import append_only, in_wide, policy, policy_by_case

ENTRY_BEGINS = """
CREATE FUNCTION ledger_entry_begins() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  state text;
BEGIN
  -- One transaction at a time makes entries in a fund: several entries in one transaction cannot deadlock.
  SELECT status INTO state FROM ledger_fund WHERE id = NEW.fund_id FOR NO KEY UPDATE;
  IF state IS DISTINCT FROM 'open' THEN
    RAISE EXCEPTION 'fund % is closed', NEW.fund_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_fund_is_open';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER begins BEFORE INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_entry_begins();
"""

POST = """
CREATE FUNCTION ledger_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM added p JOIN ledger_entry e ON e.id = p.entry_id JOIN ledger_account a ON a.id = p.account_id
             WHERE a.fund_id <> e.fund_id) THEN
    RAISE EXCEPTION 'an entry stays within one fund'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_within_one_fund';
  END IF;
  IF EXISTS (SELECT FROM ledger_entry e WHERE e.id IN (SELECT entry_id FROM added)
             AND e.size < (SELECT count(*) FROM ledger_posting p WHERE p.entry_id = e.id)) THEN
    RAISE EXCEPTION 'the entry is complete'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_is_complete';
  END IF;
  IF EXISTS (SELECT FROM added p JOIN ledger_entry e ON e.id = p.entry_id JOIN ledger_account a ON a.id = p.account_id
             WHERE a.kind = 'reserved' AND e.case_id IS NULL) THEN
    RAISE EXCEPTION 'a reserve belongs to a case'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_reserve_belongs_to_a_case';
  END IF;
  PERFORM 1 FROM ledger_account WHERE id IN (SELECT account_id FROM added) ORDER BY id FOR NO KEY UPDATE;
  UPDATE ledger_account a SET balance = a.balance + p.amount
    FROM (SELECT account_id, sum(amount) AS amount FROM added GROUP BY account_id) p WHERE a.id = p.account_id;
  -- Not one upsert: PostgreSQL would check the negative amount itself against the constraint.
  INSERT INTO ledger_hold (account_id, case_id, balance)
    SELECT DISTINCT a.id, e.case_id, 0 FROM added p
    JOIN ledger_entry e ON e.id = p.entry_id JOIN ledger_account a ON a.id = p.account_id
    WHERE a.kind = 'reserved' ON CONFLICT (account_id, case_id) DO NOTHING;
  UPDATE ledger_hold h SET balance = h.balance + p.amount
    FROM (SELECT a.id, e.case_id, sum(p.amount) AS amount FROM added p
          JOIN ledger_entry e ON e.id = p.entry_id JOIN ledger_account a ON a.id = p.account_id
          WHERE a.kind = 'reserved' GROUP BY a.id, e.case_id) p
    WHERE h.account_id = p.id AND h.case_id = p.case_id;
  RETURN NULL;
END $$;
CREATE TRIGGER post AFTER INSERT ON ledger_posting REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_post();
"""

# Runs at commit, when the scope of the deed may be over: it puts itself under the widest one and goes back.
BALANCED = """
CREATE FUNCTION ledger_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sides integer;
  total bigint;
  original ledger_entry;
  scope text := coalesce(current_setting('lianxin.wide', true), '');
BEGIN
  PERFORM set_config('lianxin.wide', '*', true);
  SELECT count(*), coalesce(sum(amount), 0) INTO sides, total FROM ledger_posting WHERE entry_id = NEW.id;
  IF sides <> NEW.size OR total <> 0 THEN
    RAISE EXCEPTION 'entry % does not balance: % of % postings, sum %', NEW.id, sides, NEW.size, total
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balances';
  END IF;
  IF NEW.reverses_id IS NOT NULL THEN
    SELECT * INTO original FROM ledger_entry WHERE id = NEW.reverses_id;
    IF original.reverses_id IS NOT NULL OR original.fund_id <> NEW.fund_id
       OR original.case_id IS DISTINCT FROM NEW.case_id
       OR EXISTS (SELECT FROM ledger_posting WHERE entry_id IN (NEW.id, NEW.reverses_id)
                  GROUP BY account_id HAVING sum(amount) <> 0) THEN
      RAISE EXCEPTION 'entry % does not mirror entry %', NEW.id, NEW.reverses_id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_reversal_mirrors';
    END IF;
  END IF;
  PERFORM set_config('lianxin.wide', scope, true);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER balances AFTER INSERT ON ledger_entry DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION ledger_entry_balances();
"""

# Depth 1 is a statement of somebody; depth 2 is the posting trigger's own.
BALANCE_KEPT = """
CREATE FUNCTION ledger_balance_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.balance <> 0 THEN
      RAISE EXCEPTION 'a balance begins at nothing' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  ELSIF TG_OP = 'DELETE' OR pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION 'only postings change %', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER balance_kept BEFORE INSERT OR UPDATE OR DELETE ON ledger_account
  FOR EACH ROW EXECUTE FUNCTION ledger_balance_kept();
CREATE TRIGGER balance_kept BEFORE INSERT OR UPDATE OR DELETE ON ledger_hold
  FOR EACH ROW EXECUTE FUNCTION ledger_balance_kept();
"""

PAYOUT_KEPT = """
CREATE FUNCTION ledger_payout_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.case_id, NEW.award_id, NEW.position, NEW.fund_id, NEW.line_id, NEW.amount)
     IS DISTINCT FROM (OLD.case_id, OLD.award_id, OLD.position, OLD.fund_id, OLD.line_id, OLD.amount)
     OR (OLD.approved_at IS NOT NULL AND (NEW.approved_by_id, NEW.approved_body_id, NEW.approved_at)
         IS DISTINCT FROM (OLD.approved_by_id, OLD.approved_body_id, OLD.approved_at))
     OR (OLD.released_at IS NOT NULL AND (NEW.released_by_id, NEW.released_body_id, NEW.released_at)
         IS DISTINCT FROM (OLD.released_by_id, OLD.released_body_id, OLD.released_at))
     OR (NEW.live AND NOT OLD.live) OR NEW.attempts < OLD.attempts THEN
    RAISE EXCEPTION 'payout %: what was decided stays', OLD.case_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_payout_keeps_what_was_decided';
  END IF;
  IF NEW.paid_entry_id IS NOT NULL AND NOT EXISTS (
       SELECT FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id AND p.amount = NEW.amount
       WHERE e.id = NEW.paid_entry_id AND e.kind = 'pay' AND e.case_id = NEW.case_id AND e.fund_id = NEW.fund_id)
     OR OLD.paid_entry_id IS NOT NULL AND NEW.paid_entry_id IS DISTINCT FROM OLD.paid_entry_id
       AND NOT EXISTS (SELECT FROM ledger_entry WHERE reverses_id = OLD.paid_entry_id) THEN
    RAISE EXCEPTION 'payout %: its payment is another', OLD.case_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_payout_has_its_own_payment';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payout_kept BEFORE UPDATE ON ledger_payout FOR EACH ROW EXECUTE FUNCTION ledger_payout_kept();
"""


def _function(sql: str, *triggers: tuple[str, str], name: str) -> migrations.RunSQL:
    dropped = "".join(f"DROP TRIGGER {trigger} ON {table};" for trigger, table in triggers)
    return migrations.RunSQL(sql, f"{dropped} DROP FUNCTION {name}();")


_FUND = f"{in_wide('organization_path')} OR {in_wide('partner_path')}"


def _by_fund(table: str) -> migrations.RunSQL:
    return policy(table, f"EXISTS (SELECT 1 FROM ledger_fund f WHERE f.id = {table}.fund_id)")  # noqa: S608


def _by(table: str, column: str, of: str) -> migrations.RunSQL:
    return policy(table, f"EXISTS (SELECT 1 FROM {of} o WHERE o.id = {table}.{column})")  # noqa: S608


class Migration(migrations.Migration):
    """Triggers, append-only tables and row-level security of the ledger."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("ledger", "0001_initial"), ("cases", "0002_promises")]

    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL("CREATE SEQUENCE ledger_batch_number", "DROP SEQUENCE ledger_batch_number"),
        _function(ENTRY_BEGINS, ("begins", "ledger_entry"), name="ledger_entry_begins"),
        _function(POST, ("post", "ledger_posting"), name="ledger_post"),
        _function(BALANCED, ("balances", "ledger_entry"), name="ledger_entry_balances"),
        _function(
            BALANCE_KEPT,
            ("balance_kept", "ledger_account"),
            ("balance_kept", "ledger_hold"),
            name="ledger_balance_kept",
        ),
        _function(PAYOUT_KEPT, ("payout_kept", "ledger_payout"), name="ledger_payout_kept"),
        append_only("ledger_entry"),
        append_only("ledger_posting"),
        append_only("ledger_bankresult"),
        policy("ledger_fund", _FUND),
        _by_fund("ledger_budgetline"),
        _by_fund("ledger_account"),
        _by_fund("ledger_entry"),
        _by("ledger_posting", "entry_id", "ledger_entry"),
        _by("ledger_hold", "account_id", "ledger_account"),
        policy_by_case("ledger_payout"),
        _by_fund("ledger_bankbatch"),
        _by("ledger_batchline", "batch_id", "ledger_bankbatch"),
        _by("ledger_bankresult", "batch_id", "ledger_bankbatch"),
    ]
