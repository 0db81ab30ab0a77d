"""Buyer, merchant, gateway, authority and issuer in one process, speaking real messages.

The fronts are called through Django's client, the issuer through its line's seam; only TLS is left
out here, which tests/gateway/test_processes.py has.
"""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client
from pytest_django import Settings

from niaga.gateway.authority import trust as authority_trust
from niaga.gateway.issuer.iso8583 import Message, decode, encode
from niaga.gateway.issuer.line import IssuerSilentError, IssuerUnreachableError
from niaga.gateway.issuer_simulator.bank import Bank
from niaga.gateway.issuer_simulator.cards import CARDS, CVC, EXPIRY
from niaga.gateway.issuer_simulator.server import answer
from niaga.gateway.keys import Cabinet, gateway_cabinet, keyring, trust
from niaga.gateway.payments.peer import SHOWN
from niaga.kernel import clock
from niaga.protocol.authority import make_csr, new_key
from niaga.protocol.envelope import Signer, read_plain, write_plain
from niaga.protocol.formats import base64url, jws
from niaga.protocol.formats.webauthn import RelyingParty
from niaga.protocol.formats.x509 import Use, read_chain
from niaga.protocol.gateway.authorization import Keys
from niaga.protocol.merchant import operations as desk
from niaga.protocol.merchant import purchase as merchant
from niaga.protocol.messages import enrolment as messages
from niaga.protocol.messages.parts import Amount
from niaga.protocol.messages.purchase import Instrument, Line, PurchaseInit
from niaga.protocol.wallet import enrolment
from niaga.protocol.wallet import purchase as wallet
from tests.support.payment import Authenticator

SHOP, SHOP_NAME = "https://shop.example", "Toko Anyaman"
BANK = "https://gateway.example"
WALLET = RelyingParty("wallet.example", "https://wallet.example")
BRAND = "Niaga"
ITEM = "Keranjang rotan CANARY-ORDER"
GOOD = CARDS[0].pan


@dataclass
class Line8583:
    """The issuer's own code behind the line's seam, card data included."""

    bank: Bank
    keys: Keys
    cut: bool = False
    loses_answers: bool = False
    sent: list[Message] = field(default_factory=list)

    def ask(self, message: Message, *, timeout_s: float) -> Message:
        if self.cut:
            raise IssuerUnreachableError("cut")
        self.sent.append(message)
        reply = answer(decode(encode(message)[2:]), bank=self.bank, keys=self.keys)
        if self.loses_answers or reply.after_s is None or reply.after_s > timeout_s:
            raise IssuerSilentError("silence")
        return decode(encode(reply.message)[2:])


@dataclass(frozen=True)
class Buyer:
    """A wallet with one enrolled card."""

    signer: Signer
    instrument: Instrument
    authenticator: Authenticator
    pan: str


@dataclass(frozen=True)
class Order:
    """A purchase up to the merchant's request."""

    buyer: Buyer
    made: merchant.MadeOffer
    amount: Amount
    signed: wallet.SignedPurchase
    auth_req: str

    @property
    def xid(self) -> str:
        return self.signed.offer.offer.message.xid


