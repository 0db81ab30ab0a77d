"""Stock is promised to order lines, kept for them, or given back; each promise ends once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import connection

from niaga.flows.goods.models import Reservation
from niaga.flows.goods.states import ReservationState
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.insert import insert


@dataclass(eq=False)
class StockExhausted(Refusal):
    """There is not enough of at least one SKU; nothing was reserved.

    `shortages` holds (sku_id, wanted, available).
    """

    code: ClassVar[str] = "stock_exhausted"
    shortages: tuple[tuple[UUID, int, int], ...]


@dataclass(frozen=True, slots=True)
class StockWish:
    """`quantity` of a SKU for the order line `cause_id`."""

    cause_id: UUID
    sku_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class _Free:
    location_id: UUID
    sku_id: UUID
    quantity: int


@command
def reserve_stock(*, wishes: tuple[StockWish, ...], expires_at: datetime | None) -> None:
    """Promise every wish or none; three statements, however many wishes.

    Rows are locked in (SKU, location) order, so that two buyers with the same lines in another
    order cannot deadlock. Call it as late in a transaction as possible: the lock on a hot
    product is then held shortest.

    Raises:
        StockExhausted: some SKU has too little.
    """
    if not wishes:
        return
    picks = _allocate(wishes, _lock_free_stock({wish.sku_id for wish in wishes}))
    promised: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for _, pick in picks:
        promised[pick.sku_id, pick.location_id] += pick.quantity
    change_reserved(promised)
    insert(
        Reservation(
            id=new_id(),
            cause_id=cause_id,
            sku_id=pick.sku_id,
            location_id=pick.location_id,
            quantity=pick.quantity,
            expires_at=expires_at,
            created_at=clock.now(),
        )
        for cause_id, pick in picks
    )


def _lock_free_stock(sku_ids: set[UUID]) -> dict[UUID, list[_Free]]:
    free: dict[UUID, list[tuple[int, _Free]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.sku_id, s.location_id, s.on_hand - s.reserved, l.priority"
            " FROM goods_stocklevel s JOIN goods_location l ON l.id = s.location_id"
            " WHERE s.sku_id = ANY(%s) ORDER BY s.sku_id, s.location_id FOR UPDATE OF s",
            [sorted(sku_ids)],
        )
        rows = cursor.fetchall()
    for sku_id, location_id, quantity, priority in rows:
        free[sku_id].append((priority, _Free(location_id, sku_id, quantity)))
    return {
        sku_id: [level for _, level in sorted(levels, key=lambda pair: pair[0])]
        for sku_id, levels in free.items()
    }


def _allocate(
    wishes: Sequence[StockWish], free: dict[UUID, list[_Free]]
) -> list[tuple[UUID, _Free]]:
    """Choose locations: one that can serve the whole line if there is one, else by priority."""
    left = {(f.sku_id, f.location_id): f.quantity for levels in free.values() for f in levels}
    picks: list[tuple[UUID, _Free]] = []
    shortages = []
    for wish in wishes:
        places = [f.location_id for f in free.get(wish.sku_id, ())]
        available = sum(max(left[wish.sku_id, place], 0) for place in places)
        if available < wish.quantity:
            shortages.append((wish.sku_id, wish.quantity, available))
            continue
        whole = [place for place in places if left[wish.sku_id, place] >= wish.quantity]
        wanted = wish.quantity
        for place in whole[:1] or places:
            take = min(wanted, max(left[wish.sku_id, place], 0))
            if take:
                left[wish.sku_id, place] -= take
                wanted -= take
                picks.append((wish.cause_id, _Free(place, wish.sku_id, take)))
    if shortages:
        raise StockExhausted(tuple(shortages))
    return picks


def change_reserved(changes: dict[tuple[UUID, UUID], int], *, shipped: bool = False) -> None:
    """Add to `reserved` of each (SKU, location), and to `on_hand` too where goods leave."""
    if not changes:
        return
    keys = sorted(changes)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE goods_stocklevel AS s SET reserved = s.reserved + c.change,"
            " on_hand = s.on_hand + CASE WHEN %s THEN c.change ELSE 0 END"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::int[]) AS c(sku_id, location_id, change)"
            " WHERE s.sku_id = c.sku_id AND s.location_id = c.location_id",
            [
                shipped,
                [sku_id for sku_id, _ in keys],
                [location_id for _, location_id in keys],
                [changes[key] for key in keys],
            ],
        )
        assert cursor.rowcount == len(keys), "a stock level vanished"


def lock_levels(keys: Iterable[tuple[UUID, UUID]]) -> None:
    """Lock stock levels in (SKU, location) order before they are changed together."""
    ordered = sorted(set(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM goods_stocklevel s"
            " JOIN unnest(%s::uuid[], %s::uuid[]) AS w(sku_id, location_id)"
            " ON s.sku_id = w.sku_id AND s.location_id = w.location_id"
            " ORDER BY s.sku_id, s.location_id FOR UPDATE OF s",
            [[sku_id for sku_id, _ in ordered], [location_id for _, location_id in ordered]],
        )


@command
def keep_reservations(*, cause_ids: tuple[UUID, ...]) -> None:
    """Take the expiry off open promises: the lines are paid (or agreed) and wait for dispatch."""
    Reservation.objects.filter(cause_id__in=cause_ids, state=ReservationState.OPEN).update(
        expires_at=None
    )


@command
def extend_reservations(*, cause_ids: tuple[UUID, ...], expires_at: datetime) -> None:
    """Keep open promises until another instant: the lines may be paid until then."""
    Reservation.objects.filter(cause_id__in=cause_ids, state=ReservationState.OPEN).update(
        expires_at=expires_at
    )


@command
def release_reservations(*, cause_ids: tuple[UUID, ...]) -> int:
    """Give back what is still promised to the lines; return how many promises ended.

    A promise that ended before is left alone, so calling twice gives back nothing twice.
    """
    ended = list(
        Reservation.objects.select_for_update()
        .filter(cause_id__in=cause_ids, state=ReservationState.OPEN)
        .order_by("id")
    )
    if not ended:
        return 0
    lock_levels((r.sku_id, r.location_id) for r in ended)
    changes: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for reservation in ended:
        changes[reservation.sku_id, reservation.location_id] -= reservation.quantity
    change_reserved(changes)
    Reservation.objects.filter(pk__in=[r.pk for r in ended]).update(
        state=ReservationState.RELEASED, closed_at=clock.now()
    )
    return len(ended)
