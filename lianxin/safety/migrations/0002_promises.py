"""What the database itself promises about safety: nothing closes unproven, nobody is paid twice or early."""

from typing import ClassVar

from django.db import migrations

from lianxin.kernel import rls
from lianxin.kernel.orgs.columns import follows_organization

# Checked where the status moves, whoever moves it: evidence of the work, then somebody else's verification after it.
NO_CLOSING_WITHOUT_PROOF = migrations.RunSQL(
    sql="""CREATE FUNCTION safety_closing_needs_proof() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  worked bigint;
  wanted text[];
BEGIN
  IF NEW.kind = 'hazard' THEN wanted := ARRAY['before', 'after']; ELSE wanted := ARRAY['done']; END IF;
  SELECT max(id) INTO worked FROM cases_act
    WHERE case_id = NEW.id AND step IN ('rectify', 'carry_out');
  IF worked IS NULL
     OR EXISTS (SELECT 1 FROM unnest(wanted) w WHERE NOT EXISTS (
          SELECT 1 FROM cases_attachment a WHERE a.act_id = worked AND a.evidence = w))
     OR NOT EXISTS (
          SELECT 1 FROM cases_act v JOIN cases_act r ON r.id = worked
          WHERE v.case_id = NEW.id AND v.id > worked AND v.step = 'verify'
            AND v.person_id IS DISTINCT FROM r.person_id)
  THEN
    RAISE EXCEPTION '% cannot close without verified evidence', NEW.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER safety_closing_needs_proof BEFORE UPDATE OF status ON cases_case FOR EACH ROW
  WHEN (NEW.kind IN ('hazard', 'suggestion') AND NEW.status = 'closed' AND OLD.status <> 'closed')
  EXECUTE FUNCTION safety_closing_needs_proof();
CREATE FUNCTION safety_sweep_closes_last() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM cases_case c WHERE c.parent_id = NEW.id AND c.kind = 'sweep_check'
             AND c.closed_at IS NULL) THEN
    RAISE EXCEPTION '% cannot close before its checks', NEW.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER safety_sweep_closes_last BEFORE UPDATE OF status ON cases_case FOR EACH ROW
  WHEN (NEW.kind = 'sweep' AND NEW.status = 'closed') EXECUTE FUNCTION safety_sweep_closes_last();""",
    reverse_sql="""DROP TRIGGER safety_sweep_closes_last ON cases_case; DROP FUNCTION safety_sweep_closes_last();
DROP TRIGGER safety_closing_needs_proof ON cases_case; DROP FUNCTION safety_closing_needs_proof();""",
)

# Only the first valid report earns, after verification; the facts of an award stay as they were.
AWARDS = migrations.RunSQL(
    sql="""CREATE FUNCTION safety_award_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'an award is never deleted' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.id = NEW.case_id AND c.merged_into_id IS NULL
                   AND c.kind IN ('hazard', 'suggestion') AND c.status IN ('verified', 'closed')) THEN
      RAISE EXCEPTION 'only a verified first report earns an award'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF (NEW.case_id, NEW.position, NEW.regime, NEW.rule_id, NEW.amount_fen, NEW.proposed_at)
     IS DISTINCT FROM
     (OLD.case_id, OLD.position, OLD.regime, OLD.rule_id, OLD.amount_fen, OLD.proposed_at)
     OR (OLD.claimed_at IS NOT NULL AND NEW.claimed_at IS DISTINCT FROM OLD.claimed_at) THEN
    RAISE EXCEPTION 'the facts of an award stay' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER safety_award_guard BEFORE INSERT OR UPDATE OR DELETE ON safety_award
  FOR EACH ROW EXECUTE FUNCTION safety_award_guard();""",
    reverse_sql="DROP TRIGGER safety_award_guard ON safety_award; DROP FUNCTION safety_award_guard();",
)


class Migration(migrations.Migration):
    """Triggers and policies."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("safety", "0001_initial"), ("cases", "0002_promises")]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        NO_CLOSING_WITHOUT_PROOF,
        AWARDS,
        follows_organization("safety_procedure", "enterprise_path", organization="enterprise_id"),
        follows_organization("safety_accident", "enterprise_path", organization="enterprise_id"),
        follows_organization(
            "safety_sweep", "scope_path", organization="scope_id", source="jurisdiction_path"
        ),
        rls.append_only("safety_procedureversion"),
        rls.append_only("safety_reading"),
        rls.append_only("safety_rectificationorder"),
        rls.policy_by_case("safety_hazardreport"),
        rls.policy_by_case("safety_hazard", "report_id"),
        rls.policy_by_case("safety_rectificationorder"),
        rls.policy_by_case("safety_suggestion"),
        rls.policy_by_case("safety_sweepcheck"),
        rls.policy_by_case("safety_recheck"),
        rls.policy_by_case("safety_reprisal"),
        rls.policy_by_case("safety_award"),
        # A site has to read the order that its check belongs to.
        rls.policy(
            "safety_sweep",
            "EXISTS (SELECT 1 FROM cases_case c WHERE c.id = safety_sweep.case_id)"
            " OR EXISTS (SELECT 1 FROM safety_sweepcheck k WHERE k.sweep_id = safety_sweep.case_id)",
        ),
        rls.policy(
            "safety_accident", f"{rls.in_wide('enterprise_path')} OR {rls.in_narrow('enterprise_path')}"
        ),
    ]
