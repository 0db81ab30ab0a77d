"""Days of the market's time zone, by the clock that the whole house goes by."""

from datetime import date, datetime, time

from django.utils.timezone import get_default_timezone, localdate

from niaga.kernel import clock


def today() -> date:
    """Return the day that it is in the market."""
    return localdate(clock.now())


def midnight(day: date) -> datetime:
    """Return the instant at which `day` begins in the market."""
    return datetime.combine(day, time(), get_default_timezone())
