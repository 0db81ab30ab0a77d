"""The bank answered what it was told about an order's money: the order's timeline says so."""

from uuid import UUID

from niaga.flows.money.card.bank import Done
from niaga.flows.money.commands.order_operation import retry_operation
from niaga.flows.money.commands.record_operation import (
    record_capture,
    record_credit,
    record_refusal,
    record_reversal,
)
from niaga.flows.money.models import GatewayOperation
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.ordering.events import (
    BankInstructed,
    BankRefused,
    HoldReleased,
    OrderCharged,
    RefundSent,
)
from niaga.stages.ordering.models import Charge, Order
from niaga.stages.ordering.shares import charge_share


@command
def take_bank_answer(*, operation_id: UUID, done: Done) -> None:
    """Write down what the gateway did; a second telling of the same changes nothing."""
    operation = GatewayOperation.objects.get(pk=operation_id)
    if done.result == "refused":
        _refused(operation, done)
    elif operation.kind == GatewayOperation.Kind.CAPTURE:
        _captured(operation, done)
    elif operation.kind == GatewayOperation.Kind.CREDIT:
        if record_credit(operation_id=operation_id, done=done):
            record(RefundSent(subject_id=operation.cause_id), actor=Actor.system())
    elif record_reversal(operation_id=operation_id, done=done) and operation.amount_minor:
        record(
            HoldReleased(
                subject_id=operation.cause_id,
                amount_minor=operation.amount_minor,
                currency=operation.currency,
            ),
            actor=Actor.system(),
        )


@command
def tell_again(*, actor: Actor, operation_id: UUID) -> None:
    """The operator has the bank told again what it refused.

    Raises:
        TransitionRefused: it is not refused.
    """
    order_id = retry_operation(operation_id=operation_id)
    authorization_id = GatewayOperation.objects.get(pk=operation_id).authorization_id
    record(BankInstructed(subject_id=order_id, authorization_id=authorization_id), actor=actor)


def _captured(operation: GatewayOperation, done: Done) -> None:
    charge = Charge.objects.select_related("order").get(pk=operation.about_id)
    order = Order.objects.select_for_update().get(pk=charge.order_id)
    if record_capture(operation_id=operation.id, done=done, share=charge_share(charge)):
        record(
            OrderCharged(
                subject_id=order.id,
                purchase_id=order.purchase_id,
                seller_id=order.seller_id,
                charge_id=charge.id,
                amount_minor=charge.total_minor,
                currency=order.currency,
            ),
            actor=Actor.system(),
        )


def _refused(operation: GatewayOperation, done: Done) -> None:
    if record_refusal(operation_id=operation.id, done=done):
        record(
            BankRefused(
                subject_id=operation.cause_id,
                operation_id=operation.id,
                kind=operation.kind,
                reason=done.reason,
            ),
            actor=Actor.system(),
        )
