"""Money that paid nothing finds its way: to the purchase it was meant for, or back."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.money.models import BankReceipt, Payment
from niaga.flows.money.states import RECEIPT_TRANSITIONS, PaymentState, ReceiptState
from niaga.flows.money.tasks import RECEIPT_TASK
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.plumbing.command import command
from niaga.plumbing.commands.tasks import close_task
from niaga.plumbing.states import advance
from niaga.stages.ordering.commands.confirm_order import confirm_purchase_payment
from niaga.stages.ordering.models import Purchase


@dataclass(eq=False)
class NotThatPurchase(Refusal):
    """There is no purchase of that number which waits for exactly this amount."""

    code: ClassVar[str] = "not_that_purchase"
    reference: str


@command
def assign_receipt(*, actor: Actor, receipt_id: UUID, reference: str) -> None:
    """Let unmatched money pay the purchase it was meant for, late as it may be.

    Raises:
        NotThatPurchase: no such purchase waits, or for another amount.
        TransitionRefused: the money has found its way already.
        TaskOfAnother: the operator has not taken the task.
    """
    row = BankReceipt.objects.select_for_update().get(pk=receipt_id)
    payment = (
        Payment.objects.select_for_update()
        .filter(
            pk__in=Purchase.objects.filter(reference=reference).values("payment_id"),
            amount_minor=row.amount_minor,
            currency=row.currency,
            state=PaymentState.PENDING,
        )
        .first()
    )
    if payment is None:
        raise NotThatPurchase(reference)
    advance(
        BankReceipt,
        pk=receipt_id,
        to=ReceiptState.MATCHED,
        transitions=RECEIPT_TRANSITIONS,
        payment_id=payment.id,
        note="",
    )
    confirm_purchase_payment(
        actor=actor,
        purchase_id=payment.cause_id,
        confirmed_by=f"assigned {row.bank_reference}"[:60],
        received_in="unmatched_receipts",
    )
    close_task(
        actor=actor, kind=RECEIPT_TASK, subject_id=receipt_id, reason=f"Assigned to {reference}"
    )


@command
def return_receipt(*, actor: Actor, receipt_id: UUID, reference: str) -> None:
    """The operator sent unmatched money back; `reference` is that transfer's.

    Raises:
        TransitionRefused: the money has found its way already.
        TaskOfAnother: the operator has not taken the task.
    """
    row = BankReceipt.objects.select_for_update().get(pk=receipt_id)
    advance(BankReceipt, pk=receipt_id, to=ReceiptState.RETURNED, transitions=RECEIPT_TRANSITIONS)
    amount = Money(row.amount_minor, row.currency)
    movement = Movement(AccountKey("unmatched_receipts"), AccountKey("bank"), amount)
    post(Posting("receipt_returned", receipt_id, (movement,)))
    close_task(
        actor=actor, kind=RECEIPT_TASK, subject_id=receipt_id, reason=f"Sent back: {reference}"
    )
