"""Stock by SKU and location: received, counted, looked back at."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.ask import answers
from niaga.doors.look.formats import query
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import Tab, chosen, found, language, page_number, words
from niaga.doors.seller_portal.forms.stock import (
    AdjustForm,
    PolicyForm,
    ReceiveForm,
    SourcingForm,
    TransferForm,
)
from niaga.doors.seller_portal.forms.trade import LocationForm
from niaga.doors.seller_portal.page import go, show
from niaga.doors.seller_portal.words import MOVEMENTS
from niaga.flows.goods.commands.change_stock import StockNow
from niaga.flows.goods.commands.keep_location import keep_location
from niaga.flows.goods.commands.keep_policy import keep_sourcing
from niaga.flows.goods.commands.transfer_stock import SentTransfer
from niaga.flows.goods.states import MovementReason
from niaga.flows.goods.stock_queries import LocationView, locations_of, movements_page
from niaga.flows.goods.stocktaking_queries import policy_of, sourcing_of
from niaga.kernel.refusal import Refusal
from niaga.plumbing.once import once
from niaga.stages.sharing.commands.own_stock import (
    correct_goods,
    decide_policy,
    receive_goods,
    send_goods,
)
from niaga.stages.sharing.seller_queries import stock_of, stock_page

_SHOWN = (("", gettext_lazy("All")), ("low", gettext_lazy("Running out")),
          ("out", gettext_lazy("Sold out")))  # fmt: skip


@seller_only
def stock(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show what lies where."""
    shown = chosen(request, "show", ("low", "out"))
    page = stock_page(
        desk.company_id,
        language=language(),
        show=shown,
        words=words(request),
        page=page_number(request),
    )
    links: list[Tab] = [
        (
            label,
            query(request, show=code, page=None),
            code == shown,
            page.by_state[code or "all"],
        )
        for code, label in _SHOWN
    ]
    return show(request, desk, "stock", {"page": page, "tabs": links})


@seller_only
def sku(request: HttpRequest, desk: SellerDesk, sku_id: UUID) -> HttpResponse:
    """Show one SKU: its levels and movements, and the forms that change it."""
    return _sku_page(request, desk, sku_id, locations_of(desk.company_id), None)


@seller_only
def receive(request: HttpRequest, desk: SellerDesk, sku_id: UUID) -> HttpResponse:
    """Take goods in, once however often the form is sent."""
    places = locations_of(desk.company_id)
    form = ReceiveForm(answers(request), locations=places)

    def act() -> None:
        once(
            key=form.once_key(),
            of=receive_goods,
            result=StockNow,
            actor=desk.actor,
            body={
                "seller_id": desk.company_id,
                "sku_id": sku_id,
                "location_id": form.location_id(),
                "quantity": form.cleaned_data["quantity"],
                "why": form.cleaned_data["why"] or MovementReason.PURCHASE,
                "reason": form.cleaned_data["reason"],
            },
        )

    return _change(request, desk, sku_id, places, form, act)


@seller_only
def adjust(request: HttpRequest, desk: SellerDesk, sku_id: UUID) -> HttpResponse:
    """Set what was counted, once however often the form is sent."""
    places = locations_of(desk.company_id)
    form = AdjustForm(answers(request), locations=places)

    def act() -> None:
        once(
            key=form.once_key(),
            of=correct_goods,
            result=StockNow,
            actor=desk.actor,
            body={
                "seller_id": desk.company_id,
                "sku_id": sku_id,
                "location_id": form.location_id(),
                "on_hand": form.cleaned_data["on_hand"],
                "why": form.cleaned_data["why"] or MovementReason.COUNT,
                "reason": form.cleaned_data["reason"],
            },
        )

    return _change(request, desk, sku_id, places, form, act)


