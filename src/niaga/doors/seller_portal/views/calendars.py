"""When a service can be booked, and licence keys of digital goods."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.ask import answers
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import identifier
from niaga.doors.seller_portal.forms.offerings import (
    CalendarForm,
    KeysForm,
    calendar_initial,
    first_calendar,
)
from niaga.doors.seller_portal.page import go, show
from niaga.doors.seller_portal.views.offerings import of_kind
from niaga.flows.goods.offering_queries import calendar_of, pools_of
from niaga.kernel.refusal import Refusal
from niaga.stages.sharing.commands.own_stock import offer_keys, plan_times


@seller_only
def calendar(request: HttpRequest, desk: SellerDesk, product_id: UUID) -> HttpResponse:
    """Show and keep the calendar of a service's variant (`sku`, else the first)."""
    known = of_kind(desk, product_id, "service")
    variants = [variant for variant in known.variants if variant.active]
    asked = identifier(request, "sku")
    chosen = next((v for v in variants if v.variant_id == asked), variants[0] if variants else None)
    terms = calendar_of(desk.company_id, chosen.variant_id) if chosen else None
    initial = calendar_initial(terms) if terms else first_calendar()
    if chosen:
        initial["sku"] = str(chosen.variant_id)
    form = CalendarForm(answers(request), initial=initial, variants=variants)
    if form.is_bound and form.is_valid():
        try:
            made = plan_times(
                seller_id=desk.company_id,
                sku_id=UUID(form.cleaned_data["sku"]),
                terms=form.terms(),
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            told = ngettext("%(num)s time was opened.", "%(num)s times were opened.", made)
            messages.success(request, told % {"num": made})
            return go("slots", product_id)
    context = {
        "product": known, "form": form, "variants": variants, "chosen": chosen, "kept": terms
    }  # fmt: skip
    return show(request, desk, "calendar", context, 422 if form.errors else 200)


@seller_only
def keys(request: HttpRequest, desk: SellerDesk, product_id: UUID) -> HttpResponse:
    """Show how many licence keys are left, and take more; no key is ever shown again."""
    known = of_kind(desk, product_id, "digital")
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = KeysForm(*given, variants=known.variants)
    if form.is_bound and form.is_valid():
        try:
            fresh = offer_keys(
                seller_id=desk.company_id,
                sku_id=UUID(form.cleaned_data["sku"]),
                texts=form.texts(),
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            told = ngettext("%(num)s new key is kept.", "%(num)s new keys are kept.", fresh)
            messages.success(request, told % {"num": fresh})
            return go("keys", product_id)
    context = {
        "product": known,
        "form": form,
        "pools": pools_of(desk.company_id, known.sku_ids),
        "names": {v.variant_id: v.options_text or v.sku for v in known.variants},
    }
    return show(request, desk, "keys", context, 422 if form.errors else 200)
