"""What a carrier, a seller or a file says of a parcel is written down, and moves it forward."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from niaga.flows.goods.models import Shipment, TrackingEvent
from niaga.flows.goods.states import SHIPMENT_TRANSITIONS, ShipmentState
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.plumbing.command import command
from niaga.plumbing.states import try_advance


@dataclass(frozen=True, slots=True)
class TrackingWord:
    """One word about a parcel: the state, when (None: now) and where, and the sender's own id."""

    state: ShipmentState
    occurred_at: datetime | None = None
    note: str = ""
    place: str = ""
    external_id: str | None = None


@command
def record_tracking(*, shipment_id: UUID, word: TrackingWord) -> bool:
    """Write the word down; return whether the parcel moved.

    Carriers' words come late, twice and out of order: the same `external_id` is written once, and
    a word older than the one that moved the parcel last, or that does not follow from where it
    is, is kept but moves nothing. The parcel's row is locked meanwhile.
    """
    parcel = Shipment.objects.select_for_update().get(pk=shipment_id)
    at = word.occurred_at or clock.now()
    if word.external_id and parcel.tracking.filter(external_id=word.external_id).exists():
        return False
    newer = parcel.heard_at is None or at >= parcel.heard_at
    moved = newer and _move(parcel, word.state, at)
    TrackingEvent.objects.create(
        id=new_id(),
        shipment_id=shipment_id,
        state=word.state,
        note=word.note,
        place=word.place,
        occurred_at=at,
        external_id=word.external_id,
        moved=moved,
    )
    return moved


def _move(parcel: Shipment, state: ShipmentState, at: datetime) -> bool:
    changes: dict[str, datetime] = {"heard_at": at}
    if state == ShipmentState.DELIVERED:
        changes["delivered_at"] = at
    if parcel.dispatched_at is None:
        changes["dispatched_at"] = at
    return try_advance(
        Shipment, pk=parcel.pk, to=state, transitions=SHIPMENT_TRANSITIONS, **changes
    )
