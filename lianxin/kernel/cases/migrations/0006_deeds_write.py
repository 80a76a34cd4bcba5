"""Rows are written by deeds alone: what a viewer may see opens no table to a viewer's writing."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

from lianxin.kernel.rls import written_by_deeds_alone


class Migration(migrations.Migration):
    """The policies of installations that were made before; a new one has them so from the start."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("cases", "0005_erasure")]

    operations: ClassVar[list[Operation]] = [written_by_deeds_alone()]
