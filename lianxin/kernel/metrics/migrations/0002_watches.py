"""Late changes of cases and of what was done to them are noticed."""

from typing import ClassVar

from django.db import migrations

from lianxin.kernel.metrics.watch import watch

_PLACE_AND_KIND = ("organization_path", "kind")


class Migration(migrations.Migration):
    """Watches for the metrics of the kernel; an app's own migration watches its own tables."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("metrics", "0001_initial"),
        ("cases", "0002_promises"),
    ]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        watch(
            "cases_case", source="cases.opened", moment="opened_at", columns=("opened_at", *_PLACE_AND_KIND)
        ),
        watch(
            "cases_case", source="cases.closed", moment="closed_at", columns=("closed_at", *_PLACE_AND_KIND)
        ),
        watch("cases_act", source="cases.acts", moment="at", columns=("at", "step", "case_id")),
        watch(
            "cases_case",
            source="cases.acts",
            moments="SELECT a.at FROM cases_act a WHERE a.case_id = {row}.id",
            columns=_PLACE_AND_KIND,
            updates_only=True,
        ),
    ]
