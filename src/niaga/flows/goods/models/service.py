"""Calendars of services (`sku_id`), the times made from them, and the places taken."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models

from niaga.flows.goods.states import BookingState
from niaga.kernel import clock
from niaga.kernel.ids import new_id


class Resource(models.Model):
    """A person or a room that several services of a seller may need, one at a time."""

    id = models.UUIDField(primary_key=True, default=new_id)
    seller_id = models.UUIDField()
    name = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seller_id", "name"], name="resource_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Calendar(models.Model):
    """When a service can be booked: slots are made from it `horizon_days` ahead.

    Times of day are those of `zone`. A slot opens `lead_h` hours before it begins at the latest;
    between two slots lie `buffer_min` minutes. A buyer may move a booking until `change_h` hours
    before it, and cancel it for nothing until `cancel_h` hours before; afterwards the seller keeps
    `late_fee_percent` of the price, or only the seller can cancel (None).
    """

    class Zone(models.TextChoices):
        WIB = "Asia/Jakarta", "WIB (Jakarta)"
        WITA = "Asia/Makassar", "WITA (Makassar)"
        WIT = "Asia/Jayapura", "WIT (Jayapura)"

    id = models.UUIDField(primary_key=True, default=new_id)
    sku_id = models.UUIDField(unique=True)
    seller_id = models.UUIDField(db_index=True)
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, null=True)
    zone = models.CharField(max_length=20, choices=Zone, default=Zone.WIB)
    duration_min = models.PositiveSmallIntegerField(default=60)
    buffer_min = models.PositiveSmallIntegerField(default=0)
    capacity = models.PositiveSmallIntegerField(default=1)
    lead_h = models.PositiveSmallIntegerField(default=2)
    horizon_days = models.PositiveSmallIntegerField(default=28)
    change_h = models.PositiveSmallIntegerField(default=24)
    cancel_h = models.PositiveSmallIntegerField(default=24)
    late_fee_percent = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(duration_min__gt=0, capacity__gt=0), name="calendar_of_something"
            ),
            models.CheckConstraint(
                condition=models.Q(late_fee_percent__isnull=True)
                | models.Q(late_fee_percent__lte=100),
                name="calendar_keeps_at_most_all",
            ),
        ]

    def __str__(self) -> str:
        return f"calendar of {self.sku_id}"


class OpeningRule(models.Model):
    """Opening hours of a calendar on a weekday (0 is Monday)."""

    id = models.UUIDField(primary_key=True, default=new_id)
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="rules")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes__gt=models.F("opens"), weekday__lte=6),
                name="opening_hours_go_forwards",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.opens:%H:%M}-{self.closes:%H:%M}"


class OpeningException(models.Model):
    """A day on which a calendar is closed (no hours), or open at other hours."""

    id = models.UUIDField(primary_key=True, default=new_id)
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="exceptions")
    day = models.DateField()
    opens = models.TimeField(null=True)
    closes = models.TimeField(null=True)
    note = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="exception_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(opens__isnull=True, closes__isnull=True)
                | models.Q(closes__gt=models.F("opens")),
                name="exception_hours_go_forwards",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}"


class BusyRange(models.Func):
    """The span of two instants, the second left out."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Slot(models.Model):
    """A bookable time of a service (`sku_id`) with room for `capacity` bookings.

    A resource is taken until `busy_until` (the end and what lies between two times); the database
    refuses two booked slots that need the same resource at once, whatever their services.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    sku_id = models.UUIDField()
    seller_id = models.UUIDField(db_index=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField(default=1)
    booked = models.PositiveSmallIntegerField(default=0)
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, null=True)
    busy_until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sku_id", "starts_at"], name="slot_once"),
            models.CheckConstraint(
                condition=models.Q(booked__lte=models.F("capacity")), name="never_double_booked"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="slot_has_length"
            ),
            models.CheckConstraint(
                condition=models.Q(busy_until__gte=models.F("ends_at")), name="slot_busy_to_its_end"
            ),
            ExclusionConstraint(
                name="resource_never_double_booked",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    (BusyRange("starts_at", "busy_until"), RangeOperators.OVERLAPS),
                ],
                condition=models.Q(booked__gt=0, resource__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class Booking(models.Model):
    """A place in a slot for one order line; `moves` counts how often it went to another slot.

    `change_h`, `cancel_h` and `late_fee_percent` are the calendar's of the moment it was booked.
    Where its buyer gave it up, `kept_percent` of the price stays with the seller.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    cause_id = models.UUIDField(unique=True)
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="bookings")
    quantity = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=9, choices=BookingState, default=BookingState.HELD)
    created_at = models.DateTimeField(default=clock.now)
    moves = models.PositiveSmallIntegerField(default=0)
    change_h = models.PositiveSmallIntegerField(default=24)
    cancel_h = models.PositiveSmallIntegerField(default=24)
    late_fee_percent = models.PositiveSmallIntegerField(null=True)
    kept_percent = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="booking_of_something"),
            models.CheckConstraint(
                condition=models.Q(kept_percent__isnull=True)
                | models.Q(state="cancelled", kept_percent__lte=100),
                name="only_a_booking_given_up_keeps_a_fee",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.state}"
