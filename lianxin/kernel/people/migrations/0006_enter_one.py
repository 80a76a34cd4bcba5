"""Whoever enters is one person: the planner need not fear a thousand, and looks offices up by their index."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("people", "0005_setup_codes")]

    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION people_enter(bigint, text) ROWS 1",
            "ALTER FUNCTION people_enter(bigint, text) ROWS 1000",
        )
    ]
