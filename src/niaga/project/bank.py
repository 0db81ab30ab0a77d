"""The bank's processes: which programs run, with which options; no word of the market."""

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from niaga.project.market import STOP_AFTER_S, Front, answers, answers_tls, reachable
from niaga.project.supervisor import Child

SETTINGS, MARKET_SETTINGS = "niaga.gateway.settings", "niaga.project.settings"
THREADS_PER_WORKER = 16


@dataclass(frozen=True, slots=True)
class Callers:
    """Who may call a front under mutual TLS: holders of a certificate of `authority` (PEM)."""

    authority: Path


def front(name: str, where: Front, *, callers: Callers | None, log: Path | None) -> Child:
    """Return the process of one of the bank's fronts: `payments`, `authority` or `office`.

    With `callers` the TLS server itself turns away whoever shows no certificate of theirs.
    """
    options: list[object] = [
        "--interface", "wsgi", "--host", where.host, "--port", where.port,
        "--workers", where.workers, "--blocking-threads", THREADS_PER_WORKER,
        "--respawn-failed-workers", "--workers-kill-timeout", STOP_AFTER_S,
        "--ssl-certificate", where.chain, "--ssl-keyfile", where.key,
        "--ssl-protocol-min", "tls1.3", "--no-ws", "--http", "1",
    ]  # fmt: skip
    if callers:
        options += ["--ssl-ca", callers.authority, "--ssl-client-verify"]
    argv = [sys.executable, "-m", "niaga.project.web", *map(str, options)]
    return Child(
        name,
        [*argv, "niaga.gateway.wsgi:application"],
        log,
        is_ready=partial(answers_tls, reachable(where.host), where.port),
        stop_timeout_s=STOP_AFTER_S + 5,
        environment={"NIAGA_GATEWAY_FRONT": name},
    )


def worker(*, log: Path | None) -> Child:
    """Return the process that finishes what was left, tells issuers and lets old holds go."""
    argv = [sys.executable, "-m", "niaga.project.cli.main", "gateway", "worker"]
    return Child("gateway-worker", argv, log, waits=True)


def issuer_simulator(*, port: int, log: Path | None) -> Child:
    """Return the simulated issuer's process."""
    argv = [sys.executable, "-m", "niaga.project.cli.main", "issuer-simulator"]
    return Child("issuer", [*argv, "--port", str(port)], log, is_ready=partial(answers, port))
