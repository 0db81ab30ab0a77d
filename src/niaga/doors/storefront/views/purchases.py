"""A purchase after it was placed: how to pay it, what becomes of it, and the way back to it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.look.access import buyer_of
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.formats import money
from niaga.doors.look.live import live as live_part
from niaga.doors.look.page import Word, found, language
from niaga.doors.look.timeline import rows
from niaga.doors.look.words import decline_reason
from niaga.doors.storefront.asking import ask
from niaga.doors.storefront.codes import code_content, payer_simulator, qr_code
from niaga.doors.storefront.forms.following import CancelForm, FindForm
from niaga.doors.storefront.ownership import is_owner, opens, own, remember
from niaga.doors.storefront.page import go, show
from niaga.doors.storefront.views.pay import wallet_address
from niaga.flows.information.timeline import last_event_id, timeline
from niaga.flows.money.methods import METHODS, PaymentMethod, methods_on_offer
from niaga.flows.money.states import PaymentState
from niaga.kernel import clock
from niaga.stages.ordering.buyer_queries import (
    PurchaseOwner,
    owner_of_purchase,
    timeline_subjects,
)
from niaga.stages.ordering.commands.cancel_order import cancel_purchase
from niaga.stages.ordering.commands.change_method import pay_another_way
from niaga.stages.ordering.commands.send_link import send_link
from niaga.stages.ordering.queries import PaymentView, PurchaseView, purchase_view
from niaga.stages.ordering.states import OrderState

TRIES = 5
TRIES_WITHIN_S = 15 * 60
NOTHING_SENT = {OrderState.PLACED, OrderState.CONFIRMED}


def purchase(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a purchase to its buyer; a good token in the address lets a guest in."""
    if "t" in request.GET:
        return _enter(request, found(owner_of_purchase(reference)), request.GET["t"])
    view = found(purchase_view(reference, language=language()))
    mine = is_owner(request, reference=view.reference, person_id=view.person_id)
    found(view if mine else None)
    return show(request, "purchase", _context(view))


def _enter(request: HttpRequest, owner: PurchaseOwner, token: str) -> HttpResponse:
    """Lead to the address without the token, whoever may see the purchase."""
    if not is_owner(request, reference=owner.reference, person_id=owner.person_id):
        found(owner if opens(token, owner.token) else None)
        remember(request, owner.reference)
    return go("purchase", owner.reference)


def _context(view: PurchaseView) -> dict[str, Any]:
    subjects = (view.purchase_id, *(order.order_id for order in view.orders))
    entries = timeline(subjects, audience="buyer")
    several = len(view.orders) > 1
    names = {order.order_id: order.seller_name for order in view.orders} if several else {}
    code = code_content(view.payment)
    return {
        "purchase": view,
        "payment": view.payment,
        "wallet": wallet_address(view.payment.token) if view.payment.token else "",
        "code": code,
        "qr": qr_code(code) if code and view.payment.method == "qris" else "",
        "simulator": payer_simulator(code),
        "other_methods": other_methods(view.payment),
        "declined": _declined(view.payment),
        "rows": rows(entries, viewer="buyer", names=names),
        "since": entries[-1].event_id if entries else "",
        "cancellable": _is_cancellable(view),
        "documents": [paper for order in view.orders for paper in view.documents[order.order_id]],
    }


def _declined(payment: PaymentView) -> str:
    """Return why the last try by card failed, where the payment still waits; else nothing."""
    if payment.state != PaymentState.PENDING or not payment.last_try:
        return ""
    if payment.last_try == "no_answer":
        return _("Your bank did not answer in time.")
    return decline_reason(payment.last_try)


def _is_cancellable(view: PurchaseView) -> bool:
    states = {OrderState(order.state) for order in view.orders}
    return view.payment.state == PaymentState.PENDING and states <= NOTHING_SENT


