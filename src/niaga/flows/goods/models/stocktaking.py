"""Stock on its way between locations, and sheets on which stock is counted."""

from django.db import models

from niaga.flows.goods.models.stock import Location
from niaga.flows.goods.states import CountState, MovementReason, TransferState
from niaga.kernel import clock
from niaga.kernel.ids import new_id


class StockTransfer(models.Model):
    """Units of a SKU that left one location and arrive at another: two movements of one cause."""

    id = models.UUIDField(primary_key=True, default=new_id)
    seller_id = models.UUIDField()
    sku_id = models.UUIDField()
    origin = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    destination = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=TransferState, default=TransferState.IN_TRANSIT)
    note = models.CharField(max_length=200, blank=True, default="")
    sent_at = models.DateTimeField(default=clock.now)
    arrived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="transfer_of_something"
            ),
            models.CheckConstraint(
                condition=~models.Q(origin=models.F("destination")), name="transfer_goes_elsewhere"
            ),
            models.CheckConstraint(
                condition=models.Q(state="in_transit") ^ models.Q(arrived_at__isnull=False),
                name="arrived_transfer_has_instant",
            ),
        ]
        indexes = [models.Index(fields=["seller_id", "sent_at"], name="transfers_of_seller")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku_id} {self.state}"


class StockCount(models.Model):
    """A sheet for counting what lies at a location; one open sheet a location."""

    id = models.UUIDField(primary_key=True, default=new_id)
    seller_id = models.UUIDField()
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=CountState, default=CountState.OPEN)
    started_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["location"], condition=models.Q(state="open"), name="one_open_count"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open") ^ models.Q(closed_at__isnull=False),
                name="closed_count_has_instant",
            ),
        ]
        indexes = [models.Index(fields=["seller_id", "started_at"], name="counts_of_seller")]

    def __str__(self) -> str:
        return f"{self.location_id} {self.started_at}"


class StockCountLine(models.Model):
    """A SKU on the sheet. `expected` is what the books said at the instant it was counted."""

    id = models.UUIDField(primary_key=True, default=new_id)
    count = models.ForeignKey(StockCount, on_delete=models.CASCADE, related_name="lines")
    sku_id = models.UUIDField()
    expected = models.PositiveIntegerField(null=True)
    counted = models.PositiveIntegerField(null=True)
    why = models.CharField(max_length=10, choices=MovementReason, default=MovementReason.COUNT)
    note = models.CharField(max_length=200, blank=True, default="")
    counted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["count", "sku_id"], name="sku_once_a_count"),
            models.CheckConstraint(
                condition=models.Q(
                    counted__isnull=True, expected__isnull=True, counted_at__isnull=True
                )
                | models.Q(counted__isnull=False, expected__isnull=False, counted_at__isnull=False),
                name="counted_line_has_both_figures",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku_id}: {self.counted}"
