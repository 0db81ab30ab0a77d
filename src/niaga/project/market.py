"""The market's processes: which programs run, with which options."""

import sys
from dataclasses import dataclass
from pathlib import Path

from niaga.project.supervisor import Child

PROGRAMS = Path(sys.executable).parent
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
    argv = [str(PROGRAMS / "granian"), *map(str, options), "niaga.project.wsgi:application"]
    return Child("market", argv, log, port=front.port, stop_timeout_s=STOP_AFTER_S + 5)


def worker(*, log: Path | None) -> Child:
    """Return the process that delivers events and runs jobs."""
    return Child("worker", [sys.executable, "-m", "niaga.project.cli.main", "worker"], log)


def mailbox(*, port: int, folder: Path, log: Path | None) -> Child:
    """Return the demo's mail server, which stores mails in `folder`."""
    argv = [sys.executable, "-m", "niaga.project.mailbox", str(port), str(folder)]
    return Child("mailbox", argv, log, port=port)
