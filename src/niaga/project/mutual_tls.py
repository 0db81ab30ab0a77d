"""The gateway's front for merchants: gunicorn, which tells the application who is on the line.

`python -m niaga.project.mutual_tls HOST PORT WORKERS CHAIN KEY CALLERS` (PEM files; callers show a
certificate of CALLERS). Renewed files are shown from the next connection on.
"""

import gc
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import django
import uuid_utils
from django.db import close_old_connections
from gunicorn.app.base import BaseApplication

from niaga.protocol.formats.tls import Chain, JudgingContext, Renewing

THREADS_PER_WORKER = 16
KEPT_S = 75
STOP_AFTER_S = 3


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """A gunicorn without files and command lines; `options` are its settings."""

    def __init__(
        self, application: Callable[..., Iterable[bytes]], options: dict[str, Any]
    ) -> None:
        self._application, self._options = application, options
        super().__init__()

    def load_config(self) -> None:
        """Take the options over."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Iterable[bytes]]:
        """Return the application."""
        return self._application


def main(host: str, port: str, workers: str, *files: str) -> None:
    """Load the code, then serve."""
    django.setup()
    from niaga.gateway.payments.peer import SHOWN, judge_merchant
    from niaga.gateway.wsgi import application

    chain, key, callers = map(Path, files)

    def judged(shown: Chain) -> None:
        try:
            judge_merchant(shown)
        finally:
            close_old_connections()  # no request follows a refusal

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        environ[SHOWN] = environ["gunicorn.socket"].shown
        return application(environ, start)

    contexts = Renewing(
        lambda: JudgingContext.to_callers(authority=callers, mine=chain, key=key, judged=judged),
        chain,
        key,
        callers,
    )
    # Two workers that inherit one random state would make the same ids.
    os.register_at_fork(after_in_child=uuid_utils.reseed_rng)
    gc.freeze()  # what is loaded stays; the collector need not touch (and copy) it in each worker
    options = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": int(workers),
        "worker_class": "gthread",
        "threads": THREADS_PER_WORKER,
        "keepalive": KEPT_S,
        "graceful_timeout": STOP_AFTER_S,
        "certfile": str(chain),
        "keyfile": str(key),
        "ssl_context": lambda _config, _default: contexts.current(),
        "loglevel": "error",
        "control_socket_disable": True,
        "proc_name": "niaga-payments",
    }
    Server(answer, options).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
