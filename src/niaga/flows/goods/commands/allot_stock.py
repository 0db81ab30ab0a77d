"""Buyers wait for stock that is still to come; what arrives goes to the oldest, once."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from niaga.flows.goods.allocation import LevelKey, Pick, Shortage, StockWish, allocate
from niaga.flows.goods.levels import change_reserved, lock_all
from niaga.flows.goods.models import Backorder, Reservation, StockPolicy
from niaga.flows.goods.states import BackorderState
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.plumbing.command import command
from niaga.plumbing.days import today
from niaga.plumbing.writes import insert

# Whoever asks is served in the order of SKUs, as everywhere: no two wait for one another.
_QUEUE_UP = """
    UPDATE goods_stockpolicy p SET waiting = p.waiting + w.units
      FROM (SELECT q.sku_id, x.units FROM goods_stockpolicy q
              JOIN unnest(%s::uuid[], %s::int[]) AS x(sku_id, units) ON x.sku_id = q.sku_id
             ORDER BY q.sku_id FOR UPDATE OF q) w
     WHERE p.sku_id = w.sku_id AND p.when_out <> 'deny'
       AND p.waiting + w.units <= p.most_waiting
    RETURNING p.sku_id, p.when_out, p.lead_days, p.available_date
"""


@dataclass(frozen=True, slots=True)
class Awaited:
    """`quantity` of an order line waits for stock, promised for that day."""

    cause_id: UUID
    sku_id: UUID
    quantity: int
    promised_date: date


def await_stock(shortages: Sequence[Shortage]) -> tuple[Awaited, ...]:
    """Queue up for what is missing, where the seller takes such orders; return what waits."""
    units: dict[UUID, int] = defaultdict(int)
    for shortage in shortages:
        units[shortage.wish.sku_id] += shortage.missing
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE_UP, [sorted(units), [units[sku] for sku in sorted(units)]])
        promised = {row[0]: _promised_date(*row[1:]) for row in cursor.fetchall()}
    awaited = tuple(
        Awaited(s.wish.cause_id, s.wish.sku_id, s.missing, promised[s.wish.sku_id])
        for s in shortages
        if s.wish.sku_id in promised
    )
    insert(
        Backorder(
            id=new_id(),
            cause_id=wait.cause_id,
            sku_id=wait.sku_id,
            quantity=wait.quantity,
            promised_date=wait.promised_date,
            created_at=clock.now(),
        )
        for wait in awaited
    )
    return awaited


def _promised_date(when_out: str, lead_days: int | None, available_date: date | None) -> date:
    if when_out == StockPolicy.WhenOut.PREORDER:
        assert available_date is not None
        return max(available_date, today())
    assert lead_days is not None
    return today() + timedelta(days=lead_days)


def promise(picks: Sequence[Pick], expires_at: datetime | None) -> None:
    """Write down what was chosen of locked levels; two statements."""
    promised: dict[LevelKey, int] = defaultdict(int)
    for pick in picks:
        promised[pick.key] += pick.quantity
    change_reserved(promised)
    insert(
        Reservation(
            id=new_id(),
            cause_id=pick.cause_id,
            sku_id=pick.key[0],
            location_id=pick.key[1],
            bucket=pick.key[2],
            quantity=pick.quantity,
            expires_at=expires_at,
            created_at=clock.now(),
        )
        for pick in picks
    )


@command
def allot_stock(*, sku_ids: tuple[UUID, ...]) -> int:
    """Promise free stock to the buyers who wait for it, oldest first; return how many units.

    A buyer who waits for more than there is gets a part and keeps the place for the rest.
    """
    if not awaited_skus(sku_ids):
        return 0
    free = [level.free for level in lock_all(sku_ids)]
    lock_policies(sku_ids)
    waiting = list(
        Backorder.objects.select_for_update()
        .filter(sku_id__in=sku_ids, state=BackorderState.WAITING)
        .order_by("created_at", "id")
    )
    picks, shortages = allocate([StockWish(b.id, b.sku_id, b.quantity) for b in waiting], free)
    missing = {shortage.wish.cause_id: shortage.missing for shortage in shortages}
    lines = {backorder.id: backorder.cause_id for backorder in waiting}
    promise([Pick(lines[p.cause_id], p.key, p.quantity) for p in picks], None)
    served: dict[UUID, int] = defaultdict(int)
    for backorder in waiting:
        left = missing.get(backorder.id, 0)
        if left < backorder.quantity:
            served[backorder.sku_id] += backorder.quantity - left
            _close(backorder, left)
    _leave_queue(served)
    return sum(served.values())


def _close(backorder: Backorder, left: int) -> None:
    """Mark what was served; what is left keeps its place."""
    if left:
        Backorder.objects.filter(pk=backorder.pk).update(quantity=left)
        backorder.id, backorder.quantity = new_id(), backorder.quantity - left
        backorder.state, backorder.closed_at = BackorderState.ALLOTTED, clock.now()
        insert([backorder])
        return
    Backorder.objects.filter(pk=backorder.pk).update(
        state=BackorderState.ALLOTTED, closed_at=clock.now()
    )


def _leave_queue(units: dict[UUID, int]) -> None:
    for sku_id, quantity in sorted(units.items()):
        StockPolicy.objects.filter(pk=sku_id).update(waiting=F("waiting") - quantity)


def awaited_skus(sku_ids: Sequence[UUID], cause_ids: Sequence[UUID] = ()) -> tuple[UUID, ...]:
    """Return which of the SKUs, and of the lines' SKUs, somebody waits for; one statement."""
    about = Q(sku_id__in=sku_ids) | Q(cause_id__in=cause_ids)
    rows = Backorder.objects.filter(about, state=BackorderState.WAITING)
    return tuple(sorted(set(rows.values_list("sku_id", flat=True))))


def stop_waiting(cause_ids: Sequence[UUID], sku_ids: Sequence[UUID]) -> Counter[UUID]:
    """Take the lines out of the queue; return how often each left it. Their levels are locked."""
    lock_policies(sku_ids)
    rows = list(
        Backorder.objects.select_for_update()
        .filter(cause_id__in=cause_ids, state=BackorderState.WAITING)
        .order_by("id")
    )
    gone: dict[UUID, int] = defaultdict(int)
    for backorder in rows:
        gone[backorder.sku_id] += backorder.quantity
    _leave_queue(gone)
    Backorder.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=BackorderState.CANCELLED, closed_at=clock.now()
    )
    return Counter(row.cause_id for row in rows)


def lock_policies(sku_ids: Sequence[UUID]) -> None:
    """Lock what is decided for the SKUs: after their levels, before their queue."""
    rows = StockPolicy.objects.select_for_update().filter(pk__in=sku_ids)
    list(rows.order_by("pk").values_list("pk"))


def skus_to_allot() -> tuple[UUID, ...]:
    """Return SKUs of which some are free though somebody waits for them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT b.sku_id FROM goods_backorder b WHERE b.state = 'waiting'"
            "   AND EXISTS (SELECT FROM goods_stocklevel s"
            "                WHERE s.sku_id = b.sku_id AND s.on_hand > s.reserved)"
        )
        return tuple(row[0] for row in cursor.fetchall())
