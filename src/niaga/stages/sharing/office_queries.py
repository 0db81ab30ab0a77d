"""What the operator (and a seller) asks of vouchers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Q, QuerySet, Value, When

from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.plumbing.paging import Page, paged_by_state
from niaga.stages.sharing.models import Voucher


@dataclass(frozen=True, slots=True)
class VoucherView:
    """A voucher; `standing` is coming, running or ended; `amount` or `percent_bp` comes off.

    Of that the market bears `market_bp` basis points, the sellers of the lines the rest.
    """

    voucher_id: UUID
    code: str
    kind: str
    percent_bp: int
    amount: Money
    most: Money | None
    spend_from: Money
    seller_id: UUID | None
    seller_name: str
    market_bp: int
    starts_at: datetime
    ends_at: datetime
    uses: int
    uses_limit: int | None
    standing: str


def vouchers_page(
    *, seller_id: UUID | None = None, standing: str = "", words: str = "", page: int = 1
) -> Page[VoucherView]:
    """Return a page of a seller's or (without) all vouchers, newest first; two statements."""
    rows = _vouchers()
    if seller_id:
        rows = rows.filter(seller_id=seller_id)
    if word := words.strip():
        rows = rows.filter(code__icontains=word)
    return paged_by_state(
        rows.order_by("-starts_at", "-id"), _voucher, state=standing, page=page, column="standing"
    )


def voucher_view(voucher_id: UUID) -> VoucherView | None:
    """Return a voucher, or None; one statement."""
    row = _vouchers().filter(pk=voucher_id).first()
    return _voucher(row) if row else None


def _vouchers() -> QuerySet[Any]:
    now = clock.now()
    return Voucher.objects.select_related("seller").annotate(
        standing=Case(
            When(Q(ends_at__lte=now), then=Value("ended")),
            When(Q(starts_at__gt=now), then=Value("coming")),
            default=Value("running"),
            output_field=CharField(),
        )
    )


def _voucher(row: Any) -> VoucherView:
    return VoucherView(
        voucher_id=row.id,
        code=row.code,
        kind=row.kind,
        percent_bp=row.percent_bp,
        amount=Money(row.amount_minor, row.currency),
        most=None if row.most_minor is None else Money(row.most_minor, row.currency),
        spend_from=Money(row.spend_from_minor, row.currency),
        seller_id=row.seller_id,
        seller_name=row.seller.name if row.seller else "",
        market_bp=row.market_bp,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        uses=row.uses,
        uses_limit=row.uses_limit,
        standing=row.standing,
    )
