"""Erasing what a file shows: two custodians of two bodies, once and for good; nobody brings it back."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from lianxin.kernel import rls

# Only the second custodian's act is ever written into a row, and only once.
KEPT = migrations.RunSQL(
    sql="""ALTER TABLE cases_contenterasure
  ADD CONSTRAINT cases_erased_content_is_named_by_sha256 CHECK (octet_length(sha256) = 32);
CREATE FUNCTION cases_erasure_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.second_at IS NULL
     AND to_jsonb(NEW) - 'second_custodian_id' - 'second_body_id' - 'second_at'
       = to_jsonb(OLD) - 'second_custodian_id' - 'second_body_id' - 'second_at' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an erasure stays as it is' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER erasure_kept BEFORE UPDATE OR DELETE ON cases_contenterasure
  FOR EACH ROW EXECUTE FUNCTION cases_erasure_kept();""",
    reverse_sql="""DROP TRIGGER erasure_kept ON cases_contenterasure; DROP FUNCTION cases_erasure_kept();
ALTER TABLE cases_contenterasure DROP CONSTRAINT cases_erased_content_is_named_by_sha256;""",
)
_GUARD = """CREATE OR REPLACE FUNCTION cases_attachment_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.case_id IS DISTINCT FROM (SELECT case_id FROM cases_act WHERE id = NEW.act_id) THEN
    RAISE EXCEPTION 'the act of an attachment belongs to another case'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  PERFORM pg_advisory_xact_lock_shared(cases_content_lock(NEW.sha256));{more}
  RETURN NEW;
END $$;"""
# Asked after the lock: an erasure that was being made meanwhile has been committed by then.
_ERASED = """
  IF EXISTS (SELECT FROM cases_contenterasure WHERE sha256 = NEW.sha256 AND second_at IS NOT NULL) THEN
    RAISE EXCEPTION 'this content was erased'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'cases_content_was_erased';
  END IF;"""
NOT_AGAIN = migrations.RunSQL(_GUARD.format(more=_ERASED), _GUARD.format(more=""))


class Migration(migrations.Migration):
    """Table, promises, policy."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("cases", "0004_to_index"),
        ("orgs", "0002_tree"),
        ("people", "0004_enter"),
    ]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        migrations.CreateModel(
            name="ContentErasure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.BinaryField(unique=True)),
                ("reason", models.CharField(max_length=400)),
                ("first_at", models.DateTimeField()),
                ("second_at", models.DateTimeField(null=True)),
                (
                    "first_body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organization",
                    ),
                ),
                (
                    "first_custodian",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "second_body",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organization",
                    ),
                ),
                (
                    "second_custodian",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(second_custodian=None, second_body=None, second_at=None)
                        | (
                            models.Q(
                                second_custodian__isnull=False,
                                second_body__isnull=False,
                                second_at__isnull=False,
                            )
                            & ~models.Q(second_custodian=models.F("first_custodian"))
                            & ~models.Q(second_body=models.F("first_body"))
                        ),
                        name="cases_two_custodians_erase",
                    )
                ]
            },
        ),
        KEPT,
        NOT_AGAIN,
        # Seen by whoever sees a file that held the content.
        rls.policy(
            "cases_contenterasure",
            "EXISTS (SELECT 1 FROM cases_attachment a WHERE a.sha256 = cases_contenterasure.sha256)",
        ),
    ]
