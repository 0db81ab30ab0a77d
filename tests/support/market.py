"""A whole market of real processes on the test's own database, for journeys."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from niaga.kernel.clock import now
from niaga.project import market
from niaga.project.authority import ensure_certificate
from niaga.project.database import server_url
from niaga.project.supervisor import Child, Supervisor

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 60


@dataclass(frozen=True, slots=True)
class RunningMarket:
    """Where the test finds the market.

    Attributes:
        url: the address, without a slash at the end.
        authority: the certificate (PEM) to trust.
        mails: the folder where every sent mail becomes an `.eml` file.
    """

    url: str
    authority: Path
    mails: Path


@contextmanager
def running_market(folder: Path) -> Iterator[RunningMarket]:
    """Run web server, worker and mailbox meanwhile; their logs and mails go to `folder`."""
    port, mail_port = free_port(), free_port()
    tls = ensure_certificate(folder / "tls", names=["localhost", "127.0.0.1"], now=now())
    front = market.Front(host="127.0.0.1", port=port, chain=tls.chain, key=tls.key, workers=1)
    children = [
        market.mailbox(port=mail_port, folder=folder / "mail", log=folder / "mailbox.log"),
        market.worker(log=folder / "worker.log"),
        market.market(front, log=folder / "market.log"),
    ]
    supervisor = Supervisor(children, say=print, environment=_environment(front, mail_port))
    with supervisor:
        supervisor.start_waiting()
        for child in children:
            _wait(child)
        yield RunningMarket(url=front.site_url, authority=tls.authority, mails=folder / "mail")


def _environment(front: market.Front, mail_port: int) -> dict[str, str]:
    url = server_url(
        Path(connection.settings_dict["HOST"]), database=connection.settings_dict["NAME"]
    )
    return os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "NIAGA_DATA": str(settings.DATA),
        "NIAGA_SITE_URL": front.site_url,
        "NIAGA_SMTP_PORT": str(mail_port),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _wait(child: Child) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not child.is_ready():
        if time.monotonic() > deadline:
            log = child.log.read_text() if child.log else ""
            raise TimeoutError(f"{child.name} is not ready:\n{log[-3000:]}")
        time.sleep(0.05)
