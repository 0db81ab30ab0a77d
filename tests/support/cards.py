"""Purchases paid by card, through the wallet's and the bank's own code."""

import json
from dataclasses import dataclass

from niaga.flows.money.models import Payment
from niaga.plumbing.worker import drain
from niaga.protocol.wallet import purchase as protocol
from niaga.stages.ordering import paying
from niaga.stages.ordering.commands.place_order import PlacedPurchase
from tests.support.bank import Buyer
from tests.support.worlds import Goods, make_basket, make_company, make_goods, place


@dataclass(frozen=True)
class Signed:
    """What a wallet sent for a purchase, and what came back."""

    kept: protocol.SignedPurchase
    request: bytes
    answer: protocol.Answer

    @property
    def status(self) -> str:
        return self.answer.response.message.status


def place_by_card(*lines: tuple[Goods, int], **how: object) -> PlacedPurchase:
    """Place a purchase to be paid by card (default: two things of one seller)."""
    lines = lines or ((make_goods(make_company()), 2),)
    return place(make_basket(*lines), method="card", **how)  # type: ignore[arg-type]


def payment_of(placed: PlacedPurchase) -> Payment:
    return Payment.objects.get(cause_id=placed.purchase_id)


def offer(placed: PlacedPurchase, wallet: Buyer) -> protocol.VerifiedOffer:
    """Let the wallet fetch an offer and believe it."""
    asked = wallet.ask()
    body = json.dumps({"n_c": asked.n_c, "brand": asked.brand}).encode()
    answer = paying.make_offer(token=payment_of(placed).token or "", asked=body)
    assert answer is not None
    return wallet.believe(asked, answer)


def pay_by_card(placed: PlacedPurchase, wallet: Buyer) -> Signed:
    """Let the wallet sign and send; its answer is verified as the buyer's wallet would."""
    kept, request = wallet.sign(offer(placed, wallet))
    return Signed(kept, request, send(placed, wallet, kept, request))


def send(
    placed: PlacedPurchase, wallet: Buyer, kept: protocol.SignedPurchase, request: bytes
) -> protocol.Answer:
    """Send what was signed, perhaps again."""
    text = paying.take_request(token=payment_of(placed).token or "", body=request)
    assert text is not None
    return wallet.check(kept, text)


def tell_bank() -> None:
    """Deliver events, then tell the bank what it has to be told, as the worker would."""
    drain()
    for authorization_id in paying.operations_due():
        paying.tell(authorization_id)
    drain()
