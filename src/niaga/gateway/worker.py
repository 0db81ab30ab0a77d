"""The gateway's worker process: one round after the other until it is told to stop."""

import logging
import threading
from datetime import datetime, timedelta

from django.db import close_old_connections

from niaga.gateway.answers import seal_authorization
from niaga.gateway.commands.note_echo import note_echo
from niaga.gateway.issuer.connection import line
from niaga.gateway.issuer.echo import is_answered
from niaga.gateway.keys import gateway_cabinet
from niaga.gateway.rounds import make_round
from niaga.kernel import clock

_log = logging.getLogger(__name__)
IDLE_S = 0.5
STUMBLE_S = 2.0
RENEWAL_EVERY = timedelta(hours=6)
ECHO_EVERY = timedelta(seconds=30)


def run(stop: threading.Event) -> None:
    """Finish what was left, tell issuers, let go of old holds and renew keys, until `stop` is set.

    The issuer's line is tried every half minute, so that the bank knows of silence before buyers.

    A renewed key signs and opens at once; TLS shows it from the next connection on.
    """
    renewed_at: datetime | None = None
    echoed_at: datetime | None = None
    while not stop.is_set():
        try:
            if renewed_at is None or clock.now() - renewed_at > RENEWAL_EVERY:
                gateway_cabinet().ensure()
                renewed_at = clock.now()
            if echoed_at is None or clock.now() - echoed_at > ECHO_EVERY:
                echoed_at = clock.now()
                note_echo(answered=is_answered(line()))
            done = make_round(line=line(), seal=seal_authorization)
        except Exception:  # noqa: BLE001 - the database may be restarting
            _log.exception("the round stumbled")
            stop.wait(STUMBLE_S)
        else:
            if not done:
                stop.wait(IDLE_S)
        finally:
            close_old_connections()
