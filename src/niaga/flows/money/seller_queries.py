"""What a seller asks of its money: what is held, ready, on its way and paid."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count

from niaga.flows.money.models import Payout
from niaga.flows.money.models.escrow import NET_SQL
from niaga.kernel.money import Money
from niaga.plumbing.paging import Page, paged


@dataclass(frozen=True, slots=True)
class SellerBalance:
    """A seller's money, the commission taken off already.

    `held` waits for delivery and the buyer's time to complain, `ready` for the next payout;
    `in_transit` is in a bank file, `paid` was transferred. `debt` was paid out for orders that were
    refunded since: the next payout is lowered by it.
    """

    held: Money
    ready: Money
    in_transit: Money
    paid: Money
    debt: Money


@dataclass(frozen=True, slots=True)
class OwnPayout:
    """A transfer to the seller."""

    payout_id: UUID
    number: int
    made_at: datetime
    bank_name: str
    bank_account: str
    amount: Money
    state: str
    label: str
    paid_at: datetime | None
    returned_at: datetime | None
    return_reason: str
    repaid: bool
    orders: int


def seller_balance(seller_id: UUID, currency: str = "IDR") -> SellerBalance:
    """Return the seller's money by where it is; one statement."""
    escrow = (
        f"(SELECT coalesce(sum({NET_SQL}), 0) FROM money_escrow"  # noqa: S608 - a constant
        " WHERE seller_id = %s AND currency = %s AND state = '{}')"
    )
    payout = (
        "(SELECT coalesce(sum(amount_minor), 0) FROM money_payout"
        " WHERE seller_id = %s AND currency = %s AND state = '{}' AND repaid_by_id IS NULL)"
    )
    parts = [
        escrow.format("held"),
        f"{escrow.format('releasable')} + {payout.format('returned')}",
        payout.format("prepared"),
        payout.format("paid"),
        """(SELECT coalesce(sum(amount_minor), 0) FROM money_sellerdebt
             WHERE seller_id = %s AND currency = %s AND payout_id IS NULL)""",
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", [seller_id, currency] * (len(parts) + 1))
        row = cursor.fetchone()
    assert row is not None
    return SellerBalance(*(Money(int(minor), currency) for minor in row))


def payouts_page(seller_id: UUID, page: int = 1) -> Page[OwnPayout]:
    """Return a page of the seller's payouts, newest first; two statements."""
    rows = Payout.objects.filter(seller_id=seller_id).select_related("batch")
    ordered = rows.annotate(orders=Count("escrows__cause_id", distinct=True)).order_by(
        "-batch__number", "id"
    )
    return paged(ordered, _payout, page=page)


def _payout(row: Payout) -> OwnPayout:
    return OwnPayout(
        payout_id=row.id,
        number=row.batch.number,
        made_at=row.batch.made_at,
        bank_name=row.bank_name,
        bank_account=row.bank_account,
        amount=Money(row.amount_minor, row.currency),
        state=row.state,
        label=str(row.get_state_display()),
        paid_at=row.paid_at,
        returned_at=row.returned_at,
        return_reason=row.return_reason,
        repaid=row.repaid_by_id is not None,
        orders=getattr(row, "orders", 0),
    )
