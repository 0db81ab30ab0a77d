"""Stock moves between two locations of a seller: it leaves one, and arrives at the other once."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.goods.commands.allot_stock import allot_stock
from niaga.flows.goods.commands.change_stock import (
    Level,
    LocationUnknown,
    Movement,
    move_stock,
)
from niaga.flows.goods.models import Location, StockTransfer
from niaga.flows.goods.states import TRANSFER_TRANSITIONS, MovementReason, TransferState
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.states import advance
from niaga.plumbing.writes import insert


@dataclass(eq=False)
class TransferGoesNowhere(Refusal):
    """Both locations are the same."""

    code: ClassVar[str] = "transfer_goes_nowhere"


@dataclass(eq=False)
class TransferUnknown(Refusal):
    """The seller has no such transfer."""

    code: ClassVar[str] = "transfer_unknown"
    transfer_id: UUID


@dataclass(eq=False)
class MoreArrivedThanSent(Refusal):
    """A transfer can't arrive with more than was sent; receive the rest on its own."""

    code: ClassVar[str] = "more_arrived_than_sent"
    arrived: int
    sent: int


@dataclass(frozen=True, slots=True)
class SentTransfer:
    """The transfer that is on its way."""

    transfer_id: UUID


@command
def send_transfer(
    *,
    actor: Actor,
    seller_id: UUID,
    sku_id: UUID,
    origin_id: UUID,
    destination_id: UUID,
    quantity: int,
    note: str = "",
) -> SentTransfer:
    """Let `quantity` (> 0) leave for another location; until it arrives nobody can sell it.

    Raises:
        TransferGoesNowhere: both locations are the same.
        LocationUnknown: a location is not the seller's.
        StockBelowReserved: so much is not free there.
    """
    assert quantity > 0, "something is sent"
    if origin_id == destination_id:
        raise TransferGoesNowhere
    if not Location.objects.filter(pk=destination_id, seller_id=seller_id).exists():
        raise LocationUnknown(destination_id)
    origin = Level(seller_id, sku_id, origin_id)
    transfer = StockTransfer(
        id=new_id(),
        seller_id=seller_id,
        sku_id=sku_id,
        origin_id=origin_id,
        destination_id=destination_id,
        quantity=quantity,
        note=note[:200],
        sent_at=clock.now(),
    )
    move_stock(actor, origin, -quantity, Movement("sent", "", note[:200], transfer.id))
    insert([transfer])
    return SentTransfer(transfer.id)


@command
def receive_transfer(
    *, actor: Actor, seller_id: UUID, transfer_id: UUID, quantity: int
) -> SentTransfer:
    """Book a transfer in, of which `quantity` arrived; what is missing is written off there.

    Raises:
        TransferUnknown: the seller has no such transfer.
        MoreArrivedThanSent: `quantity` is above what was sent.
        TransitionRefused: it arrived before.
    """
    transfer = StockTransfer.objects.filter(pk=transfer_id, seller_id=seller_id).first()
    if transfer is None:
        raise TransferUnknown(transfer_id)
    if quantity > transfer.quantity:
        raise MoreArrivedThanSent(quantity, transfer.quantity)
    advance(
        StockTransfer,
        pk=transfer_id,
        to=TransferState.ARRIVED,
        transitions=TRANSFER_TRANSITIONS,
        arrived_at=clock.now(),
    )
    level = Level(seller_id, transfer.sku_id, transfer.destination_id)
    missing = transfer.quantity - quantity
    move_stock(actor, level, transfer.quantity, Movement("arrived", "", "", transfer_id))
    if missing:
        lost = Movement("adjusted", MovementReason.TRANSFER, transfer.note, transfer_id)
        move_stock(actor, level, -missing, lost)
    allot_stock(sku_ids=(transfer.sku_id,))
    return SentTransfer(transfer_id)
