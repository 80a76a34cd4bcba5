"""The product's settings, with a home of their own for the tests. LIANXIN_HOME may name another."""

import hashlib
import os
from pathlib import Path

os.environ.setdefault("LIANXIN_HOME", str(Path(__file__).parents[1] / "var" / "test"))

from lianxin.settings import *  # noqa: F403
from lianxin.settings import DATABASES, HOME, INSTALLED_APPS, STORAGES

# Two checkouts may test on one server side by side.
DATABASES["default"]["TEST"]["NAME"] = f"test_lianxin_{hashlib.sha256(os.fsencode(HOME)).hexdigest()[:8]}"
# Begins the name of the database that the tables of the next run are copied from (template.py).
TEMPLATE_NAME = DATABASES["default"]["TEST"]["NAME"].replace("test_", "template_") + "_"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
# Slow on purpose in production; a test signs in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.example_app"]
