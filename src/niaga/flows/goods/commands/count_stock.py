"""A seller counts a location: a sheet is opened, filled in bit by bit, and booked once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db.models import Sum

from niaga.flows.goods.commands.allot_stock import allot_stock
from niaga.flows.goods.commands.change_stock import (
    Level,
    LocationUnknown,
    Movement,
    move_stock,
)
from niaga.flows.goods.levels import lock_all
from niaga.flows.goods.models import Location, StockCount, StockCountLine, StockLevel
from niaga.flows.goods.states import COUNT_TRANSITIONS, CountState, MovementReason
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.states import TransitionRefused, advance
from niaga.plumbing.writes import insert


@dataclass(eq=False)
class CountUnknown(Refusal):
    """The seller has no such count."""

    code: ClassVar[str] = "count_unknown"
    count_id: UUID


@dataclass(eq=False)
class NothingCounted(Refusal):
    """The sheet is empty: there is nothing to book."""

    code: ClassVar[str] = "nothing_counted"


@dataclass(frozen=True, slots=True)
class OpenCount:
    """A sheet that is being filled in."""

    count_id: UUID


@dataclass(frozen=True, slots=True)
class BookedCount:
    """What a booked sheet came to: SKUs counted, how many differed, units more and fewer."""

    counted: int
    different: int
    more: int
    fewer: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted of a SKU, and why it may differ (a MovementReason)."""

    counted: int
    why: str = MovementReason.COUNT
    note: str = ""


@command
def start_count(*, actor: Actor, seller_id: UUID, location_id: UUID) -> OpenCount:
    """Open a sheet with everything the location ever had; an open one is gone on with.

    Raises:
        LocationUnknown: the location is not the seller's.
    """
    assert actor.role in ("seller", "operator", "system")
    mine = Location.objects.select_for_update().filter(pk=location_id, seller_id=seller_id)
    if mine.first() is None:
        raise LocationUnknown(location_id)
    running = StockCount.objects.filter(location_id=location_id, state=CountState.OPEN).first()
    if running is not None:
        return OpenCount(running.id)
    sheet = StockCount(
        id=new_id(), seller_id=seller_id, location_id=location_id, started_at=clock.now()
    )
    insert([sheet])
    skus = StockLevel.objects.filter(location_id=location_id).order_by("sku_id")
    insert(
        StockCountLine(id=new_id(), count=sheet, sku_id=sku_id)
        for sku_id in skus.values_list("sku_id", flat=True).distinct()
    )
    return OpenCount(sheet.id)


@command
def write_count(
    *, actor: Actor, seller_id: UUID, count_id: UUID, tallies: Mapping[UUID, Tally]
) -> OpenCount:
    """Write down what was counted (SKU -> Tally); what the books say now stands beside it.

    Selling goes on meanwhile: the difference is what counts, and that is fixed here.

    Raises:
        CountUnknown: the seller has no such count.
        TransitionRefused: it is booked or abandoned.
    """
    assert actor.role in ("seller", "operator", "system")
    sheet = _lock_open(seller_id, count_id)
    levels = StockLevel.objects.filter(location_id=sheet.location_id, sku_id__in=tallies)
    held = dict(levels.values("sku_id").annotate(n=Sum("on_hand")).values_list("sku_id", "n"))
    lines = list(sheet.lines.filter(sku_id__in=tallies))
    for line in lines:
        tally = tallies[line.sku_id]
        line.note, line.why = tally.note[:200], tally.why
        if line.counted != tally.counted:
            line.counted, line.counted_at = tally.counted, clock.now()
            line.expected = held.get(line.sku_id, 0)
    StockCountLine.objects.bulk_update(lines, ["counted", "expected", "counted_at", "why", "note"])
    return OpenCount(count_id)


@command
def book_count(*, actor: Actor, seller_id: UUID, count_id: UUID) -> BookedCount:
    """Book the differences of what was counted as movements; what was not counted stays.

    Raises:
        CountUnknown: the seller has no such count.
        NothingCounted: no line has a figure.
        TransitionRefused: it is booked or abandoned.
        StockBelowReserved: a difference would take away what is promised; nothing is booked.
    """
    sheet = _lock_open(seller_id, count_id)
    lines = list(sheet.lines.filter(counted__isnull=False).order_by("sku_id"))
    if not lines:
        raise NothingCounted
    changed = [line for line in lines if line.counted != line.expected]
    sku_ids = tuple(line.sku_id for line in changed)
    lock_all(sku_ids)
    more = fewer = 0
    for line in changed:
        assert line.counted is not None
        assert line.expected is not None
        change = line.counted - line.expected
        level = Level(seller_id, line.sku_id, sheet.location_id)
        move_stock(actor, level, change, Movement("adjusted", line.why, line.note, count_id))
        more, fewer = more + max(change, 0), fewer + max(-change, 0)
    _close(count_id, CountState.BOOKED)
    allot_stock(sku_ids=sku_ids)
    return BookedCount(len(lines), len(changed), more, fewer)


@command
def abandon_count(*, actor: Actor, seller_id: UUID, count_id: UUID) -> OpenCount:
    """Put a sheet away; nothing is booked.

    Raises:
        CountUnknown: the seller has no such count.
        TransitionRefused: it is booked or abandoned.
    """
    assert actor.role in ("seller", "operator", "system")
    _lock_open(seller_id, count_id)
    _close(count_id, CountState.ABANDONED)
    return OpenCount(count_id)


def _lock_open(seller_id: UUID, count_id: UUID) -> StockCount:
    mine = StockCount.objects.select_for_update().filter(pk=count_id, seller_id=seller_id)
    sheet = mine.first()
    if sheet is None:
        raise CountUnknown(count_id)
    if sheet.state != CountState.OPEN:
        raise TransitionRefused("count", CountState.BOOKED)
    return sheet


def _close(count_id: UUID, state: CountState) -> None:
    advance(StockCount, pk=count_id, to=state, transitions=COUNT_TRANSITIONS, closed_at=clock.now())
