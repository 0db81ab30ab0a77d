"""A small bar chart, measured here because the pages' policy allows no inline style."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from niaga.kernel.money import Money
from niaga.stages.ordering.seller_queries import DaySales

HEIGHT = 100
STEP = 24
WIDTH = 16


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in the drawing's units, `y` from the top."""

    x: int
    y: int
    width: int
    height: int
    day: date
    orders: int
    total: Money


def day_bars(sales: Sequence[DaySales]) -> tuple[Bar, ...]:
    """Return a bar a day; the best day has the full height, a sale is never invisible."""
    most = max((day.total.minor for day in sales), default=0)
    bars = []
    for n, day in enumerate(sales):
        height = max(3, day.total.minor * HEIGHT // most) if day.total else 1
        x = n * STEP + (STEP - WIDTH) // 2
        bars.append(Bar(x, HEIGHT - height, WIDTH, height, day.day, day.orders, day.total))
    return tuple(bars)
