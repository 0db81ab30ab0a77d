"""The market's settings for tests: quick hashing, plain static files."""

from niaga.project.settings import *  # noqa: F403
from niaga.project.settings import STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
SERVESTATIC_USE_MANIFEST = False
SERVESTATIC_USE_FINDERS = True  # nothing is collected
