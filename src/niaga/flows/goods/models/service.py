"""Bookable times of a service (`sku_id`) and the places taken (`cause_id`, an order line)."""

from django.db import models

from niaga.flows.goods.states import BookingState
from niaga.kernel import clock
from niaga.kernel.ids import new_id


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
