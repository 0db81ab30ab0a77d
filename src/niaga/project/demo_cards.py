"""The demo's card payments: bank, simulated issuer and wallet beside the market, on this machine.

They start when the market is open, so that nobody waits for them; cards are offered as soon as the
authority has certified the market.
"""

import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from niaga.project import bank, market
from niaga.project.supervisor import Child

_log = logging.getLogger(__name__)
TRIES = 60


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the parties answer: the wallet's port follows the market's, and so on."""

    wallet: int
    gateway: int
    authority: int
    office: int
    issuer: int

    @classmethod
    def beside(cls, port: int) -> "Ports":
        """Return the ports that go with a market at `port`."""
        return cls(port + 1, port + 2, port + 3, port + 4, port + 140)

    @property
    def all(self) -> tuple[int, ...]:
        """Every one of them."""
        return (self.wallet, self.gateway, self.authority, self.office, self.issuer)


def root_file(data: Path) -> Path:
    """Return where the payment's root certificate will be."""
    return data / "gateway" / "authority" / "payment-root.pem"


def environment(ports: Ports, *, data: Path, site_url: str, web_authority: Path) -> dict[str, str]:
    """Return what tells every process where the others are."""
    origins = {name: f"https://localhost:{getattr(ports, name)}" for name in ports.__slots__}
    return {
        "NIAGA_GATEWAY_URL": origins["gateway"],
        "NIAGA_AUTHORITY_URL": origins["authority"],
        "NIAGA_WALLET_ORIGIN": origins["wallet"],
        "NIAGA_PAYMENT_ROOT": str(root_file(data)),
        "NIAGA_WEB_AUTHORITY": str(web_authority),
        "NIAGA_GATEWAY_ADDRESS": origins["gateway"],
        "NIAGA_AUTHORITY_APPROVES": site_url,
        "NIAGA_ISSUER_PORT": str(ports.issuer),
        "NIAGA_PAYER_SIMULATOR": "yes",
        "NIAGA_PAYER_SIMULATOR_URL": f"{origins['office']}/payer-simulator/",
        "NIAGA_WALLET_AUTHORITY": origins["authority"],
        "NIAGA_WALLET_ROOTS": str(root_file(data)),
    }


def children(ports: Ports, front: market.Front, *, data: Path) -> list[Child]:
    """Return the processes: the bank first, the others once it has founded its authority."""
    program = [sys.executable, "-m", "niaga.project.cli.main"]
    serve = ["gateway", "serve", "--demo", "--host", front.host, "--port", ports.gateway]
    serve += ["--authority-port", ports.authority, "--office-port", ports.office]
    bank_side = Child("gateway", [*program, *map(str, serve)], data / "log/gateway.log", waits=True)
    log = data / "log"
    later = (
        bank.issuer_simulator(port=ports.issuer, log=log / "issuer.log"),
        market.wallet_server(replace(front, port=ports.wallet, workers=1), log=log / "wallet.log"),
    )
    return [bank_side, *(_after(root_file(data), child) for child in later)]


def _after(file: Path, child: Child) -> Child:
    argv = [sys.executable, "-m", "niaga.project.await_file", str(file), *child.argv]
    return replace(child, argv=argv, waits=True, is_ready=lambda: True)


def certify(
    stop: threading.Event, then: Callable[[threading.Event], None] = lambda _stop: None
) -> threading.Thread:
    """Have the market certified as soon as the authority answers, then call `then`.

    Django is set up by now.
    """
    from niaga.flows.money.card.enrolment import keep_certificates  # noqa: PLC0415
    from niaga.flows.money.card.keys import takes_cards  # noqa: PLC0415 - settings were not known
    from niaga.flows.money.card.transport import UnreachableError  # noqa: PLC0415

    def until_certified() -> None:
        while not takes_cards() and not stop.wait(0.5):
            try:
                keep_certificates()
            except UnreachableError:
                continue
        then(stop)

    thread = threading.Thread(target=until_certified, daemon=True)
    thread.start()
    return thread


def pay_by_card(stop: threading.Event) -> None:
    """Make the demo's card payments as soon as every party answers."""
    from django.db import connection  # noqa: PLC0415 - settings were not known

    from niaga.project.demo.load_cards import load_card_payments  # noqa: PLC0415
    from niaga.wallet.transport import AnsweredError, UnreachableError  # noqa: PLC0415

    tries = iter(range(TRIES))
    try:
        while not stop.is_set() and next(tries, None) is not None:
            try:
                return load_card_payments()
            except (AnsweredError, UnreachableError):
                stop.wait(1)
        _log.warning("the demo's card payments were not made: a party did not answer")
    finally:
        connection.close()
