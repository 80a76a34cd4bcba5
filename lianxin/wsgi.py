"""The WSGI application, for `lianxin serve` and for any other WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

from lianxin import database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lianxin.settings")
database.ensure()
application = get_wsgi_application()
