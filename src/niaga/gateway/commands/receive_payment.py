"""Money comes in by a code: the payer's bank says so, and the merchant hears of it in order."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.gateway.models import CodeReceipt, Merchant, PayCode
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.plumbing.command import command


@dataclass(eq=False)
class CodeUnknown(Refusal):
    """There is no such code or account number."""

    code: ClassVar[str] = "code_unknown"


@dataclass(eq=False)
class CodeOver(Refusal):
    """A code is paid once, and before its deadline."""

    code: ClassVar[str] = "code_over"
    why: str


@dataclass(eq=False)
class OtherAmount(Refusal):
    """A code is for exactly one amount."""

    code: ClassVar[str] = "other_amount"
    asked: Money


@command
def receive_payment(*, content: str, amount: Money) -> UUID:
    """Take what a payer's bank sends by a code; return the receipt.

    A QRIS code is refused after its deadline. A transfer to a virtual account is taken then, too:
    it has left the payer's account already, and the merchant must say what becomes of it.

    Raises:
        CodeUnknown, OtherAmount: what was read is no code, or the code is for another amount.
        CodeOver: it was paid before, or its deadline has passed.
    """
    found = PayCode.objects.filter(content=content).first()
    if found is None:
        raise CodeUnknown
    # One merchant's receipts are numbered one after the other: whoever asks for those after a
    # number misses none, since none with a lower number can be committed later.
    merchant = Merchant.objects.select_for_update().get(pk=found.merchant_id)
    now = clock.now()
    if found.receipts.exists():
        raise CodeOver("paid")
    if found.kind == PayCode.Kind.QRIS and now >= found.expires_at:
        raise CodeOver("expired")
    if amount != Money(found.amount_minor, found.currency):
        raise OtherAmount(Money(found.amount_minor, found.currency))
    merchant.received += 1
    merchant.save(update_fields=["received"])
    receipt = CodeReceipt.objects.create(
        id=new_id(),
        code=found,
        merchant=merchant,
        number=merchant.received,
        amount_minor=amount.minor,
        currency=amount.currency,
        paid_at=now,
    )
    clearing = AccountKey("merchant_clearing", merchant.id)
    movement = Movement(AccountKey("payer_banks"), clearing, amount)
    post(Posting("receipt", receipt.id, (movement,)))
    return receipt.id
