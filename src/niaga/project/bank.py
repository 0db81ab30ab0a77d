"""The bank's processes: which programs run, with which options; no word of the market."""

import sys
from functools import partial
from pathlib import Path

from niaga.project.market import STOP_AFTER_S, Front, answers, answers_tls, reachable
from niaga.project.supervisor import Child

SETTINGS, MARKET_SETTINGS = "niaga.gateway.settings", "niaga.project.settings"
THREADS_PER_WORKER = 16


def payments(where: Front, *, callers: Path, log: Path | None) -> Child:
    """Return the front for merchants: mutual TLS with holders of a certificate of `callers`."""
    options = [where.host, where.port, where.workers, where.chain, where.key, callers]
    argv = [sys.executable, "-m", "niaga.project.mutual_tls", *map(str, options)]
    return _front("payments", argv, where, log)


def front(name: str, where: Front, *, log: Path | None) -> Child:
    """Return the process of one of the bank's fronts for anyone: `authority` or `office`."""
    options: list[object] = [
        "--interface", "wsgi", "--host", where.host, "--port", where.port,
        "--workers", where.workers, "--blocking-threads", THREADS_PER_WORKER,
        "--respawn-failed-workers", "--workers-kill-timeout", STOP_AFTER_S,
        "--ssl-certificate", where.chain, "--ssl-keyfile", where.key,
        "--ssl-protocol-min", "tls1.3", "--no-ws", "--http", "1",
    ]  # fmt: skip
    argv = [sys.executable, "-m", "niaga.project.web", *map(str, options)]
    return _front(name, [*argv, "niaga.gateway.wsgi:application"], where, log)


def _front(name: str, argv: list[str], where: Front, log: Path | None) -> Child:
    return Child(
        name,
        argv,
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
