"""The product's settings while it is measured: the same, with the bare limits beside it. Never used in production."""

import os

from lianxin.settings import *  # noqa: F403
from lianxin.settings import DATABASES, MIDDLEWARE

ROOT_URLCONF = "lianxin.bench.urls"
# First of all: what is answered here has cost nothing but the server and Django's own handler.
MIDDLEWARE = ["lianxin.bench.limits.BareDoor", *MIDDLEWARE]
# Several sizes of one database are measured in turn, each served by its own process.
DATABASES["default"]["NAME"] = os.environ.get("LIANXIN_BENCH_DATABASE") or DATABASES["default"]["NAME"]
