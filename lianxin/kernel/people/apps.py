"""App."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """See the package."""

    name = "lianxin.kernel.people"
    label = "people"

    def ready(self) -> None:
        """Say which paths follow an organization that moves; importing the messages registers their check."""
        from lianxin.kernel.orgs.columns import register_path_column
        from lianxin.kernel.people import messages  # noqa: F401 - its check registers itself

        register_path_column("people_person", "organization_path")
        register_path_column("people_role", "scope_path", source="jurisdiction_path")
