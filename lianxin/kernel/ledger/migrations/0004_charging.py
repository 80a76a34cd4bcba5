"""What the database promises of charging a fund, and paths that follow when a body moves; docs/adr/0010-ledger.md."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

from lianxin.kernel.orgs.columns import follows_organization
from lianxin.kernel.rls import policy

CHARGED = """
CREATE FUNCTION ledger_payout_charged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.scheme IS DISTINCT FROM OLD.scheme THEN
      RAISE EXCEPTION 'payout %: its scheme stays', OLD.case_id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_payout_keeps_its_scheme';
    END IF;
  ELSIF NOT EXISTS (
      SELECT FROM ledger_fund f JOIN ledger_coverage c ON c.fund_id = f.id AND c.ended_at IS NULL
      JOIN cases_case a ON a.id = NEW.award_id
      WHERE f.id = NEW.fund_id AND f.scheme IN ('', NEW.scheme) AND a.organization_path ^@ c.organization_path) THEN
    RAISE EXCEPTION 'fund % does not pay for case %', NEW.fund_id, NEW.award_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_fund_covers_the_award';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER charged BEFORE INSERT OR UPDATE OF scheme ON ledger_payout
  FOR EACH ROW EXECUTE FUNCTION ledger_payout_charged();
"""

# A coverage is ended and nothing else; its path follows the body.
COVERAGE_KEPT = """
CREATE FUNCTION ledger_coverage_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at
     OR (NEW.fund_id, NEW.organization_id, NEW.since) IS DISTINCT FROM (OLD.fund_id, OLD.organization_id, OLD.since) THEN
    RAISE EXCEPTION 'a coverage is ended, never changed' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER coverage_kept BEFORE UPDATE OR DELETE ON ledger_coverage
  FOR EACH ROW EXECUTE FUNCTION ledger_coverage_kept();
"""

# Funds that are there already pay for the cases of their owner.
COVER_OWNERS = """
SELECT set_config('lianxin.wide', '*', true);
INSERT INTO ledger_coverage (fund_id, organization_id, organization_path, since)
  SELECT f.id, o.id, o.jurisdiction_path, now() FROM ledger_fund f JOIN orgs_organization o ON o.id = f.organization_id;
SELECT set_config('lianxin.wide', '', true);
"""


class Migration(migrations.Migration):
    """Triggers, paths, policy, and the rows for funds of before."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("ledger", "0003_coverage"),
        ("cases", "0002_promises"),
        ("orgs", "0002_tree"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(
            CHARGED, "DROP TRIGGER charged ON ledger_payout; DROP FUNCTION ledger_payout_charged();"
        ),
        migrations.RunSQL(
            COVERAGE_KEPT,
            "DROP TRIGGER coverage_kept ON ledger_coverage; DROP FUNCTION ledger_coverage_kept();",
        ),
        follows_organization("ledger_coverage", "organization_path", source="jurisdiction_path"),
        follows_organization("ledger_fund", "organization_path"),
        follows_organization("ledger_fund", "partner_path", organization="partner_id"),
        policy(
            "ledger_coverage", "EXISTS (SELECT 1 FROM ledger_fund f WHERE f.id = ledger_coverage.fund_id)"
        ),
        migrations.RunSQL(COVER_OWNERS, migrations.RunSQL.noop),
    ]
