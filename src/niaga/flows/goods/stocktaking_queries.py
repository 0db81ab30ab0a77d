"""What a seller asks of stock that is counted, on its way, waited for, or has moved."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Q

from niaga.flows.goods.models import (
    SourcingRule,
    StockCount,
    StockCountLine,
    StockMovement,
    StockPolicy,
    StockTransfer,
)
from niaga.plumbing.paging import Page, paged, paged_by_state

COUNT_SIZE = 50


@dataclass(frozen=True, slots=True)
class TransferView:
    """A transfer of one SKU."""

    transfer_id: UUID
    sku_id: UUID
    origin: str
    destination: str
    quantity: int
    state: str
    label: str
    note: str
    sent_at: datetime
    arrived_at: datetime | None


@dataclass(frozen=True, slots=True)
class CountView:
    """A count sheet: how many SKUs it has, how many are counted, how many of these differ."""

    count_id: UUID
    location: str
    state: str
    label: str
    started_at: datetime
    closed_at: datetime | None
    lines: int
    counted: int
    different: int


@dataclass(frozen=True, slots=True)
class CountLineView:
    """A SKU on a sheet; `expected` is what the books said when it was counted."""

    sku_id: UUID
    expected: int | None
    counted: int | None
    why: str
    note: str

    @property
    def difference(self) -> int:
        """How many more (or fewer) there are than the books say."""
        return 0 if self.counted is None else self.counted - (self.expected or 0)


@dataclass(frozen=True, slots=True)
class PolicyView:
    """What is decided for a SKU, and how many units wait or are on their way."""

    when_out: str
    most_waiting: int
    waiting: int
    lead_days: int | None
    available_date: date | None
    alert_at: int | None
    low: bool
    always_hot: bool
    hot: bool
    in_transit: int


@dataclass(frozen=True, slots=True)
class MovementRow:
    """One change of stock, of any SKU."""

    sku_id: UUID
    kind: str
    why: str
    quantity: int
    reason: str
    location: str
    moved_at: datetime


def transfers_page(seller_id: UUID, *, state: str = "", page: int = 1) -> Page[TransferView]:
    """Return a page of transfers, the last sent first; two statements."""
    rows = StockTransfer.objects.filter(seller_id=seller_id).select_related("origin", "destination")
    return paged_by_state(rows.order_by("-sent_at", "-id"), _transfer, state=state, page=page)


def transfer_of(seller_id: UUID, transfer_id: UUID) -> TransferView | None:
    """Return one of the seller's transfers, or None; one statement."""
    rows = StockTransfer.objects.filter(seller_id=seller_id, pk=transfer_id)
    row = rows.select_related("origin", "destination").first()
    return _transfer(row) if row else None


def _transfer(row: StockTransfer) -> TransferView:
    return TransferView(
        transfer_id=row.id,
        sku_id=row.sku_id,
        origin=row.origin.name,
        destination=row.destination.name,
        quantity=row.quantity,
        state=row.state,
        label=str(row.get_state_display()),
        note=row.note,
        sent_at=row.sent_at,
        arrived_at=row.arrived_at,
    )


def counts_page(seller_id: UUID, *, page: int = 1) -> Page[CountView]:
    """Return a page of count sheets, the last begun first; two statements."""
    rows = _counts(seller_id).order_by("-started_at", "-id")
    return paged(rows, _count, page=page)


def count_of(seller_id: UUID, count_id: UUID) -> CountView | None:
    """Return one of the seller's sheets, or None; one statement."""
    row = _counts(seller_id).filter(pk=count_id).first()
    return _count(row) if row else None


def _counts(seller_id: UUID):  # type: ignore[no-untyped-def] # noqa: ANN202 - an annotated queryset
    done = Q(lines__counted__isnull=False)
    return (
        StockCount.objects.filter(seller_id=seller_id)
        .select_related("location")
        .annotate(
            of=Count("lines"),
            done=Count("lines", filter=done),
            differ=Count("lines", filter=done & ~Q(lines__counted=F("lines__expected"))),
        )
    )


def _count(row) -> CountView:  # type: ignore[no-untyped-def] # noqa: ANN001 - see _counts
    return CountView(
        count_id=row.id,
        location=row.location.name,
        state=row.state,
        label=str(row.get_state_display()),
        started_at=row.started_at,
        closed_at=row.closed_at,
        lines=row.of,
        counted=row.done,
        different=row.differ,
    )


def count_lines_page(
    count_id: UUID, *, show: str = "", sku_ids: tuple[UUID, ...] | None = None, page: int = 1
) -> Page[CountLineView]:
    """Return a page of a sheet's lines; `show` is open, different or empty. Two statements.

    `sku_ids` keeps the lines of these SKUs only.
    """
    rows = StockCountLine.objects.filter(count_id=count_id)
    if show == "open":
        rows = rows.filter(counted__isnull=True)
    elif show == "different":
        rows = rows.filter(counted__isnull=False).exclude(counted=F("expected"))
    if sku_ids is not None:
        rows = rows.filter(sku_id__in=sku_ids)
    return paged(
        rows.order_by("sku_id"),
        lambda line: CountLineView(line.sku_id, line.expected, line.counted, line.why, line.note),
        page=page,
        size=COUNT_SIZE,
    )


def policy_of(sku_id: UUID) -> PolicyView:
    """Return what is decided for a SKU (a new one: nothing); two statements."""
    row = StockPolicy.objects.filter(pk=sku_id).first() or StockPolicy(sku_id=sku_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM goods_stocklevel WHERE sku_id = %s AND bucket > 0),"
            " (SELECT COALESCE(SUM(quantity), 0) FROM goods_stocktransfer"
            "   WHERE sku_id = %s AND state = 'in_transit')",
            [sku_id, sku_id],
        )
        found = cursor.fetchone()
    assert found is not None
    return PolicyView(
        when_out=row.when_out,
        most_waiting=row.most_waiting,
        waiting=row.waiting,
        lead_days=row.lead_days,
        available_date=row.available_date,
        alert_at=row.alert_at,
        low=row.low,
        always_hot=row.always_hot,
        hot=found[0],
        in_transit=found[1],
    )


def sourcing_of(seller_id: UUID) -> tuple[str, bool]:
    """Return which location ships first, and whether one parcel is preferred; one statement."""
    rule = SourcingRule.objects.filter(pk=seller_id).first() or SourcingRule()
    return rule.order, rule.one_parcel


def all_movements_page(
    seller_id: UUID,
    *,
    kind: str = "",
    location_id: UUID | None = None,
    sku_ids: tuple[UUID, ...] | None = None,
    page: int = 1,
) -> Page[MovementRow]:
    """Return a page of a seller's movements, newest first; two statements."""
    rows = StockMovement.objects.filter(location__seller_id=seller_id)
    if kind:
        rows = rows.filter(kind=kind)
    if location_id:
        rows = rows.filter(location_id=location_id)
    if sku_ids is not None:
        rows = rows.filter(sku_id__in=sku_ids)
    return paged(
        rows.select_related("location").order_by("-moved_at", "-id"),
        lambda m: MovementRow(
            m.sku_id, m.kind, m.why, m.quantity, m.reason, m.location.name, m.moved_at
        ),
        page=page,
        size=COUNT_SIZE,
    )
