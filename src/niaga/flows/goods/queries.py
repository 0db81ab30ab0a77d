"""What doors and stages ask the flow of goods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Greatest, JSONObject

from niaga.flows.goods.commands.book_slot import ALIVE, BookingTerms
from niaga.flows.goods.models import (
    Backorder,
    Booking,
    DigitalFile,
    DownloadGrant,
    LicenceKey,
    Shipment,
    ShipmentLine,
    StockLevel,
    TrackingEvent,
)
from niaga.flows.goods.states import BackorderState, BookingState, KeyState, ShipmentState
from niaga.plumbing.sealing import unseal


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
    sscc: str
    weight_g: int
    place: str
    is_pickup: bool
    pickup_code: str = ""


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booked place of one order line."""

    cause_id: UUID
    state: str
    label: str
    starts_at: datetime
    ends_at: datetime
    quantity: int
    terms: BookingTerms
    kept_percent: int | None = None

    @property
    def fee_percent(self) -> int | None:
        """What its buyer would pay of the price to cancel it now; None: it can't be cancelled."""
        return self.terms.kept_percent(self.starts_at) if self.state in ALIVE else None


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


def shipments_of(cause_id: UUID, *, with_code: bool) -> tuple[ShipmentView, ...]:
    """Return an order's parcels, first sent first; one statement.

    `with_code` tells the pick-up code, which is for the buyer's eyes alone.
    """
    units = ShipmentLine.objects.filter(shipment=OuterRef("pk"))
    words = TrackingEvent.objects.filter(shipment=OuterRef("pk")).order_by("occurred_at", "id")
    rows = (
        Shipment.objects.filter(cause_id=cause_id)
        .select_related("location")
        .annotate(
            units=ArraySubquery(units.values(row=JSONObject(line="cause_id", n="quantity"))),
            words=ArraySubquery(
                words.values(row=JSONObject(state="state", note="note", at="occurred_at"))
            ),
        )
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
            quantities={UUID(unit["line"]): unit["n"] for unit in row.units},
            tracking=tuple(_tracking(word) for word in row.words),
            sscc=row.sscc or "",
            weight_g=row.weight_g,
            place=f"{row.location.name}, {row.location.city}" if row.location else "",
            is_pickup=bool(row.pickup_code),
            pickup_code=row.pickup_code if with_code else "",
        )
        for row in rows
    )


def _tracking(word: Mapping[str, str]) -> TrackingView:
    label = str(ShipmentState(word["state"]).label)
    return TrackingView(word["state"], label, word["note"], datetime.fromisoformat(word["at"]))


def booking_of(line: str) -> Subquery:
    """Return the booking of an order line as JSON, to ride along in a query of lines.

    `line` names the line's id there; `booking_view` reads the answer (None: no booking).
    """
    rows = Booking.objects.filter(cause_id=OuterRef(line))
    return Subquery(
        rows.values(
            row=JSONObject(
                line="cause_id",
                state="state",
                starts_at="slot__starts_at",
                ends_at="slot__ends_at",
                n="quantity",
                change_h="change_h",
                cancel_h="cancel_h",
                late_fee="late_fee_percent",
                kept="kept_percent",
            )
        )
    )


def booking_view(row: Mapping[str, Any] | None) -> BookingView | None:
    """Return what `booking_of` found."""
    if row is None:
        return None
    return BookingView(
        cause_id=UUID(row["line"]),
        state=row["state"],
        label=str(BookingState(row["state"]).label),
        starts_at=datetime.fromisoformat(row["starts_at"]),
        ends_at=datetime.fromisoformat(row["ends_at"]),
        quantity=row["n"],
        terms=BookingTerms(row["change_h"], row["cancel_h"], row["late_fee"]),
        kept_percent=row["kept"],
    )


@dataclass(frozen=True, slots=True)
class AwaitedView:
    """Units of an order line that wait for stock, promised for that day."""

    quantity: int
    promised_date: date


def awaited_of(line: str) -> Subquery:
    """Return what an order line waits for as JSON, to ride along like `booking_of`."""
    rows = Backorder.objects.filter(cause_id=OuterRef(line), state=BackorderState.WAITING)
    found = rows.order_by("promised_date").values(row=JSONObject(n="quantity", day="promised_date"))
    return Subquery(found[:1])


def awaited_view(row: Mapping[str, Any] | None) -> AwaitedView | None:
    """Return what `awaited_of` found."""
    return AwaitedView(row["n"], date.fromisoformat(row["day"])) if row else None


def downloads_of(line: str) -> ArraySubquery:
    """Return the downloads of an order line as JSON, one a file, like `booking_of`."""
    grants = DownloadGrant.objects.filter(cause_id=OuterRef(line), revoked_at__isnull=True)
    files = DigitalFile.objects.filter(
        Q(removed_at__isnull=True) | Q(removed_at__gt=OuterRef("granted_at")),
        sku_id=OuterRef("sku_id"),
    ).order_by("name", "id")
    return ArraySubquery(
        grants.values(
            row=JSONObject(
                grant="id",
                line="cause_id",
                left="downloads_left",
                expires_at="expires_at",
                files=ArraySubquery(
                    files.values(row=JSONObject(id="id", name="name", size="size_bytes"))
                ),
            )
        )
    )


def download_views(rows: Sequence[Mapping[str, Any]]) -> tuple[DownloadView, ...]:
    """Return what `downloads_of` found."""
    return tuple(
        DownloadView(
            grant_id=UUID(grant["grant"]),
            cause_id=UUID(grant["line"]),
            file_id=UUID(file["id"]),
            name=file["name"],
            size_bytes=file["size"],
            downloads_left=grant["left"],
            expires_at=datetime.fromisoformat(grant["expires_at"]),
        )
        for grant in rows
        for file in grant["files"]
    )


def keys_of(line: str) -> ArraySubquery:
    """Return the licence keys given to an order line, to ride along like `booking_of`."""
    given = LicenceKey.objects.filter(cause_id=OuterRef(line), state=KeyState.GIVEN)
    return ArraySubquery(given.order_by("id").values(row=JSONObject(id="id", sealed="sealed")))


def key_texts(rows: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """Return what `keys_of` found."""
    return tuple(unseal(row["sealed"], place=row["id"]) for row in rows)


def count_given_keys(line_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many licence keys each of these order lines was given, if any; one statement."""
    given = LicenceKey.objects.filter(cause_id__in=line_ids, state=KeyState.GIVEN)
    counted = given.values("cause_id").annotate(n=Count("id")).values_list("cause_id", "n")
    return {line_id: n for line_id, n in counted if line_id}


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that a download gives, and where private storage keeps it."""

    file_id: UUID
    name: str
    path: str


def files_of_download(grant_id: UUID) -> tuple[FileView, ...]:
    """Return the files of a download, by name; one statement."""
    grant = DownloadGrant.objects.filter(pk=grant_id)
    rows = DigitalFile.objects.filter(
        Q(removed_at__isnull=True) | Q(removed_at__gt=Subquery(grant.values("granted_at"))),
        sku_id__in=grant.values("sku_id"),
    ).order_by("name", "id")
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
