"""Market, bank, issuer and wallet as real processes: two databases, mutual TLS, an issuer's cards.

The market's database is the test's own; the bank's is made beside it and dropped at the end.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from cryptography import x509
from django.db import connection
from django.test import override_settings

from niaga.flows.money.card import trust
from niaga.flows.money.card.keys import takes_cards
from niaga.gateway.issuer_simulator.cards import CARDS, CVC, EXPIRY
from niaga.kernel.clock import now
from niaga.project import demo_cards, market
from niaga.project.authority import ensure_certificate
from niaga.project.database import server_url
from niaga.project.supervisor import Child, Patience, Supervisor
from niaga.protocol.formats.webauthn import RelyingParty
from niaga.protocol.messages.enrolment import CardData
from niaga.wallet.client import Card, Wallet
from niaga.wallet.transport import Https
from tests.support.market import ROOT, free_port
from tests.support.payment import Authenticator

BANK_DATABASE = "test_niaga_bank"
READY_WITHIN_S = 240
DYING = Patience(quick_s=0)  # they die again and again, at once, because a test wants it
HOLDER = "Dewi Lestari"


@dataclass(frozen=True)
class CardTown:
    """Where everyone is.

    Attributes:
        folder: logs, keys and files; the bank's under `gateway`.
        url: the market's address, without a slash at the end.
        ports: where the others answer.
        web_authority: whom to trust for HTTPS (PEM).
        bank_url: the bank's database.
    """

    folder: Path
    url: str
    ports: demo_cards.Ports
    web_authority: Path
    bank_url: str

    @property
    def wallet_url(self) -> str:
        return f"https://localhost:{self.ports.wallet}"

    @property
    def dies_at(self) -> Path:
        """Write a point's name here, and a process dies there once."""
        return self.folder / "dies-at"

    @property
    def root(self) -> Path:
        return demo_cards.root_file(self.folder)

    def wallet(self) -> Wallet:
        """A wallet without a page, still empty."""
        roots = x509.load_pem_x509_certificates(self.root.read_bytes())
        authority = f"https://localhost:{self.ports.authority}"
        return Wallet(authority, tuple(roots), Https(self.web_authority, timeout_s=60))

    def enrol(self, wallet: Wallet, pan: str = CARDS[0].pan) -> Card:
        """Add one of the issuer's cards to the wallet."""
        party = RelyingParty("localhost", self.wallet_url)
        card = CardData(pan=pan, expiry=EXPIRY, holder=HOLDER, cvc=CVC)
        return wallet.enrol(card, Authenticator(party=party))

    def ask_bank(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the bank's database."""
        with psycopg.connect(self.bank_url) as line:
            return line.execute(sql).fetchall()  # type: ignore[arg-type]


@contextmanager
def running_town(folder: Path) -> Iterator[CardTown]:
    """Run everyone meanwhile; who dies is started again."""
    ports = demo_cards.Ports(*(free_port() for _ in range(5)))
    mail_port = free_port()
    tls = ensure_certificate(folder / "tls", names=["localhost", "127.0.0.1"], now=now())
    front = market.Front("127.0.0.1", free_port(), tls.chain, tls.key, workers=1)
    with _bank_database() as bank_url:
        town = CardTown(folder, front.site_url, ports, tls.authority, bank_url)
        told = demo_cards.environment(
            ports, data=folder, site_url=town.url, web_authority=tls.authority
        )
        environment = os.environ | told | _surroundings(town, mail_port)
        children = [
            market.mailbox(port=mail_port, folder=folder / "mail", log=folder / "log/mailbox.log"),
            market.worker(log=folder / "log/worker.log"),
            market.market(front, log=folder / "log/market.log"),
            *map(_as_bank, demo_cards.children(ports, front, data=folder)),
        ]
        with _watched(children, environment), _known_here(town):
            ready = (ports.wallet, ports.gateway, ports.authority)
            wait_until(lambda: all(market.answers_tls("localhost", port) for port in ready))
            stop = threading.Event()
            demo_cards.certify(stop)
            wait_until(takes_cards)
            yield town


def wait_until(
    true: Callable[[], bool],
    within_s: float = READY_WITHIN_S,
    *,
    otherwise: str = "it did not come so far",
) -> None:
    """Wait until it is so; a busy machine is no failure."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.2)


def _surroundings(town: CardTown, mail_port: int) -> dict[str, str]:
    host, name = connection.settings_dict["HOST"], connection.settings_dict["NAME"]
    return {
        "DATABASE_URL": server_url(Path(str(host)), database=str(name)),
        "DJANGO_SETTINGS_MODULE": "tests.dying.settings",
        "NIAGA_AUTHORITY_PACE": "1000",
        "NIAGA_DATA": str(town.folder),
        "NIAGA_DIES_AT": str(town.dies_at),
        "NIAGA_GATEWAY_DATABASE_URL": town.bank_url,
        "NIAGA_SITE_URL": town.url,
        "NIAGA_SMTP_PORT": str(mail_port),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }


def _as_bank(child: Child) -> Child:
    if child.name == "wallet":
        return child
    own = {"DJANGO_SETTINGS_MODULE": "tests.gateway.dying.settings"}
    return replace(child, environment={**child.environment, **own})


@contextmanager
def _watched(children: list[Child], environment: dict[str, str]) -> Iterator[None]:
    stop = threading.Event()
    with Supervisor(children, say=print, environment=environment, patience=DYING) as supervisor:
        watching = threading.Thread(
            target=supervisor.watch, args=(stop,), kwargs={"when_ready": lambda: None}
        )
        watching.start()
        try:
            yield
        finally:
            stop.set()
            watching.join()


@contextmanager
def _known_here(town: CardTown) -> Iterator[None]:
    """Let this process act for the same market: its settings, its keys, its line to the bank."""
    trust.forget()
    with override_settings(
        SITE_URL=town.url,
        CARD_GATEWAY_URL=f"https://localhost:{town.ports.gateway}",
        CARD_AUTHORITY_URL=f"https://localhost:{town.ports.authority}",
        CARD_WALLET_ORIGIN=town.wallet_url,
        CARD_ROOT=town.root,
        CARD_WEB_AUTHORITY=town.web_authority,
        CARD_KEYS=town.folder / "payment-keys",
    ):
        yield
    trust.forget()


@contextmanager
def _bank_database() -> Iterator[str]:
    host = Path(str(connection.settings_dict["HOST"]))
    name = f"{BANK_DATABASE}_{os.getpid()}"
    with psycopg.connect(server_url(host, database="postgres"), autocommit=True) as line:
        line.execute(f"CREATE DATABASE {name}")
        try:
            yield server_url(host, database=name)
        finally:
            line.execute(f"DROP DATABASE {name} WITH (FORCE)")
