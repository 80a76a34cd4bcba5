"""Paths follow their organization; which cases are in a programme is seen by whoever sees the cases."""

from typing import ClassVar

from django.db import migrations

from lianxin.kernel import rls
from lianxin.kernel.orgs.columns import follows_organization


class Migration(migrations.Migration):
    """Paths and policies."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("programmes", "0001_initial"),
        ("cases", "0002_promises"),
    ]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        follows_organization("programmes_programme", "organization_path"),
        rls.policy_by_case("programmes_programmecase"),
    ]
