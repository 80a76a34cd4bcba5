"""App."""

from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    """See the package."""

    name = "lianxin.kernel.programmes"
    label = "programmes"

    def ready(self) -> None:
        """Have the programmes' paths follow their organizations."""
        from lianxin.kernel.orgs.columns import register_path_column

        register_path_column("programmes_programme", "organization_path")
