"""The buyer of the bench: a card of the simulated issuer, a passkey, and the Python wallet."""

import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from niaga.project import demo_cards
from niaga.project.bench.shop import READY_TIMEOUT_S, Shop
from niaga.project.market import answers, answers_tls
from niaga.project.problem import Problem
from niaga.protocol.authority import new_key
from niaga.protocol.envelope import peek
from niaga.protocol.formats import base64url, jwk
from niaga.protocol.messages.enrolment import CardData, Passkey
from niaga.protocol.messages.parts import Assertion
from niaga.protocol.messages.purchase import PaymentResponse
from niaga.wallet.client import Card, Wallet
from niaga.wallet.transport import Https

PRESENT_AND_VERIFIED = 0x05


@dataclass(frozen=True, slots=True)
class Thumb:
    """A passkey of the wallet's origin, whose owner is always there."""

    origin: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    credential_id: str = base64url.encode(b"bench")

    @property
    def passkey(self) -> Passkey:
        """The public half."""
        point = jwk.write_public(self.key.public_key())
        return Passkey(id=self.credential_id, x=point["x"], y=point["y"])

    def sign(self, challenge: str) -> Assertion:
        """Return an assertion over `challenge` (base64url), the user verified."""
        told = {"type": "webauthn.get", "challenge": challenge, "origin": self.origin}
        client = json.dumps(told | {"crossOrigin": False}).encode()
        party = hashlib.sha256(b"localhost").digest()
        data = party + bytes([PRESENT_AND_VERIFIED, 0, 0, 0, 1])
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return Assertion(
            credential_id=self.credential_id,
            authenticator_data=base64url.encode(data),
            client_data=base64url.encode(client),
            signature=base64url.encode(signed),
        )


@dataclass(frozen=True, slots=True)
class Remembering(Https):
    """Fetches each status list once: they live longer than the bench."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def get(self, url: str) -> bytes:
        """Return what is, or was, at `url`."""
        if url not in self.kept:
            self.kept[url] = Https(self.trusted, self.timeout_s).get(url)
        return self.kept[url]


class Payer:
    """Signs payments with enrolled cards; made once the market takes cards.

    Each of the `cards` is an enrolment of its own: certificate, passkey and instrument. The
    issuer's good accounts are fewer, so several may stand for one account.

    Raises:
        Problem: bank, issuer and wallet do not start.
    """

    def __init__(self, shop: Shop, *, cards: int) -> None:
        from niaga.gateway.issuer_simulator.cards import CARDS, CVC, EXPIRY

        assert shop.ports, "the market was opened without cards"
        _wait_for_cards(shop.ports)
        roots = x509.load_pem_x509_certificates(demo_cards.root_file(shop.folder).read_bytes())
        authority = f"https://localhost:{shop.ports.authority}"
        self._wallet = Wallet(authority, tuple(roots), Remembering(shop.authority))
        data = CardData(pan=CARDS[0].pan, expiry=EXPIRY, holder="Dewi Lestari", cvc=CVC)
        origin = f"https://localhost:{shop.ports.wallet}"
        self._cards: list[Card] = [self._wallet.enrol(data, Thumb(origin)) for _ in range(cards)]

    def sign(self, token: str, number: int) -> tuple[str, bytes]:
        """Fetch the offer of a payment and sign it; return the path and what to send there."""
        from django.conf import settings

        path = f"/pay/{token}/"
        url = f"{settings.SITE_URL}{path}"
        card = self._cards[number]
        offer = self._wallet.fetch_offer(url, card)
        return path, self._wallet.sign(url, offer, card).request

    def status_of(self, answer: bytes) -> str:
        """Return what the market's answer claims; to check it is the wallet's work, not timed."""
        return peek(PaymentResponse, answer.decode("ascii")).status


def _wait_for_cards(ports: demo_cards.Ports) -> None:
    from niaga.flows.money.card.keys import takes_cards

    end = time.monotonic() + READY_TIMEOUT_S
    stop = threading.Event()

    def wait_for(what: str, is_ready: Callable[[], bool]) -> None:
        while not is_ready():
            if time.monotonic() > end:
                stop.set()
                raise Problem(f"{what} is not ready in time.", "Run it again on a quieter machine.")
            time.sleep(0.1)

    wait_for("The gateway", partial(answers_tls, "127.0.0.1", ports.gateway))
    wait_for("The authority", partial(answers_tls, "127.0.0.1", ports.authority))
    wait_for("The issuer", partial(answers, ports.issuer))
    demo_cards.certify(stop)
    wait_for("The market's certificate", takes_cards)
