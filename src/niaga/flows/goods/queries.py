"""What doors and stages ask the flow of goods."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Sum
from django.db.models.functions import Greatest

from niaga.flows.goods.models import (
    Booking,
    DigitalFile,
    DownloadGrant,
    Shipment,
    StockLevel,
)


@dataclass(frozen=True, slots=True)
class TrackingView:
    """One word of the carrier."""

    state: str
    label: str
    note: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class ShipmentView:
    """A parcel; `quantities` maps order lines to units in it."""

    shipment_id: UUID
    carrier: str
    tracking_number: str
    state: str
    label: str
    dispatched_at: datetime | None
    delivered_at: datetime | None
    quantities: dict[UUID, int]
    tracking: tuple[TrackingView, ...]


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booked place of one order line."""

    cause_id: UUID
    state: str
    label: str
    starts_at: datetime
    ends_at: datetime
    quantity: int


@dataclass(frozen=True, slots=True)
class DownloadView:
    """A download of one order line."""

    grant_id: UUID
    cause_id: UUID
    file_id: UUID
    name: str
    size_bytes: int
    downloads_left: int
    expires_at: datetime


def shipments_of(cause_id: UUID) -> tuple[ShipmentView, ...]:
    """Return an order's parcels, first sent first; three statements."""
    rows = (
        Shipment.objects.filter(cause_id=cause_id)
        .prefetch_related("lines", "tracking")
        .order_by("created_at", "id")
    )
    return tuple(
        ShipmentView(
            shipment_id=row.id,
            carrier=row.carrier,
            tracking_number=row.tracking_number,
            state=row.state,
            label=str(row.get_state_display()),
            dispatched_at=row.dispatched_at,
            delivered_at=row.delivered_at,
            quantities={line.cause_id: line.quantity for line in row.lines.all()},
            tracking=tuple(
                TrackingView(t.state, str(t.get_state_display()), t.note, t.occurred_at)
                for t in sorted(row.tracking.all(), key=lambda t: (t.occurred_at, t.id))
            ),
        )
        for row in rows
    )


def bookings_of(cause_ids: Sequence[UUID]) -> dict[UUID, BookingView]:
    """Return the lines' bookings by line; one statement."""
    rows = Booking.objects.filter(cause_id__in=cause_ids).select_related("slot")
    return {
        row.cause_id: BookingView(
            row.cause_id,
            row.state,
            str(row.get_state_display()),
            row.slot.starts_at,
            row.slot.ends_at,
            row.quantity,
        )
        for row in rows
    }


def downloads_of(cause_ids: Sequence[UUID]) -> dict[UUID, tuple[DownloadView, ...]]:
    """Return the lines' downloads by line; two statements."""
    grants = list(DownloadGrant.objects.filter(cause_id__in=cause_ids, revoked_at__isnull=True))
    files: dict[UUID, list[DigitalFile]] = defaultdict(list)
    if grants:
        for file in DigitalFile.objects.filter(sku_id__in=[g.sku_id for g in grants]):
            files[file.sku_id].append(file)
    return {
        grant.cause_id: tuple(
            DownloadView(
                grant.id,
                grant.cause_id,
                file.id,
                file.name,
                file.size_bytes,
                grant.downloads_left,
                grant.expires_at,
            )
            for file in files[grant.sku_id]
        )
        for grant in grants
    }


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that a download gives, and where private storage keeps it."""

    file_id: UUID
    name: str
    path: str


def files_of_download(grant_id: UUID) -> tuple[FileView, ...]:
    """Return the files of a download, by name; one statement."""
    skus = DownloadGrant.objects.filter(pk=grant_id).values("sku_id")
    rows = DigitalFile.objects.filter(sku_id__in=skus).order_by("name", "id")
    return tuple(FileView(row.id, row.name, row.path) for row in rows)


def available_stock(sku_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return what can still be sold of each SKU over all locations; one statement."""
    free = Greatest(F("on_hand") - F("reserved"), 0)
    rows = (
        StockLevel.objects.filter(sku_id__in=sku_ids)
        .values("sku_id")
        .annotate(free=Sum(free))
        .values_list("sku_id", "free")
    )
    return {sku_id: free or 0 for sku_id, free in rows}
