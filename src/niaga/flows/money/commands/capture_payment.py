"""Money arrives: it is captured per order and held in escrow, and the ledger says so."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from niaga.flows.money.models import Capture, Escrow, Payment
from niaga.flows.money.states import PAYMENT_TRANSITIONS, PaymentState
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.plumbing.command import command
from niaga.plumbing.states import advance


@dataclass(frozen=True, slots=True)
class OrderShare:
    """One order's part of a payment.

    `paid` by the buyer, `subsidy` by the market (its voucher), `commission` fixed at sale.
    """

    order_id: UUID
    seller_id: UUID
    paid: Money
    subsidy: Money
    commission: Money


@command
def confirm_payment(*, payment_id: UUID, confirmed_by: str) -> None:
    """The whole payment is there.

    Raises:
        TransitionRefused: it is not pending any more (paid before, expired, cancelled).
    """
    advance(
        Payment,
        pk=payment_id,
        to=PaymentState.CONFIRMED,
        transitions=PAYMENT_TRANSITIONS,
        confirmed_at=clock.now(),
        confirmed_by=confirmed_by,
    )


@command
def open_escrow(*, shares: tuple[OrderShare, ...]) -> None:
    """Open each order's escrow, empty: a card's captures fill it part by part."""
    Escrow.objects.bulk_create(
        Escrow(
            id=new_id(),
            cause_id=share.order_id,
            seller_id=share.seller_id,
            gross_minor=0,
            commission_minor=0,
            currency=share.paid.currency,
            held_at=clock.now(),
        )
        for share in shares
    )


@command
def capture_shares(
    *,
    payment_id: UUID,
    shares: tuple[OrderShare, ...],
    received_in: Literal["bank", "cod_cash"],
) -> None:
    """Take each order's part into escrow.

    `received_in` says where the money lies: the market's bank account, or in cash with the
    seller's courier (then the seller owes it, and payouts are netted against it).

    Raises:
        IntegrityError: an order was captured before.
    """
    Capture.objects.bulk_create(
        Capture(
            id=new_id(),
            payment_id=payment_id,
            cause_id=share.order_id,
            amount_minor=share.paid.minor,
            currency=share.paid.currency,
            captured_at=clock.now(),
        )
        for share in shares
    )
    Escrow.objects.bulk_create(
        Escrow(
            id=new_id(),
            cause_id=share.order_id,
            seller_id=share.seller_id,
            gross_minor=(share.paid + share.subsidy).minor,
            subsidy_minor=share.subsidy.minor,
            commission_minor=share.commission.minor,
            currency=share.paid.currency,
            held_at=clock.now(),
        )
        for share in shares
    )
    post(*(_captured(share, received_in) for share in shares))


def _captured(share: OrderShare, received_in: Literal["bank", "cod_cash"]) -> Posting:
    where = AccountKey("bank") if received_in == "bank" else AccountKey("cod_cash", share.seller_id)
    escrow = AccountKey("escrow", share.seller_id)
    return Posting(
        "capture",
        share.order_id,
        (
            Movement(where, escrow, share.paid),
            Movement(AccountKey("voucher_expense"), escrow, share.subsidy),
        ),
    )
