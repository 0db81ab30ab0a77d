"""Stock per location, its movements and reservations; shipments; slots; downloads.

`sku_id` is the catalogue's variant and `cause_id` the order line (or order), both opaque here.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from niaga.flows.goods.states import BookingState, ReservationState, ShipmentState
from niaga.kernel import clock
from niaga.kernel.ids import new_id


class Location(models.Model):
    """A place where a seller keeps stock; lower `priority` ships first."""

    id = models.UUIDField(primary_key=True, default=new_id)
    seller_id = models.UUIDField(db_index=True)
    name = models.CharField(max_length=80)
    city = models.CharField(max_length=80)
    province = models.CharField(max_length=80)
    postal_code = models.CharField(max_length=5)
    priority = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seller_id", "name"], name="location_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class StockLevel(models.Model):
    """How much of a SKU lies at a location, and how much of that is promised."""

    id = models.UUIDField(primary_key=True, default=new_id)
    sku_id = models.UUIDField()
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="levels")
    seller_id = models.UUIDField(db_index=True)
    on_hand = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sku_id", "location"], name="one_level_each"),
            models.CheckConstraint(
                condition=models.Q(reserved__gte=0, reserved__lte=models.F("on_hand")),
                name="never_promise_more_than_there_is",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku_id}: {self.on_hand} - {self.reserved}"


class StockMovement(models.Model):
    """One change of stock on hand, append-only; their sum per level is `on_hand`."""

    class Kind(models.TextChoices):
        RECEIVED = "received"
        SHIPPED = "shipped"
        RETURNED = "returned"
        ADJUSTED = "adjusted"

    id = models.UUIDField(primary_key=True, default=new_id)
    sku_id = models.UUIDField()
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    kind = models.CharField(max_length=8, choices=Kind)
    quantity = models.IntegerField()
    reason = models.CharField(max_length=200, blank=True, default="")
    cause_id = models.UUIDField(null=True)
    moved_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="shipped", quantity__lt=0)
                | models.Q(kind__in=["received", "returned"], quantity__gt=0)
                | (models.Q(kind="adjusted") & ~models.Q(quantity=0)),
                name="movement_sign_fits_kind",
            ),
        ]
        indexes = [models.Index(fields=["sku_id", "location", "moved_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"


class Reservation(models.Model):
    """Stock promised to one order line; `expires_at` None means it waits for dispatch."""

    id = models.UUIDField(primary_key=True, default=new_id)
    cause_id = models.UUIDField(db_index=True)
    sku_id = models.UUIDField()
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    quantity = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=ReservationState, default=ReservationState.OPEN)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="reservation_of_something"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open") ^ models.Q(closed_at__isnull=False),
                name="closed_reservation_has_instant",
            ),
        ]
        indexes = [
            models.Index(
                fields=["sku_id", "location"],
                condition=models.Q(state="open"),
                name="open_reservation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku_id} {self.state}"


class DeliveryService(models.Model):
    """A way in which a seller delivers: flat price, weight by zone, or pick-up."""

    class Kind(models.TextChoices):
        FLAT = "flat"
        ZONE = "zone"
        PICKUP = "pickup"

    id = models.UUIDField(primary_key=True, default=new_id)
    seller_id = models.UUIDField(db_index=True)
    code = models.SlugField(max_length=30)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, choices=Kind)
    flat_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="IDR")
    days_min = models.PositiveSmallIntegerField(default=1)
    days_max = models.PositiveSmallIntegerField(default=3)
    position = models.PositiveSmallIntegerField(default=1)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seller_id", "code"], name="delivery_code_once"),
            models.CheckConstraint(
                condition=models.Q(flat_minor__gte=0), name="delivery_price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryZone(models.Model):
    """Prices of a zone service for a group of provinces; an empty group means everywhere else."""

    id = models.UUIDField(primary_key=True, default=new_id)
    service = models.ForeignKey(DeliveryService, on_delete=models.CASCADE, related_name="zones")
    name = models.CharField(max_length=60)
    provinces = ArrayField(models.CharField(max_length=80), default=list)
    first_kg_minor = models.BigIntegerField()
    extra_kg_minor = models.BigIntegerField()
    days_min = models.PositiveSmallIntegerField(default=2)
    days_max = models.PositiveSmallIntegerField(default=5)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_kg_minor__gte=0, extra_kg_minor__gte=0),
                name="zone_prices_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Shipment(models.Model):
    """One parcel of an order (`cause_id`), from one location."""

    id = models.UUIDField(primary_key=True, default=new_id)
    cause_id = models.UUIDField(db_index=True)
    seller_id = models.UUIDField()
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True)
    carrier = models.CharField(max_length=60)
    tracking_number = models.CharField(max_length=60, blank=True, default="")
    state = models.CharField(max_length=20, choices=ShipmentState, default=ShipmentState.PENDING)
    dispatched_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="pending") ^ models.Q(dispatched_at__isnull=False),
                name="dispatched_shipment_has_instant",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="delivered") | models.Q(delivered_at__isnull=False),
                name="delivered_shipment_has_instant",
            ),
        ]
        indexes = [models.Index(fields=["seller_id", "created_at"])]

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking_number}"


class ShipmentLine(models.Model):
    """How much of one order line (`cause_id`) is in the parcel."""

    id = models.UUIDField(primary_key=True, default=new_id)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="lines")
    cause_id = models.UUIDField(db_index=True)
    sku_id = models.UUIDField()
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="shipment_line_of_something"
            ),
            models.UniqueConstraint(fields=["shipment", "cause_id"], name="line_once_a_parcel"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku_id}"


class TrackingEvent(models.Model):
    """What the carrier (or the seller) said of a parcel, append-only."""

    id = models.UUIDField(primary_key=True, default=new_id)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="tracking")
    state = models.CharField(max_length=20, choices=ShipmentState)
    note = models.CharField(max_length=200, blank=True, default="")
    occurred_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.state} {self.occurred_at}"


class Slot(models.Model):
    """A bookable time of a service (`sku_id`) with room for `capacity` bookings."""

    id = models.UUIDField(primary_key=True, default=new_id)
    sku_id = models.UUIDField()
    seller_id = models.UUIDField(db_index=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField(default=1)
    booked = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sku_id", "starts_at"], name="slot_once"),
            models.CheckConstraint(
                condition=models.Q(booked__lte=models.F("capacity")), name="never_double_booked"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="slot_has_length"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class Booking(models.Model):
    """A place in a slot for one order line."""

    id = models.UUIDField(primary_key=True, default=new_id)
    cause_id = models.UUIDField(unique=True)
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="bookings")
    quantity = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=9, choices=BookingState, default=BookingState.HELD)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="booking_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.state}"


class DigitalFile(models.Model):
    """The file a digital good consists of, kept in private storage."""

    id = models.UUIDField(primary_key=True, default=new_id)
    sku_id = models.UUIDField(db_index=True)
    seller_id = models.UUIDField()
    name = models.CharField(max_length=120)
    path = models.CharField(max_length=200)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name


class DownloadGrant(models.Model):
    """The right of one order line to download its files, counted and limited in time."""

    id = models.UUIDField(primary_key=True, default=new_id)
    cause_id = models.UUIDField(unique=True)
    sku_id = models.UUIDField()
    downloads_left = models.PositiveSmallIntegerField(default=5)
    granted_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.sku_id}: {self.downloads_left} left"
