"""Stock per location, its movements and reservations; SKUs and order lines are opaque ids."""

from django.db import models

from niaga.flows.goods.states import MovementReason, ReservationState
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
    """How much of a SKU lies at a location, and how much of that is promised.

    A product that many buy at once has several rows a location, one a `bucket`, so that they
    don't wait for one another; everywhere else there is bucket 0 alone. Add them up to show them.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    sku_id = models.UUIDField()
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="levels")
    seller_id = models.UUIDField(db_index=True)
    bucket = models.PositiveSmallIntegerField(default=0)
    on_hand = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sku_id", "location", "bucket"], name="one_level_each"),
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
        SENT = "sent"  # to another location of the seller
        ARRIVED = "arrived"

    id = models.UUIDField(primary_key=True, default=new_id)
    sku_id = models.UUIDField()
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    kind = models.CharField(max_length=8, choices=Kind)
    quantity = models.IntegerField()
    why = models.CharField(max_length=10, choices=MovementReason, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    cause_id = models.UUIDField(null=True)
    moved_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["shipped", "sent"], quantity__lt=0)
                | models.Q(kind__in=["received", "returned", "arrived"], quantity__gt=0)
                | (models.Q(kind="adjusted") & ~models.Q(quantity=0)),
                name="movement_sign_fits_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["sku_id", "location", "moved_at"]),
            models.Index(fields=["location", "moved_at"], name="movements_of_location"),
            models.Index(
                fields=["cause_id"],
                condition=models.Q(cause_id__isnull=False),
                name="movements_by_cause",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"


class Reservation(models.Model):
    """Stock promised to one order line; `expires_at` None means it waits for dispatch."""

    id = models.UUIDField(primary_key=True, default=new_id)
    cause_id = models.UUIDField(db_index=True)
    sku_id = models.UUIDField()
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    bucket = models.PositiveSmallIntegerField(default=0)
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
