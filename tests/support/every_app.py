"""Settings with the apps and names of every deployable, for the type checker alone."""

from niaga.gateway.settings import *  # noqa: F403
from niaga.gateway.settings import INSTALLED_APPS as BANK_APPS
from niaga.project.settings import *  # type: ignore[assignment]  # noqa: F403
from niaga.project.settings import INSTALLED_APPS as MARKET_APPS

INSTALLED_APPS = list(dict.fromkeys([*MARKET_APPS, *BANK_APPS]))
