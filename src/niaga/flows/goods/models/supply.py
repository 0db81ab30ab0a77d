"""What a seller decides about stock: which location ships, what happens when none is left."""

from django.db import models

from niaga.flows.goods.states import BackorderState
from niaga.kernel import clock
from niaga.kernel.ids import new_id


class SourcingRule(models.Model):
    """Which of a seller's locations ships; without a row: by priority, in one parcel."""

    class Order(models.TextChoices):
        PRIORITY = "priority"
        NEAREST = "nearest"

    seller_id = models.UUIDField(primary_key=True)
    order = models.CharField(max_length=8, choices=Order, default=Order.PRIORITY)
    one_parcel = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.order


class StockPolicy(models.Model):
    """What is decided for one SKU; without a row: sold out is sold out, nobody is warned.

    `waiting` units are promised to buyers from stock that is still to come, `most_waiting` at
    most. `alert_at` is the number of free units at which the seller is warned; `low` says that
    the warning was given and holds. `always_hot` keeps the SKU in buckets.
    """

    class WhenOut(models.TextChoices):
        DENY = "deny"
        BACKORDER = "backorder"
        PREORDER = "preorder"

    sku_id = models.UUIDField(primary_key=True)
    seller_id = models.UUIDField(db_index=True)
    when_out = models.CharField(max_length=9, choices=WhenOut, default=WhenOut.DENY)
    most_waiting = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    lead_days = models.PositiveSmallIntegerField(null=True)
    available_date = models.DateField(null=True)
    alert_at = models.PositiveIntegerField(null=True)
    low = models.BooleanField(default=False)
    always_hot = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "stock policies"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(when_out="backorder") | models.Q(lead_days__isnull=False),
                name="backorder_tells_how_long",
            ),
            models.CheckConstraint(
                condition=~models.Q(when_out="preorder") | models.Q(available_date__isnull=False),
                name="preorder_tells_from_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku_id}: {self.when_out}"


class Backorder(models.Model):
    """Units of an order line (`cause_id`) that wait for stock; the oldest are served first."""

    id = models.UUIDField(primary_key=True, default=new_id)
    cause_id = models.UUIDField(db_index=True)
    sku_id = models.UUIDField()
    quantity = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=BackorderState, default=BackorderState.WAITING)
    promised_date = models.DateField()
    created_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="backorder_of_something"
            ),
            models.CheckConstraint(
                condition=models.Q(state="waiting") ^ models.Q(closed_at__isnull=False),
                name="closed_backorder_has_instant",
            ),
        ]
        indexes = [
            models.Index(
                fields=["sku_id", "created_at", "id"],
                condition=models.Q(state="waiting"),
                name="backorder_queue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku_id} {self.state}"
