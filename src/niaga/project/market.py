"""The market's processes: which programs run, with which options."""

import socket
import ssl
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from niaga.project.supervisor import Child

WORKERS = 2
# A page's live updates (server-sent events) hold a thread each as long as the page is open.
THREADS_PER_WORKER = 24
STOP_AFTER_S = 3


@dataclass(frozen=True, slots=True)
class Front:
    """Where and how the market answers HTTPS.

    Attributes:
        chain: the server's certificate, with intermediates (PEM).
        key: its private key (PKCS #8 PEM).
    """

    host: str
    port: int
    chain: Path
    key: Path
    workers: int = WORKERS

    @property
    def site_url(self) -> str:
        """The address to give to people on this machine."""
        return f"https://localhost{'' if self.port == 443 else f':{self.port}'}"


def market(front: Front, *, log: Path | None) -> Child:
    """Return the web server's process."""
    options: list[object] = [
        "--interface", "wsgi", "--host", front.host, "--port", front.port,
        "--workers", front.workers, "--blocking-threads", THREADS_PER_WORKER,
        "--respawn-failed-workers", "--workers-kill-timeout", STOP_AFTER_S,
        "--ssl-certificate", front.chain, "--ssl-keyfile", front.key,
        "--ssl-protocol-min", "tls1.3", "--no-ws",
    ]  # fmt: skip
    program = [sys.executable, "-m", "niaga.project.web"]
    argv = [*program, *map(str, options), "niaga.project.wsgi:application"]
    ready = partial(answers_tls, reachable(front.host), front.port)
    return Child("market", argv, log, is_ready=ready, stop_timeout_s=STOP_AFTER_S + 5)


def wallet_server(front: Front, *, log: Path | None) -> Child:
    """Return the wallet's web server; its settings are in the environment."""
    options: list[object] = [
        "--interface", "rsgi", "--factory", "--host", front.host, "--port", front.port,
        "--workers", front.workers, "--respawn-failed-workers",
        "--workers-kill-timeout", STOP_AFTER_S,
        "--ssl-certificate", front.chain, "--ssl-keyfile", front.key,
        "--ssl-protocol-min", "tls1.3", "--no-ws",
    ]  # fmt: skip
    argv = [sys.executable, "-m", "granian", *map(str, options), "niaga.wallet.server:make_app"]
    ready = partial(answers_tls, reachable(front.host), front.port)
    return Child("wallet", argv, log, is_ready=ready, stop_timeout_s=STOP_AFTER_S + 5)


def worker(*, log: Path | None) -> Child:
    """Return the process that delivers events and runs jobs."""
    argv = [sys.executable, "-m", "niaga.project.cli.main", "worker"]
    return Child("worker", argv, log, waits=True)


def mailbox(*, port: int, folder: Path, log: Path | None) -> Child:
    """Return the demo's mail server, which stores mails in `folder`."""
    argv = [sys.executable, "-m", "niaga.project.mailbox", str(port), str(folder)]
    return Child("mailbox", argv, log, is_ready=partial(answers, port))


def answers(port: int) -> bool:
    """Say whether something on this machine listens to `port`."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def answers_tls(host: str, port: int) -> bool:
    """Say whether a TLS server answers there."""
    # granian's port is open before a worker listens to it; a handshake needs the worker.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout=1) as connection,
            context.wrap_socket(connection),
        ):
            return True
    except OSError:
        return False


def reachable(host: str) -> str:
    """Return an address to connect to for one to listen on."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only
