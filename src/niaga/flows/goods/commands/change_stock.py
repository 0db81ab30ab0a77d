"""Stock comes in or is corrected; every change leaves a movement."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db import connection

from niaga.flows.goods.events import StockChanged
from niaga.flows.goods.models import Location, StockMovement
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record


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


@command
def receive_stock(
    *, actor: Actor, seller_id: UUID, sku_id: UUID, location_id: UUID, quantity: int, reason: str
) -> int:
    """Add `quantity` (> 0) of a SKU at a location; return what is on hand now.

    Raises:
        LocationUnknown: the location is not the seller's.
    """
    assert quantity > 0, "received quantities are positive"
    return _move(actor, seller_id, sku_id, location_id, quantity, "received", reason)


@command
def adjust_stock(
    *, actor: Actor, seller_id: UUID, sku_id: UUID, location_id: UUID, on_hand: int, reason: str
) -> int:
    """Set what is on hand after a count (>= 0); the difference becomes a movement.

    Raises:
        LocationUnknown: the location is not the seller's.
        StockBelowReserved: open orders are promised more than `on_hand`.
    """
    _ensure_level(seller_id, sku_id, location_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT on_hand, reserved FROM goods_stocklevel "
            "WHERE sku_id = %s AND location_id = %s FOR UPDATE",
            [sku_id, location_id],
        )
        row = cursor.fetchone()
    assert row is not None
    before, reserved = row
    if on_hand < reserved:
        raise StockBelowReserved(on_hand=on_hand, reserved=reserved)
    if on_hand == before:
        return on_hand
    return _move(actor, seller_id, sku_id, location_id, on_hand - before, "adjusted", reason)


def _ensure_level(seller_id: UUID, sku_id: UUID, location_id: UUID) -> None:
    if not Location.objects.filter(pk=location_id, seller_id=seller_id).exists():
        raise LocationUnknown(location_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO goods_stocklevel (id, sku_id, location_id, seller_id, on_hand, reserved)"
            " VALUES (%s, %s, %s, %s, 0, 0) ON CONFLICT (sku_id, location_id) DO NOTHING",
            [new_id(), sku_id, location_id, seller_id],
        )


def _move(
    actor: Actor,
    seller_id: UUID,
    sku_id: UUID,
    location_id: UUID,
    change: int,
    kind: str,
    reason: str,
) -> int:
    _ensure_level(seller_id, sku_id, location_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE goods_stocklevel SET on_hand = on_hand + %s "
            "WHERE sku_id = %s AND location_id = %s RETURNING on_hand",
            [change, sku_id, location_id],
        )
        row = cursor.fetchone()
    assert row is not None
    StockMovement.objects.create(
        id=new_id(),
        sku_id=sku_id,
        location_id=location_id,
        kind=kind,
        quantity=change,
        reason=reason,
    )
    record(
        StockChanged(subject_id=sku_id, seller_id=seller_id, change=change, on_hand=row[0]),
        actor=actor,
    )
    return int(row[0])
