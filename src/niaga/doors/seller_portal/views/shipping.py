"""Parcels: packed, handed over, followed to the buyer's door."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.forms import add_refusal, flash_refusal
from niaga.doors.look.page import found, language
from niaga.doors.seller_portal.forms.trade import PickupForm, ShipForm, TrackingForm
from niaga.doors.seller_portal.page import go, show
from niaga.doors.seller_portal.views.orders import order_page, own_order
from niaga.flows.goods.states import ShipmentState
from niaga.flows.goods.stock_queries import order_of_shipment
from niaga.kernel.refusal import Refusal
from niaga.stages.ordering.commands.ship_order import (
    PICKUP,
    hand_over,
    ship_order,
    track_shipment,
)
from niaga.stages.ordering.parcel_labels import labels_pdf
from niaga.stages.ordering.picking import pick_lists, picks_pdf


@require_POST
@seller_only
def ship(request: HttpRequest, desk: SellerDesk, order_id: UUID) -> HttpResponse:
    """Send the chosen units in one parcel."""
    view = own_order(desk, order_id)
    form = ShipForm(request.POST, lines=view.lines, fetched=view.delivery_kind == PICKUP)
    if form.is_valid():
        try:
            ship_order(
                actor=desk.actor,
                order_id=order_id,
                quantities=form.quantities(),
                carrier=form.cleaned_data.get("carrier", ""),
                tracking_number=form.cleaned_data.get("tracking_number", ""),
                weight_g=form.cleaned_data["weight_g"] or 0,
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Done; the buyer is told."))
            return go("order", order_id)
    return order_page(request, desk, view, form)


@require_POST
@seller_only
def track(request: HttpRequest, desk: SellerDesk, shipment_id: UUID) -> HttpResponse:
    """Write where a parcel is."""
    view = own_order(desk, found(order_of_shipment(shipment_id, desk.company_id)))
    parcel = next(p for p in view.shipments if p.shipment_id == shipment_id)
    form = TrackingForm(request.POST, now=parcel.state, fetched=parcel.is_pickup)
    if not form.is_valid():
        messages.error(request, _("Choose where the parcel is."))
        return go("order", view.order_id)
    try:
        track_shipment(
            actor=desk.actor,
            shipment_id=shipment_id,
            state=ShipmentState(form.cleaned_data["state"]),
            note=form.cleaned_data["note"],
        )
    except Refusal as refusal:
        flash_refusal(request, refusal)
    else:
        messages.success(request, _("Saved; the buyer sees it."))
    return go("order", view.order_id)


@require_POST
@seller_only
def fetched(request: HttpRequest, desk: SellerDesk, shipment_id: UUID) -> HttpResponse:
    """Hand a parcel to the buyer who shows its code."""
    order_id = found(order_of_shipment(shipment_id, desk.company_id))
    form = PickupForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The code has six digits."))
        return go("order", order_id)
    try:
        shown = hand_over(actor=desk.actor, shipment_id=shipment_id, code=form.cleaned_data["code"])
    except Refusal as refusal:
        flash_refusal(request, refusal)
        return go("order", order_id)
    if shown.right:
        messages.success(request, _("This is the right code. Hand the parcel over."))
    elif shown.tries_left:
        told = ngettext(
            "This is not the code of this parcel. %(n)s try is left.",
            "This is not the code of this parcel. %(n)s tries are left.",
            shown.tries_left,
        )
        messages.error(request, told % {"n": shown.tries_left})
    else:
        messages.error(
            request, _("Too many wrong codes. Let the buyer confirm on the order's page.")
        )
    return go("order", order_id)


@seller_only
def labels(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Give the labels of the parcels named in the address (`parcel`, once or more) as a PDF."""
    named = [text for text in request.GET.getlist("parcel") if is_uuid(text)]
    content = labels_pdf(
        [UUID(text) for text in named], seller_id=desk.company_id, language=language()
    )
    response = HttpResponse(found(content), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="labels.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@seller_only
def picks(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show what is to be taken from the shelves, by location."""
    lists = pick_lists(desk.company_id, language=language())
    return show(request, desk, "picks", {"lists": lists})


@seller_only
def picks_file(request: HttpRequest, desk: SellerDesk, location_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Give a location's pick list as a PDF."""
    content = picks_pdf(desk.company_id, location_id, language=language())
    response = HttpResponse(found(content), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="picks.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def is_uuid(text: str) -> bool:
    """Say whether the text is an identifier."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
