"""A buyer's purchase order: taken as a file, shown beside today's prices, then confirmed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from niaga.doors.look.access import buyer_of, person_of
from niaga.doors.look.ask import answers
from niaga.doors.look.forms import refusal_words
from niaga.doors.storefront.basket_cookie import keep_basket
from niaga.doors.storefront.forms.purchase_order import PurchaseOrderForm
from niaga.doors.storefront.page import found, go, language, show
from niaga.flows.documents.purchase_orders import (
    MOST_BYTES,
    MOST_LINES,
    MOST_UNITS,
    Fault,
    PurchaseOrderRefused,
    read_purchase_order,
)
from niaga.kernel.refusal import Refusal
from niaga.stages.sharing.commands.take_purchase_order import take_purchase_order
from niaga.stages.sharing.order_example import example_order
from niaga.stages.sharing.order_matching import MatchedOrder, match_order

_SALT, _KEPT_S = "purchase-order", 3600
RULES: dict[str, Promise] = {
    "FILE-SIZE": gettext_lazy("The file is larger than {most_kb} KB."),
    "FILE-UTF8": gettext_lazy("The file is not written in UTF-8 (byte {value})."),
    "XML-DOCTYPE": gettext_lazy("The file declares a document type or entities; none is taken."),
    "XML-SYNTAX": gettext_lazy("This is not well-formed XML: {value}"),
    "UBL-ORDER": gettext_lazy("This is no UBL 2.1 Order: it begins with {value}."),
    "UBL-XSD": gettext_lazy("It breaks the UBL 2.1 schema: {value}"),
    "ORDER-CLOSED": gettext_lazy("This field is not taken. Please leave it out."),
    "ORDER-CURRENCY": gettext_lazy("The currency {value} is not known here."),
    "ORDER-LINES": gettext_lazy("It has {value} lines; {most_lines} are taken at most."),
    "ORDER-SELLER": gettext_lazy("No seller here has the number {value}."),
    "LINE-QUANTITY": gettext_lazy("{value} is no whole number from 1 to {most_units}."),
    "LINE-UNIT": gettext_lazy("Things are sold by the piece (H87, C62 or EA), not by {value}."),
    "LINE-ITEM": gettext_lazy("The line names neither a GTIN nor the seller's SKU."),
    "LINE-GTIN": gettext_lazy("{value} is no GTIN: a digit is wrong."),
    "LINE-PRICE": gettext_lazy("{value} is no price in the order's currency."),
    "LINE-CURRENCY": gettext_lazy("It is not sold in {value}."),
    "LINE-UNKNOWN": gettext_lazy("Nothing on sale has the number {value}."),
    "LINE-AMBIGUOUS": gettext_lazy("Several sellers sell {value}. Name the seller by NPWP or NIB."),
    "LINE-MISMATCH": gettext_lazy("The GTIN and the SKU are of different things: {value}."),
    "LINE-SERVICE": gettext_lazy("This is a service. Choose its time on its own page."),
}


@login_required
def purchase_order(request: HttpRequest) -> HttpResponse:
    """Take a purchase order and show what it would put into the basket; nothing is kept."""
    form = PurchaseOrderForm(answers(request), request.FILES or None)
    context: dict[str, Any] = {"form": form, "faults": (), "order": None}
    if form.is_valid():
        try:
            order = match_order(read_purchase_order(form.content(MOST_BYTES)), language())
        except PurchaseOrderRefused as refused:
            context["faults"] = told(refused.faults)
        else:
            context |= _review(request, order)
    failed = bool(form.errors or context["faults"])
    return show(request, "purchase_order", context, status=422 if failed else 200)


def _review(request: HttpRequest, order: MatchedOrder) -> dict[str, Any]:
    if order.fault:
        return {"faults": told((order.fault,))}
    lines = [(line, told((line.fault,))[0] if line.fault else None) for line in order.lines]
    chosen = {str(variant_id): quantity for variant_id, quantity in order.quantities.items()}
    person = found(person_of(request))
    kept = {"person": str(person.id), "number": order.number, "lines": chosen}
    return {
        "order": order,
        "lines": lines,
        "taken": len(chosen),
        "missing": sum(1 for line in order.lines if line.fault),
        "differing": sum(1 for line in order.lines if line.differs),
        "wish": signing.dumps(kept, salt=_SALT, compress=True),
    }


@require_GET
def example(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Give a purchase order of a few things on sale now, to try this out with."""
    response = HttpResponse(found(example_order(language())), content_type="application/xml")
    response["Content-Disposition"] = 'attachment; filename="purchase-order.xml"'
    return response


@require_POST
@login_required
def confirm(request: HttpRequest) -> HttpResponse:
    """Put what the buyer looked at into the basket."""
    person = found(person_of(request))
    try:
        kept = signing.loads(request.POST.get("wish", ""), salt=_SALT, max_age=_KEPT_S)
    except signing.BadSignature:
        kept = {}
    if kept.get("person") != str(person.id):
        messages.error(request, _("Please upload the order again."))
        return go("purchase_order")
    quantities = {UUID(variant_id): quantity for variant_id, quantity in kept["lines"].items()}
    try:
        filled = take_purchase_order(
            actor=buyer_of(request), quantities=quantities, number=kept["number"]
        )
    except Refusal as refusal:
        messages.error(request, refusal_words(refusal)[1])
        return go("purchase_order")
    messages.success(request, _("Your purchase order is in the basket."))
    response = go("basket")
    keep_basket(request, response, filled.basket_id, filled.item_count)
    return response


def told(faults: tuple[Fault, ...]) -> list[tuple[Fault, str]]:
    """Return the faults, each with its rule in words."""
    limits = {
        "most_kb": MOST_BYTES // 1024,
        "most_lines": MOST_LINES,
        "most_units": MOST_UNITS,
    }
    return [(f, str(RULES[f.rule]).format(value=f.value, **limits)) for f in faults]
