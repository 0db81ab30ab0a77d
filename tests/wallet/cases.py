"""Payments of the protocol's own world, judged by the page in Chromium and by Python."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from playwright.sync_api import Page

from niaga.protocol import envelope
from niaga.protocol.envelope import Signer
from niaga.protocol.errors import ProtocolError
from niaga.protocol.formats.x509 import Role, Use
from niaga.protocol.merchant import purchase as merchant
from niaga.protocol.messages import schema
from niaga.protocol.messages.purchase import (
    Instrument,
    Offer,
    OfferAnswer,
)
from niaga.protocol.wallet import purchase as wallet
from tests.support.payment import (
    BANK,
    SHOP,
    SHOP_NAME,
    Authenticator,
    Parties,
    Payment,
    offered,
)
from tests.wallet.town import FOUNDED, Town

NOW = FOUNDED  # a set time: the authorities are valid, and a test may last

VERIFY_OFFER = """
async ({ answer, asked, origin, statuses, now }) => {
  const { verifyOffer } = await import("/js/protocol/purchase.js");
  const { pastTrust } = await import("/js/protocol/trust.js");
  try {
    const found = await verifyOffer(answer, { asked, origin, trust: pastTrust(statuses), now });
    return { amount: found.offer.message.amount, digest: found.offer.digest,
             payee: found.merchant.name, lines: found.checkout.message.lines.length };
  } catch (error) {
    return { code: error.code, what: error.message };
  }
}
"""


def parties_of(town: Town) -> Parties:
    """Everyone of the protocol's own world, under the root that the page believes."""
    pki = town.pki

    def enrol(role: Role, use: Use, index: int, subject: str, name: str = "") -> Signer:
        return pki.enrol(role, use, subject=subject, name=name, index=index, now=NOW)

    return Parties(
        pki=pki,
        trust=pki.trust(now=NOW),
        buyer=enrol(Role.CARDHOLDER, Use.SIGN, 51, "buyer-1"),
        shop=enrol(Role.MERCHANT, Use.SIGN, 52, SHOP, SHOP_NAME),
        bank=enrol(Role.GATEWAY, Use.SIGN, 53, BANK, "Bank Contoh"),
        bank_opening=enrol(Role.GATEWAY, Use.ENCRYPT, 54, BANK, "Bank Contoh"),
        authenticator=Authenticator(),
        instrument=Instrument(id=merchant.new_reference(), type="card"),
    )


@dataclass(frozen=True)
class Case:
    """What the wallet is told, and by whose lists and clock it judges."""

    payment: Payment
    answer: dict[str, Any]
    origin: str = SHOP
    now: datetime = NOW
    revoked: dict[str, set[int]] | None = None
    lists: bool = True

    def with_offer(self, **changes: Any) -> "Case":
        """Return the case with an offer that the shop signs otherwise."""
        told = envelope.peek(Offer, self.answer["offer"])
        token = envelope.sign(replace(told, **changes), self.payment.world.shop)
        return self.told(offer=token)

    def told(self, **changes: Any) -> "Case":
        return replace(self, answer={**self.answer, **changes})

    def in_javascript(self, page: Page) -> dict[str, Any]:
        statuses = self.payment.world.pki.statuses(revoked=self.revoked, now=self.now)
        found: dict[str, Any] = page.evaluate(
            VERIFY_OFFER,
            {
                "answer": self.answer,
                "asked": schema.write(self.payment.asked),
                "origin": self.origin,
                "statuses": statuses if self.lists else {},
                "now": self.now.timestamp() * 1000,
            },
        )
        return found

    def in_python(self) -> str:
        pki = self.payment.world.pki
        trust = pki.trust(revoked=self.revoked, now=self.now)
        trust = trust if self.lists else replace(trust, statuses={})
        try:
            wallet.verify_offer(
                schema.read(OfferAnswer, self.answer),
                asked=self.payment.asked,
                origin=self.origin,
                trust=trust,
                now=self.now,
            )
        except ProtocolError as error:
            return error.code
        return ""


def case_of(parties: Parties) -> Case:
    payment = offered(parties, now=NOW)
    return Case(payment, schema.write(payment.made.answer))
