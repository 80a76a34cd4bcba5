"""App."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """See the package."""

    name = "lianxin.kernel.people"
    label = "people"

    def ready(self) -> None:
        """Say which paths follow an organization that moves, and hear of second factors; messages register a check."""
        from allauth.mfa.signals import authenticator_added

        from lianxin.kernel.orgs.columns import register_path_column
        from lianxin.kernel.people import messages  # noqa: F401 - its check registers itself
        from lianxin.kernel.people.signin import second_factor_set_up

        # The library tells of it in no other way.
        authenticator_added.connect(second_factor_set_up, dispatch_uid="people.second_factor_set_up")

        register_path_column("people_person", "organization_path")
        register_path_column("people_role", "scope_path", source="jurisdiction_path")
