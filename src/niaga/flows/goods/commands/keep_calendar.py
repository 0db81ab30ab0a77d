"""A seller's calendar of a service, and the slots that are made from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from niaga.flows.goods.models import (
    Booking,
    Calendar,
    OpeningException,
    OpeningRule,
    Resource,
    Slot,
)
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.plumbing.command import command


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when, in the calendar's zone."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day with other hours than its weekday's; None: closed."""

    day: date
    hours: Hours | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CalendarTerms:
    """What a calendar says; `weekly` holds pairs of weekday (0 is Monday) and hours.

    `resource` names the person or room it needs; empty: none that another service could need.
    """

    zone: str
    duration_min: int
    buffer_min: int
    capacity: int
    lead_h: int
    horizon_days: int
    change_h: int
    weekly: tuple[tuple[int, Hours], ...]
    exceptions: tuple[DayOff, ...] = ()
    resource: str = ""
    cancel_h: int = 24
    late_fee_percent: int | None = None


@command
def keep_calendar(*, seller_id: UUID, sku_id: UUID, terms: CalendarTerms) -> int:
    """Write the calendar of a service and make its slots; return how many slots are new.

    Slots that nobody booked are made anew by what the calendar says now; booked ones stay.
    """
    resource = None
    if terms.resource:
        resource, _ = Resource.objects.get_or_create(seller_id=seller_id, name=terms.resource)
    calendar, _ = Calendar.objects.update_or_create(
        sku_id=sku_id,
        defaults={
            "seller_id": seller_id,
            "resource": resource,
            "zone": terms.zone,
            "duration_min": terms.duration_min,
            "buffer_min": terms.buffer_min,
            "capacity": terms.capacity,
            "lead_h": terms.lead_h,
            "horizon_days": terms.horizon_days,
            "change_h": terms.change_h,
            "cancel_h": terms.cancel_h,
            "late_fee_percent": terms.late_fee_percent,
        },
    )
    calendar.rules.all().delete()
    calendar.exceptions.all().delete()
    OpeningRule.objects.bulk_create(
        OpeningRule(
            id=new_id(), calendar=calendar, weekday=day, opens=hours.opens, closes=hours.closes
        )
        for day, hours in terms.weekly
    )
    OpeningException.objects.bulk_create(
        OpeningException(
            id=new_id(),
            calendar=calendar,
            day=off.day,
            opens=off.hours.opens if off.hours else None,
            closes=off.hours.closes if off.hours else None,
            note=off.note,
        )
        for off in terms.exceptions
    )
    _clear(sku_id)
    return make_slots(calendar_id=calendar.id)


def _clear(sku_id: UUID) -> None:
    """Take away the coming slots that nobody ever booked; who books one now comes first or last."""
    empty = Slot.objects.select_for_update().filter(
        ~Exists(Booking.objects.filter(slot=OuterRef("pk"))),
        sku_id=sku_id,
        booked=0,
        starts_at__gt=clock.now(),
    )
    Slot.objects.filter(pk__in=[slot.pk for slot in empty.order_by("pk")]).delete()


@command
def make_slots(*, calendar_id: UUID) -> int:
    """Make the slots a calendar lacks from now to its horizon; return how many are new.

    A time that would overlap a slot of the service that is there already is left out.
    """
    calendar = Calendar.objects.select_for_update().get(pk=calendar_id)
    zone = ZoneInfo(calendar.zone)
    today = clock.now().astimezone(zone).date()
    last = today + timedelta(days=calendar.horizon_days)
    there = list(
        Slot.objects.filter(sku_id=calendar.sku_id, busy_until__gt=clock.now()).values_list(
            "starts_at", "busy_until"
        )
    )
    length = timedelta(minutes=calendar.duration_min)
    buffer = timedelta(minutes=calendar.buffer_min)
    fresh = [
        Slot(
            id=new_id(),
            sku_id=calendar.sku_id,
            seller_id=calendar.seller_id,
            starts_at=starts,
            ends_at=starts + length,
            busy_until=starts + length + buffer,
            capacity=calendar.capacity,
            resource_id=calendar.resource_id,
        )
        for starts in _starts(calendar, today, last)
        if not any(a < starts + length + buffer and starts < b for a, b in there)
    ]
    Slot.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def _starts(calendar: Calendar, first: date, last: date) -> Iterator[datetime]:
    """Yield the instants at which slots begin, none sooner than the calendar's lead."""
    zone = ZoneInfo(calendar.zone)
    weekly: dict[int, list[Hours]] = {}
    for rule in calendar.rules.order_by("weekday", "opens"):
        weekly.setdefault(rule.weekday, []).append(Hours(rule.opens, rule.closes))
    other = {
        off.day: [Hours(off.opens, off.closes)] if off.opens and off.closes else []
        for off in calendar.exceptions.filter(day__range=(first, last))
    }
    soonest = clock.now() + timedelta(hours=calendar.lead_h)
    length = timedelta(minutes=calendar.duration_min)
    step = length + timedelta(minutes=calendar.buffer_min)
    day = first
    while day <= last:
        for hours in other.get(day, weekly.get(day.weekday(), [])):
            at = datetime.combine(day, hours.opens, zone)
            while at + length <= datetime.combine(day, hours.closes, zone):
                if at >= soonest:
                    yield at
                at += step
        day += timedelta(days=1)


def calendars_to_extend() -> tuple[UUID, ...]:
    """Return every calendar: each night a day comes into its horizon."""
    return tuple(Calendar.objects.order_by("pk").values_list("pk", flat=True))
