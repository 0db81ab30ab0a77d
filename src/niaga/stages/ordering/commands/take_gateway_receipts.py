"""Money came in by codes, as the gateway signed: each receipt is taken once, in its order."""

from niaga.flows.money.card.codes import Heard, HeardReceipt
from niaga.flows.money.models import BankReceipt, GatewayFeed, PayCode, Payment
from niaga.flows.money.states import PaymentState, ReceiptState
from niaga.flows.money.tasks import RECEIPT_TASK, open_money_tasks
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.plumbing.command import command
from niaga.stages.ordering.commands.confirm_order import confirm_purchase_payment


@command
def take_gateway_receipts(*, heard: Heard) -> int:
    """Take what was heard, unless somebody took it before; return how many receipts that were.

    A receipt pays when it came before its code's deadline, the purchase still waits and the amount
    is the same. Any other money is kept as unmatched, with the reason, for the operator. Who
    comes first, a receipt or the deadline's job, makes no difference: what came late never pays.
    """
    GatewayFeed.objects.get_or_create(pk=1)
    feed = GatewayFeed.objects.select_for_update().get(pk=1)
    if feed.after != heard.after:
        return 0
    for receipt in heard.receipts:
        _take(receipt)
    feed.after += len(heard.receipts)
    if not heard.more:
        feed.heard_until = heard.until
    feed.save(update_fields=["after", "heard_until"])
    return len(heard.receipts)


def _take(receipt: HeardReceipt) -> None:
    code = PayCode.objects.get(xid=receipt.xid)
    payment = Payment.objects.select_for_update().get(pk=code.payment_id)
    note = _why_unmatched(payment, code, receipt)
    row = BankReceipt.objects.create(
        id=new_id(),
        bank_reference=f"gateway {receipt.remote_id}",
        account_number=(code.content if code.content.isdecimal() else code.remote_id)[:24],
        amount_minor=receipt.amount.minor,
        currency=receipt.amount.currency,
        received_at=receipt.paid_at,
        state=ReceiptState.UNMATCHED if note else ReceiptState.MATCHED,
        payment=None if note else payment,
        note=note,
        code=code,
        remote_id=receipt.remote_id,
    )
    if note:
        where, owed = AccountKey("gateway_receivable"), AccountKey("unmatched_receipts")
        post(Posting("unmatched_receipt", row.id, (Movement(where, owed, receipt.amount),)))
        open_money_tasks(RECEIPT_TASK, row.id)
        return
    confirm_purchase_payment(
        actor=Actor.system(),
        purchase_id=payment.cause_id,
        confirmed_by=row.bank_reference,
        received_in="gateway_receivable",
    )


def _why_unmatched(payment: Payment, code: PayCode, receipt: HeardReceipt) -> str:
    if receipt.paid_at >= code.expires_at:
        return "too_late"
    if payment.state != PaymentState.PENDING:
        return f"payment_{payment.state}"
    if (payment.amount_minor, payment.currency) != (
        receipt.amount.minor,
        receipt.amount.currency,
    ):
        return "other_amount"
    return ""
