"""Checkout: one page from the basket to the placed purchase.

Every button but `place` only looks again, so a page without JavaScript can find villages, price
deliveries and try vouchers; nothing typed is ever lost.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from niaga.doors.look.access import buyer_of, person_of
from niaga.doors.look.forms import add_refusal, refusal_words
from niaga.doors.storefront.basket_cookie import basket_of, keep_basket
from niaga.doors.storefront.forms.checkout import NEW, CheckoutForm, chosen_deliveries
from niaga.doors.storefront.page import language
from niaga.flows.goods.offering_queries import booking_terms
from niaga.flows.money.methods import PaymentMethod, methods_on_offer
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.parties.buyer_queries import AddressView, addresses_of
from niaga.parties.commands.keep_address import keep_address
from niaga.plumbing.once import KeyReused, once
from niaga.stages.ordering.commands.place_order import PlacedPurchase, place_order
from niaga.stages.ordering.draft import Draft
from niaga.stages.ordering.drafting import (
    BasketEmpty,
    NotOnSale,
    VoucherRefused,
    draft_purchase,
)
from niaga.stages.sharing.queries import basket_view


@dataclass(frozen=True, slots=True)
class Till:
    """Who stands at the till with which basket."""

    actor: Actor
    basket_id: UUID
    addresses: tuple[AddressView, ...]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """Show the checkout; `place` in the form places what is in the basket."""
    till = _till(request)
    if till is None:
        return _to_basket(request)
    if request.method != "POST" and not basket_view(till.basket_id, language()).can_order:
        return _to_basket(request)
    if request.method == "POST" and "place" in request.POST:
        return _place(request, till)
    return _look(request, till)


@never_cache
@require_POST
def regions(request: HttpRequest) -> HttpResponse:
    """Answer htmx with the villages of the postal code, and what delivery costs there."""
    till = _till(request)
    return _look(request, till, part="checkout_regions") if till else _to_basket(request)


def _till(request: HttpRequest) -> Till | None:
    basket_id = basket_of(request)
    person = person_of(request)
    if basket_id is None:
        return None
    return Till(buyer_of(request), basket_id, addresses_of(person.id) if person else ())


def _to_basket(request: HttpRequest) -> HttpResponse:
    address = reverse("basket")
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]


def _look(request: HttpRequest, till: Till, part: str = "checkout_terms") -> HttpResponse:
    """Show the form as it stands, without judging it."""
    if request.method == "POST":
        form = CheckoutForm(initial=request.POST.dict(), addresses=till.addresses)
    else:
        form = CheckoutForm(initial=_first_answers(request, till), addresses=till.addresses)
    return _page(request, till, form, part=part)


def _first_answers(request: HttpRequest, till: Till) -> dict[str, Any]:
    person = person_of(request)
    kept = till.addresses[0].address_id if till.addresses else NEW
    known = {"email": person.email, "name": person.name, "phone": person.phone} if person else {}
    return {"kept": str(kept), "method": methods_on_offer()[0].code, "keep": bool(person), **known}


def _place(request: HttpRequest, till: Till) -> HttpResponse:
    form = CheckoutForm(request.POST, addresses=till.addresses)
    key = None
    if form.is_valid():
        try:
            placed = _order(till, form, chosen_deliveries(request.POST.dict()))
        except Refusal as refusal:
            add_refusal(form, refusal)
            if isinstance(refusal, KeyReused):
                key = new_id()
        else:
            return _placed(request, till, form, placed)
    return _page(request, till, form, key=key)


def _order(till: Till, form: CheckoutForm, deliveries: dict[str, str]) -> PlacedPurchase:
    said = form.cleaned_data
    return once(
        key=str(said["key"]),
        of=place_order,
        result=PlacedPurchase,
        actor=till.actor,
        body={
            "basket_id": till.basket_id,
            "email": said["email"],
            "name": said["name"],
            "phone": said["phone"],
            "language": language(),
            "address": form.address(),
            "deliveries": deliveries,
            "method": said["method"],
            "voucher": said["voucher"],
            "note": said["note"],
            "expected_total_minor": said["expected_total_minor"],
        },
    )


def _placed(
    request: HttpRequest, till: Till, form: CheckoutForm, placed: PlacedPurchase
) -> HttpResponse:
    """Lead to the purchase; its token lets a guest in."""
    address = form.address_to_keep()
    if address and till.actor.person_id:
        keep_address(actor=till.actor, address=address)
    target = reverse("purchase", args=[placed.reference])
    response = HttpResponseRedirect(
        target if till.actor.person_id else f"{target}?t={placed.token}"
    )
    keep_basket(request, response, till.basket_id, 0)
    return response


def _page(
    request: HttpRequest,
    till: Till,
    form: CheckoutForm,
    *,
    part: str = "checkout_terms",
    key: UUID | None = None,
) -> HttpResponse:
    """Return the page, or with htmx what it shows anew; an empty basket leads to itself."""
    offer = _offer(till, form, chosen_deliveries(request.POST.dict()))
    if isinstance(offer.refusal, BasketEmpty):
        if form.is_bound:
            messages.info(request, _("Your basket is empty: it may be ordered already."))
        return _to_basket(request)
    context = {
        "form": form,
        "key": key or form["key"].value() or new_id(),
        "draft": offer.draft,
        "refused": refusal_words(offer.refusal)[1] if offer.refusal else "",
        "methods": [(m, _fits(m, offer.draft)) for m in methods_on_offer()],
        "addresses": till.addresses,
        "signed_in": till.actor.person_id is not None,
        "language_code": language(),
        "booked": booking_terms(_services(offer.draft)),
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, f"storefront/parts/{part}.html", context)
    status = 422 if form.errors else 200
    return render(request, "storefront/checkout.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the basket comes to (None: not to be had as it stands), and what was refused."""

    draft: Draft | None
    refusal: Refusal | None = None


def _offer(till: Till, form: CheckoutForm, deliveries: dict[str, str]) -> Offer:
    """Return what the basket comes to; a voucher or a delivery that is refused is left out."""
    voucher = str(form["voucher"].value() or "").replace("\0", "")[:30].strip()
    chosen = {UUID(seller): code for seller, code in deliveries.items()}
    said: Refusal | None = None

    def drafted(code: str) -> Draft:
        return draft_purchase(
            basket_id=till.basket_id, province=form.province, chosen=chosen, voucher_code=code
        )

    try:
        try:
            draft = drafted(voucher)
        except VoucherRefused as refusal:
            said, voucher = refusal, ""
            draft = drafted("")
        gone = [o.seller.seller_id for o in draft.orders if o.needs_parcel and not o.delivery]
        if chosen.keys() & set(gone):
            chosen = {seller: code for seller, code in chosen.items() if seller not in gone}
            draft = drafted(voucher)
    except (BasketEmpty, NotOnSale) as refusal:
        return Offer(None, refusal)
    return Offer(draft, said)


def _services(draft: Draft | None) -> tuple[UUID, ...]:
    lines = (line for order in draft.orders for line in order.lines) if draft else ()
    return tuple(line.variant_id for line in lines if line.slot_id)


def _fits(method: PaymentMethod, draft: Draft | None) -> bool:
    return draft is not None and (draft.only_parcels or not method.needs_parcel)
