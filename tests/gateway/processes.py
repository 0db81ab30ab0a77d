"""The bank as real processes on the test's database, and a merchant that calls over mutual TLS."""

import http.client
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection
from pytest_django import Settings

from niaga.gateway.authority import trust as authority_trust
from niaga.gateway.issuer_simulator.bank import Bank
from niaga.gateway.models import IssuerMessage
from niaga.plumbing.key_files import chain_pem, key_pem
from niaga.project import bank as children
from niaga.project import market
from niaga.project.database import server_url
from niaga.project.supervisor import Child, Supervisor
from niaga.protocol.formats.x509 import Use
from tests.gateway.town import SHOP, WALLET, Town, told

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 120
SETTLED_WITHIN_S = 90


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, as Django's client names its parts."""

    status_code: int
    content: bytes
    headers: Any


class RemoteTown(Town):
    """A town whose bank is somewhere else; see `running_bank`."""

    def __init__(self, data: Path, settings: Settings, ports: dict[str, int]) -> None:
        self.use_settings(data / "gateway", settings)
        settings.GATEWAY_ADDRESS = f"https://localhost:{ports['payments']}"
        self.data, self.ports = data, ports
        self.bank = Bank(data / "gateway/issuer/accounts.sqlite3")
        authority_trust.forget()
        self.shop = self.order_certificate(Use.SIGN)
        transport = self.order_certificate(Use.TRANSPORT)
        self.certificate = data / "shop-transport.pem"
        self.certificate.write_bytes(key_pem(transport.key) + chain_pem(transport.chain))

    @property
    def dies_at(self) -> Path:
        """Write a point's name here, and a process dies there once."""
        return self.data / "dies-at"

    def context(self, name: str, *, certificate: Path | None) -> ssl.SSLContext:
        root = (
            self.data / "gateway/authority/payment-root.pem"
            if name == "payments"
            else self.data / "tls/authority.pem"
        )
        made = ssl.create_default_context(cafile=root)
        if certificate:
            made.load_cert_chain(certificate)
        return made

    def front(self, name: str, path: str, body: str | bytes | None = None, **options: Any) -> Any:
        """Call a front over TLS, with the shop's certificate where it is asked for."""
        certificate = options.get("certificate", self.certificate if name == "payments" else None)
        line = http.client.HTTPSConnection(
            "localhost",
            self.ports[name],
            timeout=20,
            context=self.context(name, certificate=certificate),
        )
        headers = {"Content-Type": options.get("kind", "application/jose")}
        try:
            line.request("GET" if body is None else "POST", path, body, headers)
            response = line.getresponse()
            return Answer(response.status, response.read(), response.headers)
        finally:
            line.close()

    def ask_until_decided(self, request: str) -> Any:
        """Resend identical bytes until the gateway says more than that it is still asking."""
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while True:
            try:
                answer = self.front("payments", "/authorize", request)
            except (OSError, http.client.HTTPException):
                answer = None
            if answer is not None and answer.status_code == 200 and not _is_pending(answer):
                return answer
            assert time.monotonic() < deadline, "the gateway does not come back"
            time.sleep(0.3)

    def operate_until_done(self, request: str) -> Any:
        """Resend an operation's identical bytes until it is answered."""
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while True:
            try:
                return self.front("payments", "/operations", request)
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < deadline, "the gateway does not come back"
                time.sleep(0.3)

    def wait_until_told(self) -> None:
        """Wait until the issuer has answered everything it was told."""
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while IssuerMessage.objects.filter(state="due").exists():
            assert time.monotonic() < deadline, list(IssuerMessage.objects.filter(state="due"))
            time.sleep(0.2)


def _is_pending(answer: Answer) -> bool:
    return told(answer).get("result") == "pending"


@contextmanager
def running_bank(data: Path, settings: Settings) -> Iterator[RemoteTown]:
    """Run gateway (all fronts and worker) and issuer meanwhile; who dies is started again."""
    ports = {name: _free_port() for name in ("payments", "authority", "office", "issuer")}
    serve = ["gateway", "serve", "--port", ports["payments"]]
    serve += ["--authority-port", ports["authority"], "--office-port", ports["office"]]
    issuer = children.issuer_simulator(port=ports["issuer"], log=data / "issuer.log")
    program = issuer.argv[: issuer.argv.index("issuer-simulator")]
    gateway = Child(
        "gateway",
        [*program, *map(str, serve)],
        data / "gateway.log",
        is_ready=lambda: all(
            market.answers_tls("localhost", ports[name]) for name in ("payments", "authority")
        ),
        stop_timeout_s=20,
    )
    environment = _environment(data, ports)
    stop = threading.Event()
    with Supervisor([gateway, issuer], say=print, environment=environment) as supervisor:
        watching = threading.Thread(
            target=supervisor.watch, args=(stop,), kwargs={"when_ready": lambda: None}
        )
        watching.start()
        try:
            _wait_until_ready(gateway, issuer)
            yield RemoteTown(data, settings, ports)
        finally:
            stop.set()
            watching.join()


def _environment(data: Path, ports: dict[str, int]) -> dict[str, str]:
    url = server_url(
        Path(connection.settings_dict["HOST"]), database=str(connection.settings_dict["NAME"])
    )
    return os.environ | {
        "NIAGA_GATEWAY_DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.gateway.dying.settings",
        "NIAGA_DIES_AT": str(data / "dies-at"),
        "NIAGA_DATA": str(data),
        "NIAGA_GATEWAY_DATA": str(data / "gateway"),
        "NIAGA_GATEWAY_ADDRESS": f"https://localhost:{ports['payments']}",
        "NIAGA_AUTHORITY_APPROVES": SHOP,
        "NIAGA_WALLET_ORIGIN": WALLET.origin,
        "NIAGA_ISSUER_PORT": str(ports["issuer"]),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(*waited: Child) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    for child in waited:
        while not child.is_ready():
            log = child.log.read_text() if child.log and child.log.exists() else ""
            assert time.monotonic() < deadline, f"{child.name} is not ready:\n{log[-3000:]}"
            time.sleep(0.1)
