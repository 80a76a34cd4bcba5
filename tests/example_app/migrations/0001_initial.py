from django.db import migrations, models
from django.db.models.deletion import PROTECT

from lianxin.kernel import rls

CASE = models.OneToOneField(
    "cases.case", on_delete=PROTECT, primary_key=True, related_name="found_item", serialize=False
)


class Migration(migrations.Migration):
    initial = True
    dependencies = [("cases", "0003_attachments")]
    operations = [
        migrations.CreateModel(
            "FoundItem",
            [
                ("case", CASE),
                ("what", models.CharField(max_length=200)),
                ("shelf", models.CharField(blank=True, max_length=20)),
                ("proof_of_ownership", models.TextField(blank=True)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        rls.policy_by_case("example_app_founditem"),
    ]