class Town:
    """Everybody, with a database for the bank."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.use_settings(folder, settings)
        settings.GATEWAY_ADDRESS = BANK
        keyring().found()
        gateway_cabinet().ensure()
        issuer = Cabinet(folder / "issuer", "https://issuer.example", "Bank Penerbit")
        issuer.ensure()
        issuer.publish_seal(settings.ISSUER_SEAL)
        self.bank = Bank(folder / "issuer.sqlite3")
        self.line = Line8583(self.bank, issuer.keys())
        self.shop = self.order_certificate(Use.SIGN)
        self.shop_tls = self.order_certificate(Use.TRANSPORT)

    def use_settings(self, folder: Path, settings: Settings) -> None:
        """Let this process look into the bank's folder."""
        settings.AUTHORITY_KEYS = folder / "authority"
        settings.GATEWAY_KEYS = folder / "keys"
        settings.ISSUER_SEAL = folder / "issuer-seal.pem"
        settings.AUTHORITY_APPROVES = [SHOP]
        settings.WALLET_ORIGIN, settings.WALLET_HOST = WALLET.origin, WALLET.id
        settings.ALLOWED_HOSTS = ["testserver"]
        self.settings = settings
        authority_trust.forget()

    def front(self, name: str, path: str, body: str | bytes | None = None, **options: Any) -> Any:
        """Call a front: `payments` or `authority`; `caller` is who is on the line to the first."""
        self.settings.ROOT_URLCONF = f"niaga.gateway.{name}.urls"
        client = Client(raise_request_exception=True)
        if name == "payments":
            options[SHOWN] = options.pop("caller", self.shop_tls).chain
        if body is None:
            return client.get(path, **options)
        kind = options.pop("kind", "application/jose")
        return client.post(path, data=body, content_type=kind, **options)

    def certify(self, path: str, message: Any) -> Any:
        return self.front("authority", path, write_plain(message), kind="application/json")

    def nonce(self) -> str:
        return self.front("authority", "/nonce", "", kind="application/json").content.decode()

    def order_certificate(
        self, use: Use, *, role: str = "merchant", address: str = SHOP, name: str = SHOP_NAME
    ) -> Signer:

        key = new_key()
        csr = base64url.encode(make_csr(key, nonce=self.nonce()))
        order = messages.CertificateOrder(
            role=role, use=use.value, address=address, name=name, csr=csr
        )
        told = read_plain(messages.CertificateAnswer, self.certify("/orders", order).content)
        assert told.status == "issued", told
        assert told.x5c
        return Signer(key, read_chain(list(told.x5c)))

    def enrol(self, pan: str = GOOD) -> Buyer:
        """A wallet enrols a card as the page does."""
        told = self.front("authority", "/enrolments/challenge", "{}", kind="application/json")
        challenge = read_plain(messages.EnrolmentChallenge, told.content)
        key = new_key()
        csr = enrolment.make_csr(key, challenge)
        authenticator = Authenticator(party=WALLET)
        request = enrolment.request_enrolment(
            challenge,
            csr,
            messages.CardData(pan=pan, expiry=EXPIRY, holder="Dewi Lestari", cvc=CVC),
            authenticator.passkey,
            authenticator.sign(jws.digest(csr)),
            trust=trust(),
            now=clock.now(),
        )
        response = self.certify("/enrolments", request)
        assert response.status_code == 200, response.content
        answer = read_plain(messages.EnrolmentAnswer, response.content)
        signer = Signer(key, read_chain(list(answer.x5c)))
        return Buyer(signer, answer.instrument, authenticator, pan)

    def order(self, buyer: Buyer, rupiah: int = 150_000, *, with_passkey: bool = True) -> Order:
        """Offer, signature, and the merchant's request for the money."""
        now = clock.now()
        asked = PurchaseInit(n_c=merchant.new_reference(), brand=BRAND)
        told = read_plain(messages.GatewayCertificates, self.front("authority", "/gateway").content)
        known = merchant.know_gateway(told, url=told.id, trust=trust(), now=now)
        amount = Amount(currency="IDR", minor=rupiah * 100)
        terms = merchant.Terms(
            payee=SHOP_NAME,
            lines=(Line(kind="item", name=ITEM, quantity=2, total_minor=amount.minor),),
            amount=amount,
            deliver_to="Jl. Melati 5, Tasikmalaya",
            refund_until_s=int((now + timedelta(days=30)).timestamp()),
            expires_s=int((now + timedelta(minutes=15)).timestamp()),
        )
        made = merchant.make_offer(
            asked, terms, known, address=SHOP, signer=self.shop, told=told, now=now
        )
        offer = wallet.verify_offer(made.answer, asked=asked, origin=SHOP, trust=trust(), now=now)
        signed = wallet.sign_purchase(offer, buyer.signer, buyer.instrument, now=now)
        sca = buyer.authenticator.sign(signed.ds_hash) if with_passkey else None
        checked = merchant.check_request(
            wallet.seal_purchase(signed, sca=sca),
            offer=made.offer,
            checkout=made.checkout,
            live_amount=amount,
            trust=trust(),
            now=now,
        )
        auth_req = merchant.request_authorization(checked, signer=self.shop, now=now)
        return Order(buyer, made, amount, signed, auth_req)

    def ask(self, order: Order) -> Any:
        """Send the request; return the HTTP answer."""
        return self.front("payments", "/authorize", order.auth_req)

    def desk(self) -> desk.Desk:
        return desk.Desk(SHOP, self.settings.GATEWAY_ADDRESS, self.shop)


def told(response: Any) -> dict[str, Any]:
    """What a JWS answer says, unverified."""
    payload: dict[str, Any] = json.loads(
        jws.parse(response.content.decode(), max_bytes=10**6).payload
    )
    return payload
