"""The gateway's worker process: one round after the other until it is told to stop."""

import logging
import threading
from datetime import datetime, timedelta

from django.db import close_old_connections

from niaga.gateway.answers import seal_authorization
from niaga.gateway.issuer.connection import line
from niaga.gateway.keys import gateway_cabinet
from niaga.gateway.rounds import make_round
from niaga.kernel import clock

_log = logging.getLogger(__name__)
IDLE_S = 0.5
STUMBLE_S = 2.0
RENEWAL_EVERY = timedelta(hours=6)


def run(stop: threading.Event) -> None:
    """Finish what was left, tell issuers, let go of old holds and renew keys, until `stop` is set.

    A renewed key signs and opens at once; TLS shows it from the next connection on.
    """
    renewed_at: datetime | None = None
    while not stop.is_set():
        try:
            if renewed_at is None or clock.now() - renewed_at > RENEWAL_EVERY:
                gateway_cabinet().ensure()
                renewed_at = clock.now()
            done = make_round(line=line(), seal=seal_authorization)
        except Exception:  # noqa: BLE001 - the database may be restarting
            _log.exception("the round stumbled")
            stop.wait(STUMBLE_S)
        else:
            if not done:
                stop.wait(IDLE_S)
        finally:
            close_old_connections()
