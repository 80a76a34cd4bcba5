"""The database: what the application connects to and as whom."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_application_is_not_a_superuser() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)
