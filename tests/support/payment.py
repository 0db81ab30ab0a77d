"""A whole payment world without a database: authority, buyer, merchant, gateway, and a passkey.

Everything is made by the protocol's own code; no impossible state exists here.
"""

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from niaga.protocol import authority
from niaga.protocol.authority import Authority, Holder
from niaga.protocol.envelope import Signer
from niaga.protocol.formats import base64url, jwk
from niaga.protocol.formats.webauthn import RelyingParty
from niaga.protocol.formats.x509 import Role, Trust, Use, write_chain
from niaga.protocol.gateway import authorization as gateway
from niaga.protocol.gateway.authorization import Decision, KnownInstrument
from niaga.protocol.merchant import purchase as merchant
from niaga.protocol.messages.enrolment import GatewayCertificates, Passkey
from niaga.protocol.messages.parts import Amount, Assertion
from niaga.protocol.messages.purchase import (
    AuthorizationRequest,
    Instrument,
    Line,
    OfferAnswer,
    PaymentRequest,
    PurchaseInit,
)
from niaga.protocol.wallet import purchase as wallet

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SHOP, SHOP_NAME = "https://shop.example", "Toko Anyaman"
BANK, BANK_NAME = "https://gateway.example", "Bank Contoh"
WALLET = RelyingParty("wallet.example", "https://wallet.example")
BRAND = "niaga"
ENTRIES = 256
# Searched for on the side that must never have them.
ITEM = "Keranjang rotan CANARY-ORDER"


@dataclass(frozen=True)
class Pki:
    """Every authority, and a status list of each."""

    root: Authority
    brand: Authority
    roles: dict[Role, Authority]

    def authorities(self) -> list[Authority]:
        return [self.root, self.brand, *self.roles.values()]

    def statuses(
        self, *, revoked: dict[str, set[int]] | None = None, now: datetime = NOW
    ) -> dict[str, str]:
        """Return each authority's signed list; `revoked` indexes by thumbprint."""
        withdrawn = revoked or {}
        return {
            a.thumbprint: authority.sign_status(
                a, withdrawn.get(a.thumbprint, set()), entries=ENTRIES, now=now
            )
            for a in self.authorities()
        }

    def trust(self, *, revoked: dict[str, set[int]] | None = None, now: datetime = NOW) -> Trust:
        certificates = [a.certificate for a in self.authorities()]
        lists = self.statuses(revoked=revoked, now=now)
        return authority.gather_trust([self.root.certificate], certificates, lists, now=now)

    def enrol(
        self,
        role: Role,
        use: Use,
        *,
        subject: str,
        name: str = "",
        index: int = 7,
        now: datetime = NOW,
    ) -> Signer:
        return authority.enrol(
            self.roles[role], Holder(subject, name), use=use, index=index, now=now
        )


def found_pki(brand_name: str = BRAND, now: datetime = NOW) -> Pki:
    root = authority.found_root("Niaga root", now=now)
    brand = authority.found_brand(root, brand_name, index=0, now=now)
    roles = {
        role: authority.found_role(
            brand, role, f"{brand_name} {role.name.lower()}s", index=index, now=now
        )
        for index, role in enumerate(Role)
    }
    return Pki(root, brand, roles)


