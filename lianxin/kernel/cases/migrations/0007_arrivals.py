"""A queue is also read by what came first, or last."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """What waits for an office, in the order in which it arrived."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("cases", "0006_deeds_write")]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["owner", "owner_role", "opened_at", "id"],
                condition=models.Q(closed_at=None),
                name="cases_arrivals",
            ),
        ),
    ]
