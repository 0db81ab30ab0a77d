"""The gateway did what it was told: only now has money moved, and the ledger says so."""

from uuid import UUID

from django.db.models import F

from niaga.flows.money.card.bank import Done
from niaga.flows.money.commands.capture_payment import OrderShare
from niaga.flows.money.commands.give_back import settle_refund
from niaga.flows.money.models import Authorization, Capture, Escrow, GatewayOperation, Payment
from niaga.flows.money.states import (
    OPERATION_TRANSITIONS,
    PAYMENT_TRANSITIONS,
    EscrowState,
    OperationState,
    PaymentState,
)
from niaga.kernel import clock
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.plumbing.command import command
from niaga.plumbing.states import try_advance


@command
def record_capture(*, operation_id: UUID, done: Done, share: OrderShare) -> bool:
    """A part of an order's money is captured: its escrow grows; say whether this call wrote it.

    The capture bears its operation's id.
    """
    if not _finish(operation_id, done):
        return False
    operation = _operation(operation_id)
    Authorization.objects.filter(pk=operation.authorization_id).update(
        captured_minor=F("captured_minor") + operation.amount_minor
    )
    Capture.objects.create(
        id=operation.id,
        payment_id=operation.authorization.payment_id,
        cause_id=share.order_id,
        amount_minor=share.paid.minor,
        currency=share.paid.currency,
        captured_at=clock.now(),
    )
    for part in share.parts:
        held = Escrow.objects.filter(
            cause_id=share.order_id, about_id=part.about_id, state=EscrowState.HELD
        )
        grown = held.update(
            gross_minor=F("gross_minor") + (part.paid + part.subsidy).minor,
            subsidy_minor=F("subsidy_minor") + part.subsidy.minor,
            commission_minor=F("commission_minor") + part.commission.minor,
        )
        assert grown == 1, "what is captured is held for its part of the order"
    escrow = AccountKey("escrow", share.seller_id)
    post(
        Posting(
            "card_capture",
            operation.id,
            (
                Movement(AccountKey("gateway_receivable"), escrow, share.paid),
                Movement(AccountKey("voucher_expense"), escrow, share.subsidy),
            ),
        )
    )
    _close_payment(operation.authorization_id)
    return True


@command
def record_reversal(*, operation_id: UUID, done: Done) -> bool:
    """The bank let a part of the amount go; say whether this call wrote it."""
    if not _finish(operation_id, done):
        return False
    operation = _operation(operation_id)
    if operation.amount_minor is not None:
        Authorization.objects.filter(pk=operation.authorization_id).update(
            released_minor=F("released_minor") + operation.amount_minor
        )
        _close_payment(operation.authorization_id)
    return True


@command
def record_credit(*, operation_id: UUID, done: Done) -> bool:
    """The bank gave a captured amount back; say whether this settled the whole refund."""
    if not _finish(operation_id, done):
        return False
    operation = _operation(operation_id)
    waiting = GatewayOperation.objects.filter(
        kind=GatewayOperation.Kind.CREDIT, about_id=operation.about_id
    ).exclude(state=OperationState.DONE)
    if waiting.exists():
        return False
    settle_refund(refund_id=operation.about_id, paid_from="gateway_receivable")
    return True


@command
def record_refusal(*, operation_id: UUID, done: Done) -> bool:
    """The gateway refused an operation: nothing moved, and the operator is shown why."""
    return try_advance(
        GatewayOperation,
        pk=operation_id,
        to=OperationState.REFUSED,
        transitions=OPERATION_TRANSITIONS,
        answer=done.text,
        reason=done.reason[:40],
    )


def _finish(operation_id: UUID, done: Done) -> bool:
    return try_advance(
        GatewayOperation,
        pk=operation_id,
        to=OperationState.DONE,
        transitions=OPERATION_TRANSITIONS,
        answer=done.text,
        remote_id=done.remote_id,
        moved_minor=done.moved_minor,
        performed_at=done.performed_at,
    )


def _operation(operation_id: UUID) -> GatewayOperation:
    return GatewayOperation.objects.select_related("authorization").get(pk=operation_id)


def _close_payment(authorization_id: UUID) -> None:
    """End the payment when nothing of its authorization is left to capture or let go."""
    row = Authorization.objects.get(pk=authorization_id)
    if row.captured_minor + row.released_minor < row.amount_minor:
        return
    state = PaymentState.CONFIRMED if row.captured_minor else PaymentState.VOIDED
    changes = (
        {"confirmed_at": clock.now(), "confirmed_by": f"card {row.auth_id}"}
        if state == PaymentState.CONFIRMED
        else {}
    )
    try_advance(Payment, pk=row.payment_id, to=state, transitions=PAYMENT_TRANSITIONS, **changes)
