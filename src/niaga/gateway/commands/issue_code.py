"""A merchant orders a code by which anybody may pay it one amount."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

from niaga.gateway.models import Merchant, PayCode
from niaga.gateway.qris import NUMERIC, dynamic_code
from niaga.gateway.references import reference
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.protocol.errors import MismatchError
from niaga.protocol.messages.codes import CodeRequest

ACCOUNT_PREFIX, ACCOUNT_DIGITS = "8808", 12


@dataclass(eq=False)
class CodeConflict(Refusal):
    """The transaction id stands for a code of another kind, amount or deadline."""

    code: ClassVar[str] = "xid_conflict"
    xid: str


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code: its name between merchant and gateway, and what payers read."""

    code_id: str
    content: str


@command
def issue_code(*, merchant_id: UUID, order: CodeRequest) -> IssuedCode:
    """Return the code of the order's `xid`, made now where there is none yet.

    Raises:
        CodeConflict: there is one, for something else.
        MismatchError: a currency that can't be paid by code.
    """
    if order.amount.currency not in NUMERIC:
        raise MismatchError("currency")
    merchant = Merchant.objects.select_for_update().get(pk=merchant_id)
    row = PayCode.objects.filter(merchant=merchant, xid=order.xid).first()
    asked = (
        order.kind,
        order.amount.minor,
        order.amount.currency,
        datetime.fromtimestamp(order.expires, UTC),
    )
    if row is None:
        row = _make(merchant, order, asked[3])
    elif (row.kind, row.amount_minor, row.currency, row.expires_at) != asked:
        raise CodeConflict(order.xid)
    return IssuedCode(reference(row.id), row.content)


def _make(merchant: Merchant, order: CodeRequest, expires_at: datetime) -> PayCode:
    pk, amount = new_id(), Money(order.amount.minor, order.amount.currency)
    content = (
        dynamic_code(merchant=merchant.name, amount=amount, reference=reference(pk))
        if order.kind == PayCode.Kind.QRIS
        else _account_number()
    )
    return PayCode.objects.create(
        id=pk,
        merchant=merchant,
        xid=order.xid,
        kind=order.kind,
        content=content,
        amount_minor=amount.minor,
        currency=amount.currency,
        expires_at=expires_at,
        issued_at=clock.now(),
    )


def _account_number() -> str:
    digits = (secrets.choice("0123456789") for _ in range(ACCOUNT_DIGITS))
    return ACCOUNT_PREFIX + "".join(digits)
