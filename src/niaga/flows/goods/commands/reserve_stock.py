"""Stock is promised to order lines, kept for them, or given back; each promise ends once."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from niaga.flows.goods.allocation import LevelKey, StockWish, allocate
from niaga.flows.goods.commands.allot_stock import (
    Awaited,
    allot_stock,
    await_stock,
    awaited_skus,
    promise,
    stop_waiting,
)
from niaga.flows.goods.levels import (
    change_reserved,
    is_all,
    lock_all,
    lock_levels,
    lock_reservable,
)
from niaga.flows.goods.models import Reservation
from niaga.flows.goods.states import ReservationState
from niaga.kernel import clock
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import BeginAnew, command, is_begun_anew
from niaga.plumbing.writes import Write, later


@dataclass(eq=False)
class StockExhausted(Refusal):
    """There is not enough of at least one SKU; nothing was reserved.

    `shortages` holds (sku_id, wanted, available).
    """

    code: ClassVar[str] = "stock_exhausted"
    shortages: tuple[tuple[UUID, int, int], ...]


@command
def reserve_stock(
    *, wishes: tuple[StockWish, ...], expires_at: datetime | None, province: str = ""
) -> tuple[Awaited, ...]:
    """Promise every wish or none; two statements, however many wishes.

    What it says is sold out was sold out: where more may lie in buckets that others held in this
    moment, the command is begun anew and waits for them.

    Where a seller takes orders for stock that is still to come, what is missing waits for it and
    is returned; that costs two statements more. `province` is the buyer's, for sellers who ship
    from the nearest location. Call it as late in a transaction as possible: the lock on a hot
    product is then held shortest.

    Raises:
        StockExhausted: some SKU has too little.
    """
    if not wishes:
        return ()
    levels = lock_reservable(wishes, province)
    picks, shortages = allocate(wishes, levels)
    short = {shortage.wish.sku_id for shortage in shortages}
    if short and not is_begun_anew() and not is_all(levels, short):
        raise BeginAnew
    awaited = await_stock(shortages) if shortages else ()
    if len(awaited) < len(shortages):
        raise StockExhausted(
            tuple((s.wish.sku_id, s.wish.quantity, s.available) for s in shortages)
        )
    promise(picks, expires_at)
    return awaited


@command
def keep_reservations(*, cause_ids: tuple[UUID, ...]) -> None:
    """Take the expiry off open promises: the lines are paid (or agreed) and wait for dispatch."""
    later(Write(_KEEP, [list(cause_ids)], changes="goods_reservation"))


_KEEP = """
    UPDATE goods_reservation SET expires_at = NULL WHERE cause_id = ANY(%s) AND state = 'open'
"""


@command
def extend_reservations(*, cause_ids: tuple[UUID, ...], expires_at: datetime) -> None:
    """Keep open promises until another instant: the lines may be paid until then."""
    Reservation.objects.filter(cause_id__in=cause_ids, state=ReservationState.OPEN).update(
        expires_at=expires_at
    )


@command
def release_reservations(*, cause_ids: tuple[UUID, ...]) -> Counter[UUID]:
    """Give back what is still promised to the lines; return how many promises of each ended.

    A promise that ended before is left alone, so calling twice gives back nothing twice. What
    comes free goes to the buyers who wait for it.
    """
    ended = list(
        Reservation.objects.select_for_update()
        .filter(cause_id__in=cause_ids, state=ReservationState.OPEN)
        .order_by("id")
    )
    released = Counter(r.cause_id for r in ended)
    keys = [(r.sku_id, r.location_id, r.bucket) for r in ended]
    awaited = awaited_skus([r.sku_id for r in ended], cause_ids)
    if awaited:
        lock_all({*awaited, *(r.sku_id for r in ended)})
    elif not ended:
        return released
    else:
        lock_levels(keys)
    changes: dict[LevelKey, int] = defaultdict(int)
    for key, reservation in zip(keys, ended, strict=True):
        changes[key] -= reservation.quantity
    change_reserved(changes)
    Reservation.objects.filter(pk__in=[r.pk for r in ended]).update(
        state=ReservationState.RELEASED, closed_at=clock.now()
    )
    if awaited:
        released += stop_waiting(cause_ids, awaited)
        allot_stock(sku_ids=awaited)
    return released
