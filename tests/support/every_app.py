"""Settings with the apps of every deployable, for the type checker alone."""

from niaga.project.settings import *  # noqa: F403
from niaga.project.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "niaga.gateway"]
