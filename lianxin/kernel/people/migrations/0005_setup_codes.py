"""Set-up codes: kept as digests, seen by deeds alone, and once closed never open again."""

import django.db.models.deletion
from django.db import migrations, models

from lianxin.kernel.rls import policy

GUARD = """
CREATE FUNCTION people_setup_code_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.used_at IS NOT NULL OR OLD.revoked_at IS NOT NULL
    OR (OLD.person_id, OLD.digest, OLD.issued_by_id, OLD.created_at, OLD.expires_at)
      IS DISTINCT FROM (NEW.person_id, NEW.digest, NEW.issued_by_id, NEW.created_at, NEW.expires_at) THEN
    RAISE EXCEPTION 'a set-up code is used or revoked once and never changed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER setup_code_guard BEFORE UPDATE ON people_setupcode
  FOR EACH ROW EXECUTE FUNCTION people_setup_code_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_enter"),
    ]

    operations = [
        migrations.CreateModel(
            name="SetupCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.BinaryField(unique=True)),
                ("client_token", models.UUIDField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "issued_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="setup_codes",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None), ("used_at", None)),
                        fields=("person",),
                        name="people_one_open_setup_code",
                    ),
                    models.UniqueConstraint(
                        fields=("person", "client_token"), name="people_setup_code_sent_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("used_at", None), ("revoked_at", None), _connector="OR"),
                        name="people_setup_code_used_or_revoked",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("used_at", None), ("used_at__lt", models.F("expires_at")), _connector="OR"
                        ),
                        name="people_setup_code_used_in_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("issued_by", models.F("person")), _negated=True),
                        name="people_setup_code_from_another",
                    ),
                ],
            },
        ),
        policy("people_setupcode", "false"),
        migrations.RunSQL(
            GUARD,
            "DROP TRIGGER setup_code_guard ON people_setupcode; DROP FUNCTION people_setup_code_guard();",
        ),
    ]
