"""Escrow ends: released to the seller after delivery, or given back to the buyer."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from niaga.flows.money.commands.order_operation import order_operation
from niaga.flows.money.models import Capture, Escrow, GatewayOperation, Refund
from niaga.flows.money.states import (
    ESCROW_TRANSITIONS,
    REFUND_TRANSITIONS,
    EscrowState,
    OperationState,
    RefundState,
)
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.plumbing.command import command
from niaga.plumbing.states import advance


@dataclass(eq=False)
class EscrowFrozen(Refusal):
    """A complaint is open: the money waits for its end."""

    code: ClassVar[str] = "escrow_frozen"


@dataclass(eq=False)
class CaptureUnderWay(Refusal):
    """The bank has not answered a capture of this order yet; it will in a moment."""

    code: ClassVar[str] = "capture_under_way"


@dataclass(eq=False)
class RefundGoesByCard(Refusal):
    """The bank gives this refund back to the card by itself: there is nothing to transfer."""

    code: ClassVar[str] = "refund_goes_by_card"


@command
def schedule_release(*, cause_id: UUID, release_at: datetime) -> None:
    """Let held escrow be released at that instant, unless it is frozen then."""
    Escrow.objects.filter(cause_id=cause_id, state=EscrowState.HELD).update(release_at=release_at)


@command
def freeze_escrow(*, cause_id: UUID) -> None:
    """Keep held escrow where it is until `thaw_escrow`; what is released already stays so."""
    Escrow.objects.filter(cause_id=cause_id, state=EscrowState.HELD).update(frozen_at=clock.now())


@command
def thaw_escrow(*, cause_id: UUID) -> None:
    """Let frozen escrow follow its schedule again."""
    Escrow.objects.filter(cause_id=cause_id, state=EscrowState.HELD).update(frozen_at=None)


@command
def release_escrow(*, cause_id: UUID) -> None:
    """Owe the seller its net part and earn the commission.

    Raises:
        EscrowFrozen: a complaint is open.
        TransitionRefused: the escrow is not held (released before, or refunded).
    """
    escrow = Escrow.objects.select_for_update().get(cause_id=cause_id)
    if escrow.frozen_at:
        raise EscrowFrozen
    advance(
        Escrow,
        pk=escrow.pk,
        to=EscrowState.RELEASABLE,
        transitions=ESCROW_TRANSITIONS,
        released_at=clock.now(),
    )
    held = AccountKey("escrow", escrow.seller_id)
    commission = Money(escrow.commission_minor, escrow.currency)
    net = Money(escrow.gross_minor, escrow.currency) - commission
    post(
        Posting(
            "release",
            cause_id,
            (
                Movement(held, AccountKey("seller_payable", escrow.seller_id), net),
                Movement(held, AccountKey("commission"), commission),
            ),
        )
    )


@command
def refund_order(*, cause_id: UUID, payment_id: UUID, reason: str) -> Money:
    """Give the order's whole money back: the buyer is owed what was paid, the seller nothing.

    The market takes back its own share of a voucher. What a card paid goes back to that card.
    Return what the buyer is owed.

    Raises:
        TransitionRefused: the escrow is not held any more.
        CaptureUnderWay: how much was paid is not known yet.
    """
    escrow = Escrow.objects.select_for_update().get(cause_id=cause_id)
    captures = GatewayOperation.objects.filter(
        cause_id=cause_id, kind=GatewayOperation.Kind.CAPTURE
    )
    if captures.filter(state=OperationState.DUE).exists():
        raise CaptureUnderWay
    advance(Escrow, pk=escrow.pk, to=EscrowState.REFUNDED, transitions=ESCROW_TRANSITIONS)
    held = AccountKey("escrow", escrow.seller_id)
    subsidy = Money(escrow.subsidy_minor, escrow.currency)
    paid = Money(escrow.gross_minor, escrow.currency) - subsidy
    if paid:
        Refund.objects.create(
            id=new_id(),
            payment_id=payment_id,
            cause_id=cause_id,
            amount_minor=paid.minor,
            currency=paid.currency,
            reason=reason[:200],
            due_at=clock.now(),
        )
    post(
        Posting(
            "refund",
            cause_id,
            (
                Movement(held, AccountKey("refund_payable"), paid),
                Movement(held, AccountKey("voucher_expense"), subsidy),
            ),
        )
    )
    for capture in captures.filter(state=OperationState.DONE).order_by("seq"):
        assert capture.amount_minor is not None
        order_operation(
            authorization_id=capture.authorization_id,
            kind=GatewayOperation.Kind.CREDIT,
            cause_id=cause_id,
            about_id=capture.id,
            amount=Money(capture.amount_minor, capture.currency),
            reference=capture.remote_id,
        )
    return paid


@command
def confirm_refund_sent(*, refund_id: UUID) -> UUID:
    """The operator transferred a refund to the buyer; return its order's id.

    Raises:
        TransitionRefused: it was transferred before.
        RefundGoesByCard: the bank gives it back.
    """
    refund = Refund.objects.get(pk=refund_id)
    if goes_by_card(refund.cause_id):
        raise RefundGoesByCard
    _send(refund, AccountKey("bank"))
    return refund.cause_id


@command
def settle_refund(*, cause_id: UUID, paid_from: Literal["gateway_receivable"]) -> None:
    """The bank gave the order's whole refund back to the card."""
    _send(Refund.objects.get(cause_id=cause_id, state=RefundState.DUE), AccountKey(paid_from))


def goes_by_card(cause_id: UUID) -> bool:
    """Say whether an order's refund is given back by the bank itself."""
    told = GatewayOperation.objects.filter(cause_id=cause_id, kind=GatewayOperation.Kind.CREDIT)
    return told.exists()


def captured(cause_id: UUID, currency: str) -> Money:
    """Return how much of an order's money was captured so far."""
    amounts = Capture.objects.filter(cause_id=cause_id).values_list("amount_minor", flat=True)
    return Money(sum(amounts), currency)


def _send(refund: Refund, paid_from: AccountKey) -> None:
    advance(
        Refund,
        pk=refund.pk,
        to=RefundState.SENT,
        transitions=REFUND_TRANSITIONS,
        sent_at=clock.now(),
    )
    amount = Money(refund.amount_minor, refund.currency)
    post(
        Posting(
            "refund_sent",
            refund.pk,
            (Movement(AccountKey("refund_payable"), paid_from, amount),),
        )
    )
