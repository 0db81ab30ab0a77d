"""What a seller asks of the flow of goods: places, movements, delivery, slots, files, parcels."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from niaga.flows.goods.models import (
    CompanyPrefix,
    DeliveryService,
    DigitalFile,
    Location,
    Shipment,
    Slot,
    StockLevel,
    StockMovement,
    TrackingSender,
)
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.plumbing.paging import Page, paged


@dataclass(frozen=True, slots=True)
class LocationView:
    """A place where stock lies; `on_hand` units of all SKUs. Lower `priority` ships first."""

    location_id: UUID
    name: str
    city: str
    province: str
    postal_code: str
    priority: int
    on_hand: int


@dataclass(frozen=True, slots=True)
class MovementView:
    """One change of stock."""

    kind: str
    quantity: int
    reason: str
    location: str
    cause_id: UUID | None
    moved_at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class ZoneView:
    """Prices for a group of provinces; no provinces means everywhere else."""

    name: str
    provinces: tuple[str, ...]
    first_kg: Money
    extra_kg: Money
    days_min: int
    days_max: int


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A way in which a seller delivers."""

    service_id: UUID
    code: str
    name: str
    kind: str
    flat: Money
    days_min: int
    days_max: int
    position: int
    active: bool
    zones: tuple[ZoneView, ...]


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A bookable time, as its seller sees it."""

    slot_id: UUID
    sku_id: UUID
    starts_at: datetime
    ends_at: datetime
    capacity: int
    booked: int


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of a digital good."""

    file_id: UUID
    sku_id: UUID
    name: str
    path: str
    size_bytes: int
    sha256: str


def locations_of(seller_id: UUID) -> tuple[LocationView, ...]:
    """Return the seller's locations, the first to ship from first; one statement."""
    rows = Location.objects.filter(seller_id=seller_id).annotate(units=Sum("levels__on_hand"))
    return tuple(
        LocationView(
            row.id, row.name, row.city, row.province, row.postal_code, row.priority, row.units or 0
        )
        for row in rows.order_by("priority", "name")
    )


def movements_page(seller_id: UUID, sku_id: UUID, page: int = 1) -> Page[MovementView]:
    """Return a page of a SKU's movements, newest first; two statements."""
    rows = StockMovement.objects.filter(sku_id=sku_id, location__seller_id=seller_id)
    ordered = rows.select_related("location").order_by("-moved_at", "-id")
    return paged(
        ordered,
        lambda m: MovementView(
            m.kind, m.quantity, m.reason, m.location.name, m.cause_id, m.moved_at, m.why
        ),
        page=page,
    )


def reserved_of(sku_id: UUID, location_id: UUID) -> int:
    """Return how many of a SKU are promised at a location."""
    level = StockLevel.objects.filter(sku_id=sku_id, location_id=location_id)
    return level.values_list("reserved", flat=True).first() or 0


def deliveries_of(seller_id: UUID) -> tuple[DeliveryView, ...]:
    """Return the seller's delivery services in order, also those not in use; two statements."""
    rows = DeliveryService.objects.filter(seller_id=seller_id).prefetch_related("zones")
    return tuple(_delivery(row) for row in rows.order_by("position", "name"))


def _delivery(row: DeliveryService) -> DeliveryView:
    return DeliveryView(
        service_id=row.id,
        code=row.code,
        name=row.name,
        kind=row.kind,
        flat=Money(row.flat_minor, row.currency),
        days_min=row.days_min,
        days_max=row.days_max,
        position=row.position,
        active=row.active,
        zones=tuple(
            ZoneView(
                zone.name,
                tuple(zone.provinces),
                Money(zone.first_kg_minor, row.currency),
                Money(zone.extra_kg_minor, row.currency),
                zone.days_min,
                zone.days_max,
            )
            for zone in sorted(row.zones.all(), key=lambda zone: (not zone.provinces, zone.id))
        ),
    )


def order_of_shipment(shipment_id: UUID, seller_id: UUID) -> UUID | None:
    """Return the order (cause) of one of the seller's parcels, or None."""
    mine = Shipment.objects.filter(pk=shipment_id, seller_id=seller_id)
    return mine.values_list("cause_id", flat=True).first()


def slots_page(seller_id: UUID, sku_ids: tuple[UUID, ...], page: int = 1) -> Page[SlotRow]:
    """Return a page of the SKUs' coming slots, the next first; two statements."""
    rows = Slot.objects.filter(
        seller_id=seller_id, sku_id__in=sku_ids, starts_at__gt=clock.now()
    ).order_by("starts_at", "id")
    return paged(
        rows,
        lambda s: SlotRow(s.id, s.sku_id, s.starts_at, s.ends_at, s.capacity, s.booked),
        page=page,
    )


def files_of(seller_id: UUID, sku_ids: tuple[UUID, ...]) -> tuple[FileView, ...]:
    """Return the files of digital SKUs by name; one statement."""
    rows = DigitalFile.objects.filter(
        seller_id=seller_id, sku_id__in=sku_ids, removed_at__isnull=True
    )
    return tuple(
        FileView(f.id, f.sku_id, f.name, f.path, f.size_bytes, f.sha256)
        for f in rows.order_by("name", "id")
    )


@dataclass(frozen=True, slots=True)
class NumberingView:
    """A seller's own GS1 prefix (empty: the market's), and since when signed messages are taken."""

    prefix: str
    sender_since: datetime | None


def numbering_of(seller_id: UUID) -> NumberingView:
    """Return how a seller's parcels are numbered and told of; two statements."""
    prefix = CompanyPrefix.objects.filter(pk=seller_id).values_list("prefix", flat=True).first()
    sender = TrackingSender.objects.filter(pk=seller_id).values_list("made_at", flat=True).first()
    return NumberingView(prefix or "", sender)
