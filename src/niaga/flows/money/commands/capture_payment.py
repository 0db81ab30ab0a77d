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
from niaga.plumbing.writes import insert

type ReceivedIn = Literal["bank", "gateway_receivable", "unmatched_receipts", "cod_cash"]


@dataclass(frozen=True, slots=True)
class PartShare:
    """What is paid for one part of an order: a line, or the delivery (then the order's id).

    `paid` by the buyer, `subsidy` by the market (its voucher), `commission` fixed at sale;
    `taxed`: what the buyer pays contains PPN.
    """

    about_id: UUID
    paid: Money
    subsidy: Money
    commission: Money
    taxed: bool = False


@dataclass(frozen=True, slots=True)
class OrderShare:
    """One order's share of a payment, part by part; at least one part."""

    order_id: UUID
    seller_id: UUID
    parts: tuple[PartShare, ...]

    @property
    def currency(self) -> str:
        """The order's currency."""
        return self.parts[0].paid.currency

    @property
    def paid(self) -> Money:
        """What the buyer pays."""
        return Money.total((part.paid for part in self.parts), self.currency)

    @property
    def subsidy(self) -> Money:
        """What the market pays of its voucher."""
        return Money.total((part.subsidy for part in self.parts), self.currency)


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
    """Open the escrow of each order's parts, empty: a card's captures fill it bit by bit."""
    insert(
        Escrow(
            id=new_id(),
            cause_id=share.order_id,
            about_id=part.about_id,
            seller_id=share.seller_id,
            gross_minor=0,
            commission_minor=0,
            taxed=part.taxed,
            currency=share.currency,
            held_at=clock.now(),
        )
        for share in shares
        for part in share.parts
    )


@command
def capture_shares(
    *,
    payment_id: UUID,
    shares: tuple[OrderShare, ...],
    received_in: ReceivedIn,
) -> None:
    """Take each order's share into escrow.

    `received_in` says where the money lies: the market's bank account, the gateway, among what
    came in unmatched, or in cash with the seller's courier (then the seller owes it, and payouts
    are netted against it).

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
            about_id=part.about_id,
            seller_id=share.seller_id,
            gross_minor=(part.paid + part.subsidy).minor,
            subsidy_minor=part.subsidy.minor,
            commission_minor=part.commission.minor,
            taxed=part.taxed,
            currency=share.currency,
            held_at=clock.now(),
        )
        for share in shares
        for part in share.parts
    )
    post(*(_captured(share, received_in) for share in shares))


def _captured(share: OrderShare, received_in: ReceivedIn) -> Posting:
    owner = share.seller_id if received_in == "cod_cash" else None
    where = AccountKey(received_in, owner)
    escrow = AccountKey("escrow", share.seller_id)
    return Posting(
        "capture",
        share.order_id,
        (
            Movement(where, escrow, share.paid),
            Movement(AccountKey("voucher_expense"), escrow, share.subsidy),
        ),
    )
