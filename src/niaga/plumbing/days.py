"""Days of the market's time zone, by the clock that the whole house goes by; no settings needed."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from niaga.kernel import clock

MARKET_TIME = ZoneInfo("Asia/Jakarta")


def today() -> date:
    """Return the day that it is in the market."""
    return clock.now().astimezone(MARKET_TIME).date()


def midnight(day: date) -> datetime:
    """Return the instant at which `day` begins in the market."""
    return datetime.combine(day, time(), MARKET_TIME)


def year_of(instant: datetime) -> int:
    """Return the (tax) year that an instant lies in, by the market's days."""
    return instant.astimezone(MARKET_TIME).year
