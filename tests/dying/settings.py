"""The market's test settings with the app that dies on demand; for processes, not for pytest."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.dying"]
