"""A wallet asked for an offer: it is kept until the buyer signs it, or lapses."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.money.card.offers import MadeOffer
from niaga.flows.money.methods import CARD
from niaga.flows.money.models import Authorization, Payment
from niaga.flows.money.states import AuthorizationState, PaymentState
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command

MOST_OFFERS = 50


@dataclass(eq=False)
class NotPayable(Refusal):
    """The payment waits for no card: it is paid, over, or paid another way."""

    code: ClassVar[str] = "not_payable"
    state: str


@dataclass(eq=False)
class TooManyOffers(Refusal):
    """So many offers were asked for this payment that something is wrong."""

    code: ClassVar[str] = "too_many_offers"
    offers: int


@command
def keep_offer(*, payment_id: UUID, made: MadeOffer) -> UUID:
    """Keep an offer of the whole payment; return the id of the try it begins.

    Raises:
        NotPayable: the payment waits for no card now.
        TooManyOffers: more than `MOST_OFFERS` were made.
    """
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    check_payable(payment)
    made_before = payment.authorizations.count()
    if made_before >= MOST_OFFERS:
        raise TooManyOffers(made_before)
    return Authorization.objects.create(
        id=new_id(),
        payment=payment,
        xid=made.xid,
        state=AuthorizationState.OFFERED,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        offer=made.offer,
        checkout=made.checkout,
        offered_at=clock.now(),
    ).id


def check_payable(payment: Payment) -> None:
    """Refuse a payment that waits for no card now."""
    over = payment.expires_at is not None and payment.expires_at <= clock.now()
    if payment.method != CARD or payment.state != PaymentState.PENDING or over:
        raise NotPayable(payment.state)
