"""The bank's answer to a purchase paid by card: its orders begin, or its payment waits again."""

from uuid import UUID

from niaga.flows.money.card.bank import Word
from niaga.flows.money.card.offers import SignedRequest
from niaga.flows.money.commands.capture_payment import open_escrow
from niaga.flows.money.commands.request_authorization import request_authorization
from niaga.flows.money.commands.settle_authorization import (
    approve_authorization,
    decline_authorization,
    void_authorization,
)
from niaga.flows.money.models import Authorization
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.plumbing.reads import Columns
from niaga.plumbing.writes import prepared_cursor
from niaga.stages.ordering.commands.charge_order import charge_shipped
from niaga.stages.ordering.commands.confirm_order import confirm_orders
from niaga.stages.ordering.events import (
    BankInstructed,
    PaymentAuthorized,
    PaymentCalledOff,
    PaymentDeclined,
    PaymentRequested,
)
from niaga.stages.ordering.models import Order, OrderLine, Purchase
from niaga.stages.ordering.shares import order_share
from niaga.stages.ordering.states import OrderState


@command
def request_payment(
    *, actor: Actor, authorization_id: UUID, purchase: Purchase, signed: SignedRequest
) -> bool:
    """The buyer signed: the bank is to be asked; say whether this call began it.

    What a purchase costs does not change once it is placed, so it need not be read anew.

    Raises:
        OfferAnswered, NotPayable: see `request_authorization`.
    """
    if not request_authorization(authorization_id=authorization_id, signed=signed):
        return False
    record(
        PaymentRequested(
            subject_id=purchase.id,
            authorization_id=authorization_id,
            amount_minor=purchase.total_minor,
            currency=purchase.currency,
        ),
        actor=actor,
    )
    return True


@command
def authorize_payment(*, authorization_id: UUID, word: Word) -> bool:
    """The bank approved: let the sellers begin, and charge what is delivered at once.

    Say whether this call did it; of two that know the answer, one does.
    """
    purchase, of_purchase = _lock_orders(authorization_id)
    orders = [pair for pair in of_purchase if pair[0].state == OrderState.PLACED]
    if not approve_authorization(authorization_id=authorization_id, word=word):
        return False
    assert word.expires_at is not None
    record(
        PaymentAuthorized(
            subject_id=purchase.id,
            amount_minor=purchase.total_minor,
            currency=purchase.currency,
            expires_at=word.expires_at,
        ),
        actor=Actor.system(),
    )
    open_escrow(shares=tuple(order_share(*pair) for pair in orders))
    opened = confirm_orders(actor=Actor.system(), orders=orders)
    for order, _ in orders:
        if order.id in opened:
            charge_shipped(order_id=order.id, line_ids=opened[order.id])
    return True


_PURCHASE = Columns(Purchase, "p", "id", "total_minor", "currency")
_ORDER = Columns(
    Order, "o", "id", "purchase", "seller", "state", "currency", "delivery_minor", "tax_minor"
)  # fmt: skip
_LINE = Columns(
    OrderLine, "l", "id", "order", "variant", "kind", "quantity", "subsidy_minor",
    "commission_minor", "total_minor", "tax_minor",
)  # fmt: skip
_LOCK = f"""
    SELECT {_PURCHASE}, {_ORDER}, {_LINE}
      FROM money_authorization a
      JOIN ordering_purchase p ON p.payment_id = a.payment_id
      JOIN ordering_order o ON o.purchase_id = p.id
      JOIN ordering_orderline l ON l.order_id = o.id
     WHERE a.id = %s
     ORDER BY o.id, l.position
       FOR UPDATE OF o
"""  # noqa: S608 - columns of ours


def _lock_orders(authorization_id: UUID) -> tuple[Purchase, list[tuple[Order, list[OrderLine]]]]:
    """Return a try's purchase, and its orders, now locked, with their lines."""
    with prepared_cursor() as cursor:
        cursor.execute(_LOCK, [authorization_id])
        rows = cursor.fetchall()
    at, lines_at = len(_PURCHASE), len(_PURCHASE) + len(_ORDER)
    found: dict[UUID, tuple[Order, list[OrderLine]]] = {}
    for row in rows:
        order = _ORDER.read(row[at:lines_at])
        _, lines = found.setdefault(order.id, (order, []))
        lines.append(_LINE.read(row[lines_at:]))
    return _PURCHASE.read(rows[0][:at]), list(found.values())


@command
def decline_payment(*, authorization_id: UUID, word: Word) -> bool:
    """The bank said no: the payment waits for another try or way; say whether we wrote it."""
    if not decline_authorization(authorization_id=authorization_id, word=word):
        return False
    purchase = purchase_of(authorization_id)
    record(PaymentDeclined(subject_id=purchase.id, reason=word.reason), actor=Actor.system())
    _instruct(purchase, authorization_id)
    return True


@command
def call_payment_off(*, authorization_id: UUID) -> bool:
    """No answer came in time: give the try up and let the bank know; say whether we did it."""
    if not void_authorization(authorization_id=authorization_id):
        return False
    purchase = purchase_of(authorization_id)
    record(PaymentCalledOff(subject_id=purchase.id), actor=Actor.system())
    _instruct(purchase, authorization_id)
    return True


def purchase_of(authorization_id: UUID) -> Purchase:
    """Return the purchase that a try pays."""
    return Purchase.objects.get(payment__authorizations=authorization_id)


def _instruct(purchase: Purchase, authorization_id: UUID) -> None:
    if Authorization.objects.get(pk=authorization_id).operations.exists():
        record(
            BankInstructed(subject_id=purchase.id, authorization_id=authorization_id),
            actor=Actor.system(),
        )
