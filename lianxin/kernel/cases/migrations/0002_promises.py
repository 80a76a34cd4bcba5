"""What the database itself promises about cases: who sees them, and that no status moves without an act."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from lianxin.kernel import rls
from lianxin.kernel.orgs.columns import follows_organization

_MINE = f"(person_key = {rls.PERSON} OR person_id = {rls.ME})"
_OWN = f"id IN (SELECT case_id FROM cases_reporter WHERE {_MINE})"  # noqa: S608 - our own constants

NUMBERS = migrations.RunSQL(
    sql="CREATE SEQUENCE cases_number INCREMENT BY 20;",
    reverse_sql="DROP SEQUENCE cases_number;",
)

# Erasing what somebody said is the one change that history allows; its commitment stays in the log.
HISTORY = migrations.RunSQL(
    sql="""CREATE FUNCTION cases_act_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.data = '{}'::jsonb AND NEW.salt = ''::bytea
     AND to_jsonb(NEW) - 'data' - 'salt' = to_jsonb(OLD) - 'data' - 'salt' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'cases_act is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER act_guard BEFORE UPDATE OR DELETE ON cases_act
  FOR EACH ROW EXECUTE FUNCTION cases_act_guard();""",
    reverse_sql="DROP TRIGGER act_guard ON cases_act; DROP FUNCTION cases_act_guard();",
)

# Checked when the transaction ends, so that the case row and its act may be written in either order.
NO_MOVE_WITHOUT_ACT = migrations.RunSQL(
    sql="""CREATE FUNCTION cases_status_has_act() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  stands text;
  said text;
  wide text := coalesce(current_setting('lianxin.wide', true), '');
BEGIN
  -- At the end of a longer transaction the scope may have gone back to one that does not see the case.
  PERFORM set_config('lianxin.wide', '*', true);
  SELECT status INTO stands FROM cases_case WHERE id = NEW.id;
  SELECT to_status INTO said FROM cases_act WHERE case_id = NEW.id ORDER BY id DESC LIMIT 1;
  PERFORM set_config('lianxin.wide', wide, true);
  IF stands IS DISTINCT FROM said THEN
    RAISE EXCEPTION 'case % stands at % but its last act says %', NEW.number, stands, said
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER status_has_act AFTER INSERT OR UPDATE OF status ON cases_case
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cases_status_has_act();
CREATE FUNCTION cases_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a case is never deleted' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER case_stays BEFORE DELETE ON cases_case FOR EACH ROW EXECUTE FUNCTION cases_stay();""",
    reverse_sql="""DROP TRIGGER case_stays ON cases_case; DROP FUNCTION cases_stay();
DROP TRIGGER status_has_act ON cases_case; DROP FUNCTION cases_status_has_act();""",
)

# Whoever sees a named report sees who made it; whoever sees an act sees which officer did it.
NAMES = migrations.RunSQL(
    sql="""CREATE POLICY reported ON people_person FOR SELECT
  USING (EXISTS (SELECT 1 FROM cases_reporter r WHERE r.person_id = people_person.id));
CREATE POLICY acted ON people_person FOR SELECT
  USING (EXISTS (SELECT 1 FROM cases_act a WHERE a.person_id = people_person.id));""",
    reverse_sql="DROP POLICY reported ON people_person; DROP POLICY acted ON people_person;",
)


class Migration(migrations.Migration):
    """Sequence, search index, append-only history, policies."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("cases", "0001_initial"), ("people", "0002_scope")]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        NUMBERS,
        HISTORY,
        NO_MOVE_WITHOUT_ACT,
        follows_organization("cases_case", "organization_path"),
        follows_organization("cases_reporter", "organization_path"),
        rls.append_only("cases_attachment"),
        rls.append_only("cases_duty"),
        rls.policy(
            "cases_reporter",
            f"{rls.in_wide('organization_path')} OR {_MINE} OR case_id = {rls.CASE}",
        ),
        rls.policy(
            "cases_case",
            f"{rls.in_wide('organization_path')}"
            f" OR (disclosed_at IS NOT NULL AND {rls.in_narrow('organization_path')})"
            f" OR id = {rls.CASE} OR {_OWN}",
        ),
        rls.policy_by_case("cases_act"),
        rls.policy_by_case("cases_attachment"),
        rls.policy(
            "cases_identityopening",
            "EXISTS (SELECT 1 FROM cases_reporter r WHERE r.id = cases_identityopening.reporter_id)",
        ),
        NAMES,
        migrations.AddIndex("case", GinIndex(fields=["search"], name="cases_search")),
    ]
