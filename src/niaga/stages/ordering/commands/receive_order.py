"""The buyer says that everything has arrived; the carrier may not have said so yet."""

from uuid import UUID

from niaga.flows.goods.models import Shipment
from niaga.flows.goods.states import ShipmentState
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.commands.ship_order import track_shipment


@command
def receive_order(*, actor: Actor, order_id: UUID) -> None:
    """Deliver the order's parcels that are still on their way, then close the order.

    Raises:
        TransitionRefused: something was not sent or given yet, or the order is over.
        EscrowFrozen: a complaint is open.
    """
    on_the_way = Shipment.objects.filter(cause_id=order_id, delivered_at__isnull=True)
    for shipment_id in on_the_way.order_by("id").values_list("id", flat=True):
        track_shipment(actor=actor, shipment_id=shipment_id, state=ShipmentState.DELIVERED)
    complete_order(actor=actor, order_id=order_id)
