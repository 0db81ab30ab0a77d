"""A seller opens and closes bookable times of a service; its card follows."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.goods.commands.book_slot import open_slots
from niaga.flows.goods.models import Slot
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.stages.sharing.commands.own_stock import SERVICE, own_product_of
from niaga.stages.sharing.indexing import index_products


@dataclass(eq=False)
class SlotBooked(Refusal):
    """Somebody has booked the time."""

    code: ClassVar[str] = "slot_booked"
    booked: int


@command
def open_times(
    *, seller_id: UUID, sku_id: UUID, starts: tuple[str, ...], duration_min: int, capacity: int
) -> int:
    """Open times of one of the seller's services; return how many are new.

    `starts` are ISO 8601 instants with an offset. Raises:
        ProductUnknown: the SKU is not a service of the seller.
    """
    product_id = own_product_of(seller_id, sku_id, SERVICE)
    opened = open_slots(
        seller_id=seller_id,
        sku_id=sku_id,
        starts=starts,
        duration_min=duration_min,
        capacity=capacity,
    )
    index_products([product_id])
    return opened


@command
def close_time(*, seller_id: UUID, slot_id: UUID) -> None:
    """Close a time that nobody has booked; one that is gone already stays so.

    Raises:
        SlotBooked: somebody has.
    """
    slot = Slot.objects.select_for_update().filter(pk=slot_id, seller_id=seller_id).first()
    if slot is None:
        return
    if slot.booked or slot.bookings.exists():
        raise SlotBooked(slot.booked)
    slot.delete()
    index_products([own_product_of(seller_id, slot.sku_id, SERVICE)])
