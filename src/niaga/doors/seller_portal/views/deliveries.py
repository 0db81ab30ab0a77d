"""How the seller delivers, and what that costs whom."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import found
from niaga.doors.seller_portal.forms.delivery import (
    DeliveryForm,
    QuoteForm,
    ZoneRows,
    delivery_initial,
    delivery_terms,
    zones_initial,
)
from niaga.doors.seller_portal.page import go, show
from niaga.doors.seller_portal.words import DELIVERIES
from niaga.flows.goods.commands.keep_delivery import keep_delivery
from niaga.flows.goods.rates import Parcel, delivery_quotes
from niaga.flows.goods.stock_queries import DeliveryView, deliveries_of
from niaga.kernel.refusal import Refusal


@seller_only
def deliveries(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show the services, and what a parcel would cost."""
    asked = "weight_g" in request.GET
    form = QuoteForm(request.GET) if asked else QuoteForm(initial={"weight_g": 2000})
    quotes = None
    if asked and form.is_valid():
        parcel = Parcel(
            desk.company_id, form.cleaned_data["weight_g"], form.cleaned_data["province"]
        )
        quotes = delivery_quotes([parcel])[desk.company_id]
    context = {
        "services": deliveries_of(desk.company_id),
        "kinds": DELIVERIES,
        "form": form,
        "quotes": quotes,
    }
    return show(request, desk, "deliveries", context)


@seller_only
def new(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Write a new service."""
    return _service(request, desk, None)


@seller_only
def delivery(request: HttpRequest, desk: SellerDesk, service_id: UUID) -> HttpResponse:
    """Rewrite a service."""
    known = next((s for s in deliveries_of(desk.company_id) if s.service_id == service_id), None)
    return _service(request, desk, found(known))


def _service(request: HttpRequest, desk: SellerDesk, known: DeliveryView | None) -> HttpResponse:
    if request.method != "POST":
        form = DeliveryForm(initial=delivery_initial(known) if known else {})
        rows = ZoneRows(initial=zones_initial(known) if known else [], prefix="z")
        return _page(request, desk, known, form, rows)
    if "add_row" in request.POST:
        form = DeliveryForm(initial=request.POST.dict())
        return _page(request, desk, known, form, ZoneRows(initial=_rows(request.POST), prefix="z"))
    form, rows = DeliveryForm(request.POST), ZoneRows(request.POST, prefix="z")
    if form.is_valid() & rows.is_valid():
        if form.cleaned_data["kind"] in {"zone", "own"} and not delivery_terms(form, rows).zones:
            form.add_error("kind", _("Enter at least one zone."))
            return _page(request, desk, known, form, rows)
        try:
            keep_delivery(
                seller_id=desk.company_id,
                terms=delivery_terms(form, rows),
                service_id=known.service_id if known else None,
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The delivery service is saved."))
            return go("deliveries")
    return _page(request, desk, known, form, rows)


def _rows(data: QueryDict) -> list[dict[str, Any]]:
    """Return the rows filled in so far, and an empty one."""
    total = data.get("z-TOTAL_FORMS", "1")
    names = ("name", "first_kg", "extra_kg", "days_min", "days_max")
    rows: list[dict[str, Any]] = [
        {name: data.get(f"z-{n}-{name}", "") for name in names}
        | {"provinces": data.getlist(f"z-{n}-provinces")}
        for n in range(min(int(total) if total.isdigit() else 1, 20))
    ]
    return [*rows, {}]


def _page(
    request: HttpRequest,
    desk: SellerDesk,
    known: DeliveryView | None,
    form: DeliveryForm,
    rows: Any,
) -> HttpResponse:
    bad = form.errors or (rows.is_bound and not rows.is_valid())
    context = {"service": known, "form": form, "rows": rows}
    return show(request, desk, "delivery", context, 422 if bad else 200)
