"""A transfer arrives in the bank's file: it pays the purchase it names, or waits for a person."""

from uuid import UUID

from django.db import connection
from django.db.models import Q

from niaga.flows.money.bank_file import ReceiptLine
from niaga.flows.money.methods import BANK_TRANSFER
from niaga.flows.money.models import BankReceipt, PayCode, Payment
from niaga.flows.money.states import PaymentState, ReceiptState
from niaga.flows.money.tasks import RECEIPT_TASK, open_money_tasks
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.plumbing.command import command
from niaga.stages.ordering.commands.confirm_order import BY_HAND, confirm_purchase_payment


@command
def take_bank_receipt(*, actor: Actor, line: ReceiptLine) -> ReceiptState | None:
    """Take one line of the bank's file; None means the line was taken before.

    A line pays when its account number is (or was, before the buyer chose another way) that of a
    pending payment and the amount is the same to the rupiah. Any other money is kept as unmatched,
    with the reason, for the operator. Of a payment that was confirmed by hand the line is what
    the bank says of it, and moves nothing.
    """
    payment = _payment_of(line.account_number)
    if payment is not None and _is_known(payment, line):
        return ReceiptState.MATCHED if _insert(line, payment, "") else None
    note = _why_unmatched(payment, line)
    receipt_id = _insert(line, payment if not note else None, note)
    if receipt_id is None:
        return None
    if note or payment is None:
        post(
            Posting(
                "unmatched_receipt",
                receipt_id,
                (Movement(AccountKey("bank"), AccountKey("unmatched_receipts"), line.amount),),
            )
        )
        open_money_tasks(RECEIPT_TASK, receipt_id)
        return ReceiptState.UNMATCHED
    confirm_purchase_payment(
        actor=actor, purchase_id=payment.cause_id, confirmed_by=f"bank {line.bank_reference}"
    )
    return ReceiptState.MATCHED


def _payment_of(account_number: str) -> Payment | None:
    """Return the payment that has the number, or had it before the buyer chose another way."""
    former = PayCode.objects.filter(kind=BANK_TRANSFER, content=account_number)
    return (
        Payment.objects.select_for_update()
        .filter(Q(account_number=account_number) | Q(pk__in=former.values("payment_id")))
        .first()
    )


def _is_known(payment: Payment, line: ReceiptLine) -> bool:
    """Say whether the operator confirmed by hand what the bank's file tells only now."""
    return (
        payment.state == PaymentState.CONFIRMED
        and payment.confirmed_by.startswith(BY_HAND)
        and (payment.amount_minor, payment.currency) == (line.amount.minor, line.amount.currency)
        and not payment.receipts.exists()
    )


def _why_unmatched(payment: Payment | None, line: ReceiptLine) -> str:
    if payment is None:
        return "unknown_account"
    if payment.state != PaymentState.PENDING:
        return f"payment_{payment.state}"
    if payment.amount_minor != line.amount.minor or payment.currency != line.amount.currency:
        return "other_amount"
    return ""


def _insert(line: ReceiptLine, payment: Payment | None, note: str) -> UUID | None:
    """Write the line unless the bank's reference is known; return its id when it is new."""
    made = BankReceipt(
        id=new_id(),
        bank_reference=line.bank_reference,
        account_number=line.account_number,
        amount_minor=line.amount.minor,
        currency=line.amount.currency,
        received_at=line.received_at,
        state=ReceiptState.UNMATCHED if note else ReceiptState.MATCHED,
        payment=payment,
        note=note,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO money_bankreceipt (id, bank_reference, account_number, amount_minor,"
            " currency, received_at, state, payment_id, note, remote_id)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, '')"
            " ON CONFLICT (bank_reference) DO NOTHING RETURNING id",
            [
                made.id,
                made.bank_reference,
                made.account_number,
                made.amount_minor,
                made.currency,
                made.received_at,
                made.state,
                made.payment_id,
                made.note,
            ],
        )
        row = cursor.fetchone()
    return row[0] if row else None
