"""How a seller delivers, and the parcels of an order (`cause_id`)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from niaga.flows.goods.models.stock import Location
from niaga.flows.goods.states import ShipmentState
from niaga.kernel import clock
from niaga.kernel.ids import new_id


class DeliveryService(models.Model):
    """A way in which a seller delivers: flat price, weight by zone, its own courier, or pick-up."""

    class Kind(models.TextChoices):
        FLAT = "flat"
        ZONE = "zone"
        OWN = "own"
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
    """One parcel of an order (`cause_id`), from one location.

    `sscc` names the parcel for every scanner on its way; `heard_at` is the instant of the latest
    word that moved it. A parcel that is fetched has a `pickup_code`, which its buyer shows;
    `pickup_tries` counts wrong ones.
    """

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
    sscc = models.CharField(max_length=18, unique=True, null=True)  # noqa: DJ001 - unique or none
    weight_g = models.PositiveIntegerField(default=0)
    heard_at = models.DateTimeField(null=True)
    pickup_code = models.CharField(max_length=6, blank=True, default="")
    pickup_tries = models.PositiveSmallIntegerField(default=0)

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
    """What the carrier (or the seller) said of a parcel, append-only.

    `external_id` is the sender's own name for the word: told twice, it is written once. `moved`
    says whether the parcel followed; a word that came too late is kept but moves nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="tracking")
    state = models.CharField(max_length=20, choices=ShipmentState)
    note = models.CharField(max_length=200, blank=True, default="")
    occurred_at = models.DateTimeField(default=clock.now)
    place = models.CharField(max_length=80, blank=True, default="")
    external_id = models.CharField(max_length=100, null=True)  # noqa: DJ001 - unique or none
    moved = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "external_id"], name="word_once_a_parcel"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.occurred_at}"


class CompanyPrefix(models.Model):
    """A seller's own GS1 company prefix, which numbers its parcels."""

    seller_id = models.UUIDField(primary_key=True)
    prefix = models.CharField(max_length=12)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(prefix__regex=r"^\d{4,12}$"), name="company_prefix_of_digits"
            ),
        ]

    def __str__(self) -> str:
        return self.prefix


class TrackingSender(models.Model):
    """Who may tell of a seller's parcels by messages signed with the `sealed` secret."""

    seller_id = models.UUIDField(primary_key=True)
    sealed = models.CharField(max_length=300)
    made_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"sender of {self.seller_id}"