@seller_only
def send(request: HttpRequest, desk: SellerDesk, sku_id: UUID) -> HttpResponse:
    """Send some to another location, once however often the form is sent."""
    places = locations_of(desk.company_id)
    form = TransferForm(answers(request), locations=places)

    def act() -> None:
        once(
            key=form.once_key(),
            of=send_goods,
            result=SentTransfer,
            actor=desk.actor,
            body={
                "seller_id": desk.company_id,
                "sku_id": sku_id,
                "origin_id": form.location_id(),
                "destination_id": UUID(form.cleaned_data["destination"]),
                "quantity": form.cleaned_data["quantity"],
                "note": form.cleaned_data["note"],
            },
        )

    return _change(request, desk, sku_id, places, form, act)


@seller_only
def policy(request: HttpRequest, desk: SellerDesk, sku_id: UUID) -> HttpResponse:
    """Decide what happens when the SKU is sold out or runs low."""
    form = PolicyForm(answers(request))

    def act() -> None:
        decide_policy(
            actor=desk.actor, seller_id=desk.company_id, sku_id=sku_id, policy=form.policy()
        )

    return _change(request, desk, sku_id, locations_of(desk.company_id), form, act)


def _change(
    request: HttpRequest,
    desk: SellerDesk,
    sku_id: UUID,
    places: Sequence[LocationView],
    form: Form,
    act: Callable[[], None],
) -> HttpResponse:
    if form.is_valid():
        found(stock_of(desk.company_id, sku_id, language=language()))
        try:
            act()
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The stock is saved."))
            return go("sku", sku_id)
    return _sku_page(request, desk, sku_id, places, form)


def _sku_page(
    request: HttpRequest,
    desk: SellerDesk,
    sku_id: UUID,
    places: Sequence[LocationView],
    form: Form | None,
) -> HttpResponse:
    decided = policy_of(sku_id)
    context = {
        "row": found(stock_of(desk.company_id, sku_id, language=language())),
        "places": places,
        "policy": decided,
        "movements": movements_page(desk.company_id, sku_id, page_number(request)),
        "kinds": MOVEMENTS,
        "reasons": dict(MovementReason.choices),
        "receive_form": form if isinstance(form, ReceiveForm) else ReceiveForm(locations=places),
        "adjust_form": form if isinstance(form, AdjustForm) else AdjustForm(locations=places),
        "send_form": form if isinstance(form, TransferForm) else TransferForm(locations=places),
        "policy_form": form if isinstance(form, PolicyForm) else PolicyForm.of(decided),
    }
    return show(request, desk, "sku", context, 422 if form and form.errors else 200)


@seller_only
def locations(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show the locations, and take a new one."""
    return _location(request, desk, None)


@seller_only
def location(request: HttpRequest, desk: SellerDesk, location_id: UUID) -> HttpResponse:
    """Change a location."""
    return _location(request, desk, location_id)


def _location(request: HttpRequest, desk: SellerDesk, location_id: UUID | None) -> HttpResponse:
    places = locations_of(desk.company_id)
    initial = {}
    if location_id is not None:
        place = found(next((p for p in places if p.location_id == location_id), None))
        initial = {
            "name": place.name, "postal_code": place.postal_code, "priority": place.priority
        }  # fmt: skip
    form = LocationForm(answers(request), initial=initial)
    if form.is_bound and form.is_valid():
        try:
            keep_location(seller_id=desk.company_id, place=form.place(), location_id=location_id)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The location is saved."))
            return go("locations")
    order, one_parcel = sourcing_of(desk.company_id)
    rule = SourcingForm(initial={"order": order, "one_parcel": one_parcel})
    context = {"places": places, "form": form, "location_id": location_id, "rule_form": rule}
    return show(request, desk, "locations", context, 422 if form.errors else 200)


@require_POST
@seller_only
def sourcing(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Decide which location ships."""
    form = SourcingForm(answers(request))
    if form.is_valid():
        keep_sourcing(seller_id=desk.company_id, **form.cleaned_data)
        messages.success(request, _("The rule is saved."))
    return go("locations")
