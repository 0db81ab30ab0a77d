"""Stock comes in or is corrected; every change leaves a movement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db import connection

from niaga.flows.goods.commands.allot_stock import allot_stock
from niaga.flows.goods.events import StockChanged
from niaga.flows.goods.levels import lock_all
from niaga.flows.goods.models import Location, StockMovement
from niaga.flows.goods.states import MovementReason
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.plumbing.writes import insert


@dataclass(eq=False)
class StockBelowReserved(Refusal):
    """The correction would leave less than is promised to open orders."""

    code: ClassVar[str] = "stock_below_reserved"
    on_hand: int
    reserved: int


@dataclass(eq=False)
class LocationUnknown(Refusal):
    """The location is not the seller's."""

    code: ClassVar[str] = "location_unknown"
    location_id: UUID


@dataclass(frozen=True, slots=True)
class StockNow:
    """What is on hand of a SKU at a location after a change."""

    on_hand: int


@command
def receive_stock(
    *,
    actor: Actor,
    seller_id: UUID,
    sku_id: UUID,
    location_id: UUID,
    quantity: int,
    reason: str,
    why: str = MovementReason.PURCHASE,
) -> StockNow:
    """Add `quantity` (> 0) of a SKU at a location; buyers who wait for it are served first.

    `why` is a MovementReason, `reason` the seller's own words.

    Raises:
        LocationUnknown: the location is not the seller's.
    """
    assert quantity > 0, "received quantities are positive"
    level = Level(seller_id, sku_id, location_id)
    now = move_stock(actor, level, quantity, Movement("received", why, reason))
    allot_stock(sku_ids=(sku_id,))
    return now


@command
def adjust_stock(
    *,
    actor: Actor,
    seller_id: UUID,
    sku_id: UUID,
    location_id: UUID,
    on_hand: int,
    reason: str,
    why: str = MovementReason.COUNT,
) -> StockNow:
    """Set what is on hand after a count (>= 0); the difference becomes a movement.

    Raises:
        LocationUnknown: the location is not the seller's.
        StockBelowReserved: open orders are promised more than `on_hand`.
    """
    level = Level(seller_id, sku_id, location_id)
    before = sum(held for _, held, _ in lock_buckets(level))
    if on_hand == before:
        return StockNow(on_hand)
    now = move_stock(actor, level, on_hand - before, Movement("adjusted", why, reason))
    allot_stock(sku_ids=(sku_id,))
    return now


@command
def return_stock(
    *,
    actor: Actor,
    seller_id: UUID,
    sku_id: UUID,
    location_id: UUID,
    quantity: int,
    return_id: UUID,
    reason: str,
) -> StockNow:
    """Put `quantity` (> 0) of a SKU that a buyer sent back into stock again.

    Raises:
        LocationUnknown: the location is not the seller's.
    """
    assert quantity > 0, "returned quantities are positive"
    level = Level(seller_id, sku_id, location_id)
    now = move_stock(actor, level, quantity, Movement("returned", "", reason, return_id))
    allot_stock(sku_ids=(sku_id,))
    return now


@dataclass(frozen=True, slots=True)
class Level:
    """A seller's SKU at a location."""

    seller_id: UUID
    sku_id: UUID
    location_id: UUID


@dataclass(frozen=True, slots=True)
class Movement:
    """What kind of movement it is, why (a MovementReason), in whose words, and of what."""

    kind: str
    why: str
    reason: str
    cause_id: UUID | None = None


def lock_buckets(level: Level) -> list[tuple[int, int, int]]:
    """Lock the level, made where it is missing; return (bucket, on hand, reserved) of each.

    The SKU's other locations are locked, too: what comes in may be allotted from any of them.

    Raises:
        LocationUnknown: the location is not the seller's.
    """
    if not Location.objects.filter(pk=level.location_id, seller_id=level.seller_id).exists():
        raise LocationUnknown(level.location_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO goods_stocklevel"
            " (id, sku_id, location_id, seller_id, bucket, on_hand, reserved)"
            " VALUES (%s, %s, %s, %s, 0, 0, 0)"
            " ON CONFLICT (sku_id, location_id, bucket) DO NOTHING",
            [new_id(), level.sku_id, level.location_id, level.seller_id],
        )
    held = [at for at in lock_all([level.sku_id]) if at.key[1] == level.location_id]
    return [(at.key[2], at.on_hand, at.reserved) for at in held]


def move_stock(actor: Actor, level: Level, change: int, movement: Movement) -> StockNow:
    """Change what is on hand by one movement; `allot_stock` is the caller's next step.

    Raises:
        LocationUnknown: the location is not the seller's.
        StockBelowReserved: open orders are promised more than would be left.
    """
    buckets = lock_buckets(level)
    on_hand = sum(held for _, held, _ in buckets) + change
    reserved = sum(promised for _, _, promised in buckets)
    if on_hand < reserved:
        raise StockBelowReserved(on_hand=on_hand, reserved=reserved)
    _write_buckets(level, spread(buckets, change))
    insert(
        [
            StockMovement(
                id=new_id(),
                sku_id=level.sku_id,
                location_id=level.location_id,
                kind=movement.kind,
                quantity=change,
                why=movement.why,
                reason=movement.reason,
                cause_id=movement.cause_id,
                moved_at=clock.now(),
            )
        ]
    )
    record(
        StockChanged(
            subject_id=level.sku_id, seller_id=level.seller_id, change=change, on_hand=on_hand
        ),
        actor=actor,
    )
    return StockNow(on_hand)


def spread(buckets: Sequence[tuple[int, int, int]], change: int) -> dict[int, int]:
    """Return what each bucket gets (or loses, down to what it has promised) of a change.

    What comes in levels the buckets out as far as it goes; what goes out is taken from the fullest.
    A product that is hot keeps bucket 0 for promises made before it was.
    """
    free = {bucket: held - promised for bucket, held, promised in buckets}
    open_to_more = [bucket for bucket in free if bucket] or [0]
    changes: dict[int, int] = {}
    if change > 0:
        level = _water_level([free[bucket] for bucket in open_to_more], change)
        for bucket in sorted(open_to_more, key=lambda b: free[b]):
            gets = min(change, max(level - free[bucket], 0))
            changes[bucket] = gets
            change -= gets
        changes[open_to_more[0]] += change
        return changes
    for bucket in sorted(free, key=lambda b: -free[b]):
        takes = min(-change, free[bucket])
        changes[bucket] = -takes
        change += takes
    assert not change, "more goes out than is free"
    return changes


def _water_level(free: Sequence[int], quantity: int) -> int:
    """Return the height to which `quantity` fills the lowest buckets, rounded down."""
    ordered = sorted(free)
    for filled in range(len(ordered), 0, -1):
        level = (sum(ordered[:filled]) + quantity) // filled
        if level >= ordered[filled - 1]:
            return level
    return ordered[0] + quantity


def _write_buckets(level: Level, changes: dict[int, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE goods_stocklevel s SET on_hand = s.on_hand + c.change"
            " FROM unnest(%s::int[], %s::int[]) AS c(bucket, change)"
            " WHERE s.sku_id = %s AND s.location_id = %s AND s.bucket = c.bucket"
            "   AND c.change <> 0",
            [list(changes), list(changes.values()), level.sku_id, level.location_id],
        )
