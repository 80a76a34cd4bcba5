"""What every test stands on: a database of its own."""

import pytest

from lianxin import database


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Start the database before pytest-django connects to it."""
    database.ensure()
