"""An award is paid by the payout that was reserved for it, and by no other."""

from typing import ClassVar

from django.db import migrations

PAYS_ITSELF = """CREATE FUNCTION safety_award_payout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ledger_payout p WHERE p.case_id = NEW.payout_id AND p.award_id = NEW.case_id
                 AND p.position = NEW.position AND p.scheme = NEW.regime AND p.amount = NEW.amount_fen) THEN
    RAISE EXCEPTION 'award % is not what payout % pays', NEW.id, NEW.payout_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'safety_award_has_its_own_payout';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER safety_award_payout BEFORE INSERT OR UPDATE OF payout_id ON safety_award
  FOR EACH ROW WHEN (NEW.payout_id IS NOT NULL) EXECUTE FUNCTION safety_award_payout();"""


class Migration(migrations.Migration):
    """One trigger."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("safety", "0002_promises"),
        ("ledger", "0003_coverage"),
    ]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        migrations.RunSQL(
            PAYS_ITSELF,
            "DROP TRIGGER safety_award_payout ON safety_award; DROP FUNCTION safety_award_payout();",
        )
    ]
