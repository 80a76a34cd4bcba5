"""Cases that the search has not read yet are found without reading the others."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """An index that is nearly always empty."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("cases", "0003_attachments")]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        migrations.AddIndex(
            "case", models.Index(fields=["id"], condition=models.Q(search=None), name="cases_to_index")
        ),
    ]
