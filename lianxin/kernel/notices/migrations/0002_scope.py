"""Who sees a notice: its addressee, those responsible where an office is addressed, the holder of the receipt."""

from typing import ClassVar

from django.db import migrations

from lianxin.kernel import rls
from lianxin.kernel.orgs.columns import follows_organization

_ADDRESSED = (
    f"person_id = {rls.ME} OR (person_key <> '' AND person_key = {rls.PERSON})"
    f" OR (organization_id IS NOT NULL AND ({rls.in_wide('organization_path')} OR {rls.in_narrow('organization_path')}))"
    f" OR (organization_id IS NULL AND person_id IS NULL AND case_id = {rls.CASE})"
)


class Migration(migrations.Migration):
    """Policies, and paths that follow their organization."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("notices", "0001_initial")]

    operations: ClassVar[list[migrations.operations.base.Operation]] = [
        follows_organization("notices_notice", "organization_path", source="jurisdiction_path"),
        rls.policy("notices_notice", _ADDRESSED),
        rls.policy("notices_reading", f"person_id = {rls.ME}"),
        # Addresses and the names behind a mask are for the machine alone.
        rls.policy("notices_outgoingmessage", "false"),
        rls.policy("notices_publicname", "false"),
    ]
