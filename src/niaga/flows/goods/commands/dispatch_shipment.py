"""A parcel leaves: promises are consumed, stock goes out, the shipment begins its way."""

from collections import defaultdict
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.goods.allocation import LevelKey, StockWish
from niaga.flows.goods.levels import change_reserved, lock_levels
from niaga.flows.goods.models import (
    Reservation,
    Shipment,
    ShipmentLine,
    StockMovement,
    TrackingEvent,
)
from niaga.flows.goods.sscc import next_sscc
from niaga.flows.goods.states import ReservationState, ShipmentState
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command


@dataclass(eq=False)
class NothingReserved(Refusal):
    """A line has less promised to it than the parcel should hold."""

    code: ClassVar[str] = "nothing_reserved"
    cause_id: UUID
    wanted: int
    reserved: int


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """Who carries a parcel under which number, how heavy it is (g), where its way begins.

    A parcel that its buyer fetches has the code that the buyer shows.
    """

    carrier: str
    tracking_number: str = ""
    weight_g: int = 0
    state: ShipmentState = ShipmentState.IN_TRANSIT
    pickup_code: str = ""


@command
def dispatch_shipment(
    *, cause_id: UUID, seller_id: UUID, facts: ParcelFacts, lines: tuple[StockWish, ...]
) -> UUID:
    """Ship `lines` of the order `cause_id` in one parcel with an SSCC; return the shipment's id.

    A promise that is only partly shipped is split, so the rest stays promised.

    Raises:
        NothingReserved: a line has too little reserved.
    """
    taken = _consume(lines)
    shipment = Shipment.objects.create(
        id=new_id(),
        cause_id=cause_id,
        seller_id=seller_id,
        location_id=taken[0].location_id,
        carrier=facts.carrier,
        tracking_number=facts.tracking_number,
        state=facts.state,
        dispatched_at=clock.now(),
        created_at=clock.now(),
        heard_at=clock.now(),
        weight_g=facts.weight_g,
        pickup_code=facts.pickup_code,
        sscc=next_sscc(seller_id),
    )
    ShipmentLine.objects.bulk_create(
        ShipmentLine(
            id=new_id(),
            shipment=shipment,
            cause_id=line.cause_id,
            sku_id=line.sku_id,
            quantity=line.quantity,
        )
        for line in lines
    )
    StockMovement.objects.bulk_create(
        StockMovement(
            id=new_id(),
            sku_id=part.sku_id,
            location_id=part.location_id,
            kind=StockMovement.Kind.SHIPPED,
            quantity=-part.quantity,
            cause_id=shipment.id,
            moved_at=clock.now(),
        )
        for part in taken
    )
    TrackingEvent.objects.create(
        id=new_id(), shipment=shipment, state=facts.state, occurred_at=clock.now()
    )
    return shipment.id


def _consume(lines: tuple[StockWish, ...]) -> list[Reservation]:
    """Consume the lines' promises and let the stock go out; return the consumed parts."""
    assert lines, "a parcel holds something"
    by_cause: dict[UUID, list[Reservation]] = defaultdict(list)
    for reservation in (
        Reservation.objects.select_for_update()
        .filter(cause_id__in=[line.cause_id for line in lines], state=ReservationState.OPEN)
        .order_by("id")
    ):
        by_cause[reservation.cause_id].append(reservation)
    consumed: list[Reservation] = []
    remainders: list[Reservation] = []
    for line in lines:
        wanted = line.quantity
        for promise in by_cause[line.cause_id]:
            take = min(wanted, promise.quantity)
            if not take:
                break
            if take < promise.quantity:
                remainders.append(_remainder(promise, promise.quantity - take))
            promise.quantity, promise.state = take, ReservationState.CONSUMED
            promise.closed_at = clock.now()
            consumed.append(promise)
            wanted -= take
        if wanted:
            raise NothingReserved(line.cause_id, line.quantity, line.quantity - wanted)
    leaving: dict[LevelKey, int] = defaultdict(int)
    for part in consumed:
        leaving[part.sku_id, part.location_id, part.bucket] -= part.quantity
    lock_levels(leaving)
    change_reserved(leaving, shipped=True)
    Reservation.objects.bulk_update(consumed, ["quantity", "state", "closed_at"])
    Reservation.objects.bulk_create(remainders)
    return consumed


def _remainder(promise: Reservation, quantity: int) -> Reservation:
    return Reservation(
        id=new_id(),
        cause_id=promise.cause_id,
        sku_id=promise.sku_id,
        location_id=promise.location_id,
        bucket=promise.bucket,
        quantity=quantity,
        expires_at=None,
        created_at=promise.created_at,
    )
