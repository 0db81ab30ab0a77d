"""A merchant asks what came in by its codes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from niaga.gateway.models import CodeReceipt, Merchant
from niaga.gateway.references import reference
from niaga.kernel import clock
from niaga.plumbing.command import command
from niaga.protocol.messages.codes import MOST_RECEIPTS, CodePaid
from niaga.protocol.messages.parts import Amount


@dataclass(frozen=True, slots=True)
class Told:
    """Receipts in order; where no `more` follow, they are all that was paid before `until`."""

    receipts: tuple[CodePaid, ...]
    more: bool
    until: datetime


@command
def tell_receipts(*, merchant_id: UUID, after: int) -> Told:
    """Return what was paid to a merchant after the receipt numbered `after`.

    The merchant's row is locked, so that no receipt of before `until` is still to be committed.
    """
    merchant = Merchant.objects.select_for_update().get(pk=merchant_id)
    until = clock.now()
    rows = CodeReceipt.objects.filter(merchant=merchant, number__gt=after).select_related("code")
    found = tuple(_told(row) for row in rows.order_by("number")[:MOST_RECEIPTS])
    return Told(found, after + len(found) < merchant.received, until)


def _told(row: CodeReceipt) -> CodePaid:
    return CodePaid(
        number=row.number,
        id=reference(row.id),
        xid=row.code.xid,
        amount=Amount(currency=row.currency, minor=row.amount_minor),
        paid=int(row.paid_at.timestamp()),
    )
