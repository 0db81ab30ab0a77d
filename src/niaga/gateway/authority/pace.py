"""How fast one address may ask: enough for a person, too slow for trying card numbers.

Counted in each process's own memory; a hosted authority has a limiter of its own in front.
"""

import time

from django.conf import settings
from django.core.cache import cache

from niaga.gateway.http import ProblemError

WINDOW_S = 60


def keep_pace(what: str, address: str, *, per_minute: int) -> None:
    """Count a question of `address`; a ProblemError (429) where it asks too fast."""
    window = int(time.time() // WINDOW_S)
    key = f"pace:{what}:{address}:{window}"
    cache.add(key, 0, WINDOW_S)
    if cache.incr(key) > per_minute * settings.AUTHORITY_PACE:
        raise ProblemError(429, "too_many_requests")
