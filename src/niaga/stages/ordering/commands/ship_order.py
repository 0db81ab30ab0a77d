"""The seller ships an order, in one parcel or several; parcels are tracked to the buyer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db.models import F

from niaga.flows.goods.allocation import StockWish
from niaga.flows.goods.commands.book_slot import perform_booking
from niaga.flows.goods.commands.dispatch_shipment import ParcelFacts, dispatch_shipment
from niaga.flows.goods.commands.hand_over import (
    PickupCodeNeeded,
    ShownCode,
    new_pickup_code,
    show_pickup_code,
)
from niaga.flows.goods.commands.record_tracking import TrackingWord, record_tracking
from niaga.flows.goods.models import Shipment, ShipmentLine
from niaga.flows.goods.states import ShipmentState
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.plumbing.states import TransitionRefused
from niaga.stages.ordering.commands.charge_order import charge_shipped
from niaga.stages.ordering.commands.finish_delivery import add_delivered, finish_if_delivered
from niaga.stages.ordering.events import (
    ServicePerformed,
    ShipmentDelivered,
    ShipmentDispatched,
    ShipmentTracked,
)
from niaga.stages.ordering.models import Order, OrderLine
from niaga.stages.ordering.owning import check_own
from niaga.stages.ordering.states import OrderState

PICKUP = "pickup"


@dataclass(eq=False)
class NotToBeShipped(Refusal):
    """The order is in a state in which nothing is shipped."""

    code: ClassVar[str] = "not_to_be_shipped"
    state: str


@dataclass(eq=False)
class QuantityNotOpen(Refusal):
    """More of a line was asked for than is still to be shipped."""

    code: ClassVar[str] = "quantity_not_open"
    line_id: UUID
    wanted: int
    still_open: int


@dataclass(eq=False)
class NothingChosen(Refusal):
    """No line was chosen."""

    code: ClassVar[str] = "nothing_chosen"


@command
def ship_order(
    *,
    actor: Actor,
    order_id: UUID,
    quantities: dict[UUID, int],
    carrier: str,
    tracking_number: str = "",
    weight_g: int = 0,
) -> UUID:
    """Ship `quantities` (order line -> units) in one parcel; return the shipment's id.

    Without a `weight_g` the parcel weighs what its contents are said to weigh. Where the buyer
    fetches it, it waits from now on, with a code that the buyer is told.

    Raises:
        OrderUnknown: the order is another seller's.
        NotToBeShipped: the order is not confirmed, or is over.
        NothingChosen: all quantities are zero.
        QuantityNotOpen: more than is left of a line.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    check_own(actor, order)
    if order.state not in (OrderState.CONFIRMED, OrderState.PARTLY_SHIPPED):
        raise NotToBeShipped(order.state)
    wanted = {line_id: quantity for line_id, quantity in quantities.items() if quantity > 0}
    lines = {line.id: line for line in order.lines.filter(kind="goods").select_related("variant")}
    _check_open(wanted, lines)
    shipment_id = dispatch_shipment(
        cause_id=order_id,
        seller_id=order.seller_id,
        facts=_facts(
            order, carrier, tracking_number, weight_g or _weight_g(wanted, lines.values())
        ),
        lines=tuple(
            StockWish(line_id, lines[line_id].variant_id, quantity)
            for line_id, quantity in sorted(wanted.items())
        ),
    )
    for line_id, quantity in sorted(wanted.items()):
        OrderLine.objects.filter(pk=line_id).update(
            shipped_quantity=F("shipped_quantity") + quantity
        )
    record(
        ShipmentDispatched(
            subject_id=order_id,
            shipment_id=shipment_id,
            carrier=carrier,
            tracking_number=tracking_number,
            quantity=sum(wanted.values()),
            pickup=order.delivery_kind == PICKUP,
        ),
        actor=actor,
    )
    charge_shipped(order_id=order_id, line_ids=tuple(wanted))
    finish_if_delivered(actor=actor, order_id=order_id)
    return shipment_id


def _check_open(wanted: Mapping[UUID, int], lines: Mapping[UUID, OrderLine]) -> None:
    if not wanted:
        raise NothingChosen
    for line_id, quantity in wanted.items():
        line = lines.get(line_id)
        still_open = line.quantity - line.shipped_quantity if line else 0
        if quantity > still_open:
            raise QuantityNotOpen(line_id, quantity, still_open)


