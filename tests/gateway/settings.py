"""The gateway's settings for tests: its database on the session's server, quick hashing."""

import os

os.environ.setdefault(
    "NIAGA_GATEWAY_DATABASE_URL", os.environ["DATABASE_URL"].replace("/niaga?", "/niaga_gateway?")
)

from niaga.gateway.settings import *  # noqa: F403
from niaga.gateway.settings import DATABASES, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
SERVESTATIC_USE_MANIFEST = False
SERVESTATIC_USE_FINDERS = True  # nothing is collected

# A pool's own threads may open a connection while the test database is dropped.
DATABASES = {"default": DATABASES["default"] | {"OPTIONS": {}, "CONN_MAX_AGE": 0}}

# Tests ask from one address all the time; what too fast is has a test of its own.
AUTHORITY_PACE = 1000
