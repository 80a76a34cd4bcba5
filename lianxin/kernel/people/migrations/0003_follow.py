"""Paths that repeat an organization's are filled by the database, and follow it when it moves."""

from django.db import migrations

from lianxin.kernel.orgs.columns import follows_organization


class Migration(migrations.Migration):
    dependencies = [("people", "0002_scope"), ("orgs", "0002_tree")]

    operations = [
        follows_organization("people_person", "organization_path"),
        follows_organization("people_role", "scope_path", source="jurisdiction_path"),
    ]
