"""The gateway's settings with the app that dies on demand; for processes, not for pytest."""

from niaga.gateway.settings import *  # noqa: F403
from niaga.gateway.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.gateway.dying"]
