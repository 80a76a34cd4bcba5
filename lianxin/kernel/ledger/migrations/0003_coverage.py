"""Which bodies' cases a fund pays for, and by which scheme a payout was earned."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from lianxin.kernel.orgs.models import PathField


class Migration(migrations.Migration):
    """Coverage; schemes of funds and payouts."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("ledger", "0002_promises"),
        ("orgs", "0002_tree"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="Coverage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("organization_path", PathField()),
                ("since", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "fund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coverages",
                        to="ledger.fund",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["fund", "organization"],
                        condition=models.Q(ended_at=None),
                        name="ledger_a_body_is_covered_once",
                    )
                ]
            },
        ),
        migrations.AddField("fund", "scheme", models.CharField(blank=True, default="", max_length=20), False),
        migrations.AddField(
            "payout", "scheme", models.CharField(blank=True, default="", max_length=20), False
        ),
        migrations.RemoveConstraint("payout", "ledger_one_payout_per_payee"),
        migrations.AddConstraint(
            "payout",
            models.UniqueConstraint(
                fields=["award", "position", "scheme"],
                condition=models.Q(live=True),
                name="ledger_one_payout_per_payee",
            ),
        ),
    ]
