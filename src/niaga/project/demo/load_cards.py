"""Orders paid by card, made through the real parties while the demo runs.

A wallet without a page enrols two of the issuer's cards and pays over HTTPS: market, gateway,
authority and issuer each do their own part, so that every side has something to show. Its payments
are not in the browser's wallet: what a wallet keeps never leaves it.
"""

from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from cryptography import x509

from niaga.flows.information.models import Product
from niaga.flows.money.card.settings import needed_settings
from niaga.flows.money.models import Authorization, Payment
from niaga.gateway.issuer_simulator.cards import CARDS, CVC, EXPIRY
from niaga.kernel import clock
from niaga.plumbing.worker import catch_up
from niaga.project.demo.shopping import (
    OPERATOR,
    Shopper,
    deliver,
    orders_of,
    place,
    ship,
    shoppers,
)
from niaga.protocol.formats.webauthn import RelyingParty
from niaga.protocol.messages.enrolment import CardData
from niaga.stages.ordering import paying
from niaga.stages.ordering.commands.cancel_order import cancel_order
from niaga.stages.ordering.commands.charge_order import charge_rest
from niaga.stages.ordering.commands.place_order import PlacedPurchase
from niaga.wallet.client import Card, Wallet
from niaga.wallet.software_passkey import SoftwarePasskey
from niaga.wallet.transport import Https

PAYS, BROKE = CARDS[0].pan, CARDS[2].pan


@dataclass(frozen=True, slots=True)
class Till:
    """Who buys what, and with which wallet."""

    chance: Random
    shopper: Shopper
    shelf: list[Product]
    wallet: Wallet
    pays: Card
    broke: Card

    def place(self) -> PlacedPurchase:
        """Place a purchase of one thing, to be paid by card."""
        what = [self.chance.choice(self.shelf)]
        return place(self.chance, self.shopper, what, at=clock.now(), method="card")

    def pay(self, placed: PlacedPurchase, card: Card) -> str:
        """Let the wallet pay; return what became of it."""
        token = Payment.objects.get(cause_id=placed.purchase_id).token
        url = f"{needed_settings().address}/pay/{token}/"
        state = self.wallet.pay(url, card).state
        catch_up()
        return state


def load_card_payments() -> None:
    """Make the past of card payments, once; a market without products or with payments has none.

    Raises:
        UnreachableError, AnsweredError: a party is not there yet; nothing was placed.
    """
    people = shoppers()
    shelf = list(
        Product.objects.filter(kind="goods", state=Product.State.PUBLISHED).order_by("slug")
    )
    if Authorization.objects.exists() or not (people and shelf):
        return
    mine = needed_settings()
    roots = tuple(x509.load_pem_x509_certificates(Path(mine.root).read_bytes()))
    wallet = Wallet(mine.authority_url, roots, Https(mine.web_authority))
    # The cards are enrolled first: where a party is missing, no order is left behind.
    pays, broke = (_enrol(wallet, people[0], pan, mine.wallet_origin) for pan in (PAYS, BROKE))
    till = Till(Random(29), people[0], shelf, wallet, pays, broke)
    _charged(till)
    _given_back(till)
    _declined_then_paid(till)


def _enrol(wallet: Wallet, who: Shopper, pan: str, origin: str) -> Card:
    party = RelyingParty(urlsplit(origin).hostname or "", origin)
    card = CardData(pan=pan, expiry=EXPIRY, holder=who.name, cvc=CVC)
    return wallet.enrol(card, SoftwarePasskey(party))


def _charged(till: Till) -> None:
    """Paid, shipped and delivered: the card is charged."""
    placed = till.place()
    till.pay(placed, till.pays)
    for order in orders_of(placed):
        shipment_id = ship(till.chance, order, clock.now())
        if shipment_id:
            deliver(shipment_id, clock.now())
    _tell()


def _given_back(till: Till) -> None:
    """Paid and charged, then cancelled: the bank gives it back to the card."""
    placed = till.place()
    till.pay(placed, till.pays)
    for order in orders_of(placed):
        charge_rest(order_id=order.id)
    _tell()
    for order in orders_of(placed):
        cancel_order(actor=OPERATOR, order_id=order.id, reason="Stok rusak di gudang")
    _tell()


def _declined_then_paid(till: Till) -> None:
    """The first card has no money; the second pays, and the seller has something to ship."""
    placed = till.place()
    till.pay(placed, till.broke)
    till.pay(placed, till.pays)


def _tell() -> None:
    """Have the bank told what is due, as the worker does, so that the next step finds it done."""
    catch_up()
    for authorization_id in paying.operations_due():
        paying.tell(authorization_id)
    catch_up()
