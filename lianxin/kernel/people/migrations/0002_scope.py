"""A person's row is seen by themselves and by whoever is responsible for the place they belong to."""

from django.db import migrations

from lianxin.kernel.rls import ME, in_wide, policy


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [policy("people_person", f"id = {ME} OR {in_wide('organization_path')}")]