@dataclass(frozen=True)
class Authenticator:
    """A passkey that verifies its user, as a browser's virtual authenticator would."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=authority.new_key)
    credential_id: str = base64url.encode(b"credential-1")
    flags: int = 0x05
    party: RelyingParty = WALLET

    @property
    def passkey(self) -> Passkey:
        point = jwk.write_public(self.key.public_key())
        return Passkey(id=self.credential_id, x=point["x"], y=point["y"])

    def sign(self, challenge: str, **changes: object) -> Assertion:
        told = {
            "type": "webauthn.get",
            "challenge": challenge,
            "origin": self.party.origin,
            "crossOrigin": False,
            **changes,
        }
        client = json.dumps(told).encode()
        data = hashlib.sha256(self.party.id.encode()).digest() + bytes([self.flags, 0, 0, 0, 1])
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return Assertion(
            credential_id=self.credential_id,
            authenticator_data=base64url.encode(data),
            client_data=base64url.encode(client),
            signature=base64url.encode(signed),
        )


@dataclass(frozen=True)
class Parties:
    """Keys of everyone in one payment."""

    pki: Pki
    trust: Trust
    buyer: Signer
    shop: Signer
    bank: Signer
    bank_opening: Signer
    authenticator: Authenticator
    instrument: Instrument

    @property
    def keys(self) -> gateway.Keys:
        opening = self.bank_opening
        return gateway.Keys(BANK, {opening.thumbprint: opening.key})

    @property
    def certificates(self) -> GatewayCertificates:
        return GatewayCertificates(
            id=BANK,
            sig_x5c=tuple(write_chain(self.bank.chain)),
            enc_x5c=tuple(write_chain(self.bank_opening.chain)),
        )

    @property
    def known(self) -> KnownInstrument:
        return KnownInstrument(self.instrument, "buyer-1", self.authenticator.passkey)


@cache
def parties() -> Parties:
    """Return the one world most tests share; its values are frozen."""
    pki = found_pki()
    return Parties(
        pki=pki,
        trust=pki.trust(),
        buyer=pki.enrol(Role.CARDHOLDER, Use.SIGN, subject="buyer-1", index=1),
        shop=pki.enrol(Role.MERCHANT, Use.SIGN, subject=SHOP, name=SHOP_NAME, index=2),
        bank=pki.enrol(Role.GATEWAY, Use.SIGN, subject=BANK, name=BANK_NAME, index=3),
        bank_opening=pki.enrol(Role.GATEWAY, Use.ENCRYPT, subject=BANK, name=BANK_NAME, index=4),
        authenticator=Authenticator(),
        instrument=Instrument(id=merchant.new_reference(), type="card"),
    )


@dataclass(frozen=True)
class Payment:
    """One payment as far as it went; each step returns the next.

    `world` may differ from step to step in tests that let a dishonest party act.
    """

    world: Parties
    asked: PurchaseInit
    made: merchant.MadeOffer
    amount: Amount
    offer: wallet.VerifiedOffer | None = None
    signed: wallet.SignedPurchase | None = None
    request: PaymentRequest | None = None
    checked: merchant.CheckedRequest | None = None
    auth_req: str = ""
    authorization: gateway.CheckedAuthorization | None = None
    auth_res: str = ""
    answered: merchant.Authorization | None = None
    pres: str = ""

    def verified(self, answer: OfferAnswer | None = None, now: datetime = NOW) -> "Payment":
        offer = wallet.verify_offer(
            answer or self.made.answer,
            asked=self.asked,
            origin=SHOP,
            trust=self.world.trust,
            now=now,
        )
        return replace(self, offer=offer)

    def sign(self, now: datetime = NOW) -> "Payment":
        assert self.offer
        world = self.world
        return replace(
            self,
            signed=wallet.sign_purchase(self.offer, world.buyer, world.instrument, now=now),
        )

    def sealed(self, *, with_passkey: bool = True) -> "Payment":
        assert self.signed
        sca = self.world.authenticator.sign(self.signed.ds_hash) if with_passkey else None
        return replace(self, request=wallet.seal_purchase(self.signed, sca=sca))

    def check(self, request: PaymentRequest | None = None, now: datetime = NOW) -> "Payment":
        found = request or self.request
        assert found
        checked = merchant.check_request(
            found,
            offer=self.made.offer,
            checkout=self.made.checkout,
            live_amount=self.amount,
            trust=self.world.trust,
            now=now,
        )
        return replace(self, checked=checked)

    def ask(self, now: datetime = NOW) -> "Payment":
        assert self.checked
        signer = self.world.shop
        return replace(
            self, auth_req=merchant.request_authorization(self.checked, signer=signer, now=now)
        )

    def admit(self, auth_req: str | None = None, now: datetime = NOW) -> "Payment":
        world = self.world
        opened = gateway.authenticate(
            AuthorizationRequest, auth_req or self.auth_req, me=BANK, trust=world.trust, now=now
        )
        authorization = gateway.check_authorization(
            opened, keys=world.keys, trust=world.trust, now=now
        )
        gateway.check_instrument(authorization, world.known)
        gateway.check_second_factor(authorization, world.known, required=True, party=WALLET)
        return replace(self, authorization=authorization)

    def decide(self, decision: Decision | None = None, now: datetime = NOW) -> "Payment":
        assert self.authorization
        found = decision or approved()
        text = gateway.answer_authorization(
            self.authorization.purchase, found, signer=self.world.bank, now=now
        )
        return replace(self, auth_res=text)

    def accept(self, auth_res: str | None = None, now: datetime = NOW) -> "Payment":
        answered = merchant.check_authorization(
            auth_res or self.auth_res,
            request=self.auth_req,
            checkout=self.made.checkout,
            trust=self.world.trust,
            now=now,
        )
        return replace(self, answered=answered)

    def answer(self, status: str = "paid", now: datetime = NOW) -> "Payment":
        assert self.checked
        assert self.answered
        text = merchant.answer_payment(
            self.checked.signature,
            order_id="NG-1",
            status=status,
            receipt=self.answered.receipt.text,
            signer=self.world.shop,
            now=now,
        )
        return replace(self, pres=text)

    def believe(self, pres: str | None = None, now: datetime = NOW) -> wallet.Answer:
        assert self.signed
        return wallet.verify_answer(
            pres or self.pres, purchase=self.signed, trust=self.world.trust, now=now
        )


def approved(now: datetime = NOW) -> Decision:
    until = int((now + timedelta(days=7)).timestamp())
    return Decision("approved", auth_id=merchant.new_reference(), auth_exp_s=until)


def offered(world: Parties | None = None, *, rupiah: int = 150_000, now: datetime = NOW) -> Payment:
    """Return a payment at its first message."""
    found = world or parties()
    asked = PurchaseInit(n_c=merchant.new_reference(), brand=BRAND)
    known = merchant.know_gateway(found.certificates, url=f"{BANK}/pay", trust=found.trust, now=now)
    amount = Amount(currency="IDR", minor=rupiah * 100)
    terms = merchant.Terms(
        payee=SHOP_NAME,
        lines=(
            Line(kind="item", name=ITEM, quantity=2, total_minor=amount.minor - 15_000_00),
            Line(kind="delivery", name="JNE", quantity=1, total_minor=15_000_00),
        ),
        amount=amount,
        deliver_to="Jl. Melati 5, Tasikmalaya",
        refund_until_s=int((now + timedelta(days=30)).timestamp()),
        expires_s=int((now + timedelta(minutes=15)).timestamp()),
    )
    made = merchant.make_offer(
        asked,
        terms,
        known,
        address=SHOP,
        signer=found.shop,
        told=found.certificates,
        now=now,
    )
    return Payment(found, asked, made, amount)


def requested(world: Parties | None = None, **options: int) -> Payment:
    """Return a payment up to the merchant's request to its gateway."""
    return offered(world, **options).verified().sign().sealed().check().ask()


def paid(world: Parties | None = None, **options: int) -> Payment:
    """Return a payment whose five messages were all sent and believed."""
    return requested(world, **options).admit().decide().accept().answer()