def live(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Send the purchase's page again whenever something happened to it."""
    owner = own(request, owner_of_purchase(reference))
    subjects = timeline_subjects(owner.purchase_id)

    def newest() -> UUID | None:
        return last_event_id(subjects, audience="buyer")

    def part() -> str:
        view = found(purchase_view(reference, language=language()))
        return render_to_string("storefront/parts/purchase.html", _context(view), request)

    return live_part(request, newest=newest, part=part)


def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask why, then cancel a purchase that is not paid yet, with all its orders."""
    view = found(purchase_view(reference, language=language()))
    mine = is_owner(request, reference=view.reference, person_id=view.person_id)
    found(view if mine else None)

    def act(form: CancelForm) -> Word:
        reason = form.cleaned_data["reason"]
        cancel_purchase(actor=buyer_of(request), purchase_id=view.purchase_id, reason=reason)
        return _("%(reference)s was cancelled.") % {"reference": view.reference}

    question = Question(
        title=_("Cancel the whole purchase?"),
        text=_("All its orders end, and nothing will be charged."),
        button=_("Cancel the purchase"),
        back=reverse("purchase", args=[view.reference]),
        facts=(
            (_("Purchase"), view.reference),
            (_("Sellers"), ", ".join(order.seller_name for order in view.orders)),
            (_("Total"), money(view.total)),
        ),
        danger=True,
    )
    return ask(request, question, CancelForm(answers(request)), act)


def change(request: HttpRequest, reference: str, method: str) -> HttpResponse:
    """Ask, then let the purchase be paid in another way."""
    view = found(purchase_view(reference, language=language()))
    mine = is_owner(request, reference=view.reference, person_id=view.person_id)
    found(view if mine else None)
    chosen = found(next((m for m in other_methods(view.payment) if m.code == method), None))

    def act(_form: Confirmation) -> Word:
        pay_another_way(actor=buyer_of(request), purchase_id=view.purchase_id, method=method)
        return _("You pay by another way now: %(method)s") % {"method": chosen.label}

    question = Question(
        title=_("Pay in another way?"),
        text=str(chosen.hint),
        button=str(chosen.label),
        back=reverse("purchase", args=[view.reference]),
        facts=((_("Purchase"), view.reference), (_("Total"), money(view.total))),
    )
    return ask(request, question, Confirmation(answers(request)), act)


def other_methods(payment: PaymentView) -> tuple[PaymentMethod, ...]:
    """Return the ways a payment that still waits could be paid instead."""
    if payment.state != PaymentState.PENDING or not METHODS[payment.method].waits_for_payment:
        return ()
    return tuple(m for m in methods_on_offer() if m.waits_for_payment and m.code != payment.method)


def find(request: HttpRequest) -> HttpResponse:
    """Lead a guest back: the link is mailed to the address that the purchase was placed with.

    A reference and an address are not secret (both stand on every document and parcel), so they
    open nothing here; only who reads the buyer's mail gets in. The answer is the same whether or
    not there is such a purchase, and so reveals nothing. One session may try five times in a
    quarter of an hour; a purchase's buyer gets one such mail an hour, whoever asks for it.
    """
    form = FindForm(answers(request))
    if not (form.is_bound and form.is_valid()):
        return show(request, "find_order", {"form": form}, 422 if form.errors else 200)
    if not _may_try(request):
        form.add_error(None, _("Too many tries. Please wait a quarter of an hour."))
        return show(request, "find_order", {"form": form}, 429)
    send_link(reference=form.cleaned_data["reference"], email=form.cleaned_data["email"])
    messages.success(
        request,
        _("If we know this number and address, the link is in your mail in a minute."),
    )
    return go("find_order")


def _may_try(request: HttpRequest) -> bool:
    """Count one more try; say whether it is within what a session may try."""
    now = clock.now().timestamp()
    recent = [at for at in request.session.get("find_tries", ()) if now - at < TRIES_WITHIN_S]
    if len(recent) >= TRIES:
        return False
    request.session["find_tries"] = [*recent, now]
    return True
