"""The market's settings for tests: quick hashing, plain static files."""

from niaga.project.settings import *  # noqa: F403
from niaga.project.settings import DATABASES, MIDDLEWARE, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
# Nothing is collected: the files are found where they lie.
MIDDLEWARE = ["servestatic.middleware.ServeStaticMiddleware", *MIDDLEWARE]
SERVESTATIC_USE_MANIFEST = False
SERVESTATIC_USE_FINDERS = True

# A pool's own threads may open a connection while the test database is dropped.
DATABASES = {"default": DATABASES["default"] | {"OPTIONS": {}, "CONN_MAX_AGE": 0}}
