"""A seller's orders: the list, one order with its four flows, and what ends it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.formats import clock_time, money
from niaga.doors.look.page import Word, chosen, found, language, page_number, tabs, words
from niaga.doors.look.timeline import rows
from niaga.doors.look.times import TimeForm
from niaga.doors.seller_portal.forms.trade import (
    CARRIERS,
    PickupForm,
    ReasonForm,
    ShipForm,
    TrackingForm,
)
from niaga.doors.seller_portal.page import ask, show
from niaga.flows.goods.offering_queries import booking_to_move
from niaga.stages.aftersales.hold_queries import holds_of
from niaga.stages.ordering.buyer_queries import bought_line
from niaga.stages.ordering.commands.cancel_order import cancel_order
from niaga.stages.ordering.commands.move_booking import reschedule
from niaga.stages.ordering.commands.ship_order import PICKUP, perform_service
from niaga.stages.ordering.queries import OrderView, order_view, orders_page
from niaga.stages.ordering.seller_queries import order_of_line
from niaga.stages.ordering.states import OrderState

SHIPPABLE = (OrderState.CONFIRMED, OrderState.PARTLY_SHIPPED)
CANCELLABLE = (OrderState.PLACED, OrderState.CONFIRMED)


@seller_only
def orders(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show the seller's orders, by state."""
    state = chosen(request, "state", OrderState.values)
    page = orders_page(
        language=language(),
        seller_id=desk.company_id,
        state=state,
        words=words(request),
        page=page_number(request),
    )
    links = tabs(request, OrderState.choices, page.by_state, state)
    return show(request, desk, "orders", {"page": page, "tabs": links})


@seller_only
def order(request: HttpRequest, desk: SellerDesk, order_id: UUID) -> HttpResponse:
    """Show one order."""
    return order_page(request, desk, own_order(desk, order_id))


def own_order(desk: SellerDesk, order_id: UUID) -> OrderView:
    """Return the order.

    Raises:
        Http404: there is none, or it is another seller's.
    """
    view = order_view(order_id, audience="seller", language=language())
    return found(view if view and view.seller_id == desk.company_id else None)


def order_page(
    request: HttpRequest, desk: SellerDesk, view: OrderView, ship_form: ShipForm | None = None
) -> HttpResponse:
    """Return the order's page, with the parcel's form as it was filled in."""
    shippable = view.state in SHIPPABLE
    fetched = view.delivery_kind == PICKUP
    form = ship_form or ShipForm(
        lines=view.lines, fetched=fetched, initial={"carrier": _likely_carrier(desk, view)}
    )
    parcels = [
        (
            parcel,
            TrackingForm(
                now=parcel.state,
                fetched=parcel.is_pickup,
                auto_id=f"id_{parcel.shipment_id.hex}_%s",
            ),
            PickupForm(auto_id=f"id_{parcel.shipment_id.hex}_%s") if parcel.is_pickup else None,
        )
        for parcel in view.shipments
    ]
    context = {
        "order": view,
        "rows": rows(view.timeline, viewer="seller"),
        "ship_form": form if shippable and form.lines else None,
        "parcels": parcels,
        "holds": holds_of(view),
        "carriers": CARRIERS,
        "fetched": fetched,
        "titles": {line.line_id: line for line in view.lines},
        "cancellable": view.state in CANCELLABLE,
        "services": shippable or view.state == OrderState.SHIPPED,
    }
    return show(request, desk, "order", context, 422 if form.errors else 200)


def _likely_carrier(desk: SellerDesk, view: OrderView) -> str:
    if view.shipments:
        return view.shipments[-1].carrier
    return desk.name if view.delivery_kind == "own" else ""


@seller_only
def cancel(request: HttpRequest, desk: SellerDesk, order_id: UUID) -> HttpResponse:
    """Ask for the reason, then cancel."""
    view = own_order(desk, order_id)

    def act(form: ReasonForm) -> Word:
        cancel_order(actor=desk.actor, order_id=order_id, reason=form.cleaned_data["reason"])
        return _("%(reference)s was cancelled.") % {"reference": view.reference}

    question = Question(
        title=_("Cancel order %(reference)s?") % {"reference": view.reference},
        text=_("Its goods go back on sale, and what was paid is given back to the buyer."),
        button=_("Cancel the order"),
        back=reverse("seller:order", args=[order_id]),
        facts=((_("Buyer"), view.contact.name), (_("Total"), money(view.total))),
        danger=True,
    )
    return ask(request, desk, question, ReasonForm(answers(request)), act)


@seller_only
def perform(request: HttpRequest, desk: SellerDesk, line_id: UUID) -> HttpResponse:
    """Ask, then say that a booked service was given."""
    view = own_order(desk, found(order_of_line(line_id, desk.company_id)))
    line = next(line for line in view.lines if line.line_id == line_id)
    found(line if line.kind == "service" else None)

    def act(_form: Confirmation) -> Word:
        perform_service(actor=desk.actor, line_id=line_id)
        return _("The buyer is told that it is done.")

    question = Question(
        title=_("Was this service given?"),
        text=_("The order moves on, and your money is released after the buyer's time to object."),
        button=_("Yes, it is done"),
        back=reverse("seller:order", args=[view.order_id]),
        facts=((_("Service"), line.title), (_("Buyer"), view.contact.name)),
    )
    return ask(request, desk, question, Confirmation(answers(request)), act)


@seller_only
def time(request: HttpRequest, desk: SellerDesk, line_id: UUID) -> HttpResponse:
    """Ask for another time, and move a buyer's booking to it."""
    order_id = found(order_of_line(line_id, desk.company_id))
    booking = found(booking_to_move(line_id))
    line = found(bought_line(line_id, language=language()))

    def act(form: TimeForm) -> Word:
        reschedule(actor=desk.actor, line_id=line_id, slot_id=form.slot_id())
        return _("The booking is moved; the buyer sees it.")

    question = Question(
        title=_("Move this booking?"),
        text=_("Agree on it with the buyer first."),
        button=_("Move it"),
        back=reverse("seller:order", args=[order_id]),
        facts=(
            (_("Service"), line.title),
            (_("Buyer"), line.buyer_name),
            (_("Booked"), clock_time(booking.starts_at)),
        ),
    )
    return ask(request, desk, question, TimeForm(answers(request), slots=booking.slots), act)