def _facts(order: Order, carrier: str, tracking_number: str, weight_g: int) -> ParcelFacts:
    if order.delivery_kind == PICKUP:
        return ParcelFacts(
            carrier=order.delivery_name,
            weight_g=weight_g,
            state=ShipmentState.AVAILABLE_FOR_PICKUP,
            pickup_code=new_pickup_code(),
        )
    return ParcelFacts(carrier, tracking_number, weight_g)


def _weight_g(wanted: Mapping[UUID, int], lines: Iterable[OrderLine]) -> int:
    return sum(wanted.get(line.id, 0) * line.variant.weight_g for line in lines)


@command
def track_shipment(
    *, actor: Actor, shipment_id: UUID, state: ShipmentState, note: str = ""
) -> None:
    """Write where a parcel is now; `delivered` may deliver the whole order.

    Raises:
        OrderUnknown: the parcel is another seller's.
        TransitionRefused: the parcel was delivered already.
    """
    if not hear_of_parcel(
        actor=actor, shipment_id=shipment_id, word=TrackingWord(state, note=note)
    ):
        raise TransitionRefused("shipment", state)


@command
def hear_of_parcel(*, actor: Actor, shipment_id: UUID, word: TrackingWord) -> bool:
    """Take a carrier's word, late or twice as it may come; return whether the parcel moved.

    What moves nothing is kept with the parcel (see `record_tracking`), but nobody is told.

    Raises:
        OrderUnknown: the parcel is another seller's.
    """
    order_id = Shipment.objects.values_list("cause_id", flat=True).get(pk=shipment_id)
    check_own(actor, Order.objects.select_for_update().get(pk=order_id))
    if actor.role == "seller" and word.state == ShipmentState.DELIVERED:
        _check_fetched(shipment_id)
    if not record_tracking(shipment_id=shipment_id, word=word):
        return False
    state, note = word.state, word.note
    if state != ShipmentState.DELIVERED:
        record(
            ShipmentTracked(subject_id=order_id, shipment_id=shipment_id, state=state, note=note),
            actor=actor,
        )
        return True
    record(ShipmentDelivered(subject_id=order_id, shipment_id=shipment_id), actor=actor)
    arrived = ShipmentLine.objects.filter(shipment_id=shipment_id)
    add_delivered(dict(arrived.values_list("cause_id", "quantity")))
    finish_if_delivered(actor=actor, order_id=order_id)
    return True


def _check_fetched(shipment_id: UUID) -> None:
    """Believe a seller's word of delivery but where the buyer's code is the proof."""
    if Shipment.objects.filter(pk=shipment_id).exclude(pickup_code="").exists():
        raise PickupCodeNeeded


@command
def hand_over(*, actor: Actor, shipment_id: UUID, code: str) -> ShownCode:
    """Hand a parcel to the buyer who shows its code: then it is delivered.

    Raises:
        OrderUnknown: the parcel is another seller's.
        NotToBeFetched: it does not wait to be fetched.
    """
    order_id = Shipment.objects.values_list("cause_id", flat=True).get(pk=shipment_id)
    check_own(actor, Order.objects.select_for_update().get(pk=order_id))
    shown = show_pickup_code(shipment_id=shipment_id, code=code)
    if shown.right:
        track_shipment(actor=Actor.system(), shipment_id=shipment_id, state=ShipmentState.DELIVERED)
    return shown


@command
def perform_service(*, actor: Actor, line_id: UUID) -> None:
    """The seller gave a booked service.

    Raises:
        OrderUnknown: the order is another seller's.
        NotToBeShipped: the order is not confirmed, or is over.
        TransitionRefused: the booking is not confirmed, or was performed before.
    """
    line = OrderLine.objects.get(pk=line_id, kind="service")
    order = Order.objects.select_for_update().get(pk=line.order_id)
    check_own(actor, order)
    if order.state not in (OrderState.CONFIRMED, OrderState.PARTLY_SHIPPED, OrderState.SHIPPED):
        raise NotToBeShipped(order.state)
    perform_booking(cause_id=line_id)
    OrderLine.objects.filter(pk=line_id).update(
        shipped_quantity=F("quantity"), delivered_quantity=F("quantity")
    )
    record(ServicePerformed(subject_id=order.id, line_id=line_id), actor=actor)
    charge_shipped(order_id=order.id, line_ids=(line_id,))
    finish_if_delivered(actor=actor, order_id=order.id)
