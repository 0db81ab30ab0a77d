"""One seller's order as its buyer follows it: goods, information, money and documents."""

from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import storages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from niaga.doors.look.access import buyer_of, person_of
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.formats import clock_time, money
from niaga.doors.look.forms import flash_refusal
from niaga.doors.look.live import live as live_part
from niaga.doors.look.page import Word, found, language
from niaga.doors.look.papers import pdf_response
from niaga.doors.look.timeline import rows
from niaga.doors.look.times import TimeForm
from niaga.doors.look.words import booking_rules
from niaga.doors.storefront.asking import ask
from niaga.doors.storefront.following import followed, meter, possible
from niaga.doors.storefront.forms.following import CancelForm, GiveUpForm
from niaga.doors.storefront.ownership import is_owner, own
from niaga.doors.storefront.page import go, show
from niaga.flows.goods.commands.book_slot import TooLateToCancel
from niaga.flows.goods.commands.grant_download import spend_download
from niaga.flows.goods.offering_queries import booking_to_move
from niaga.flows.goods.queries import files_of_download
from niaga.flows.information.timeline import last_event_id
from niaga.kernel.refusal import Refusal
from niaga.stages.aftersales.queries import voices_of_order
from niaga.stages.ordering.buyer_queries import (
    bought_line,
    owner_of_document,
    owner_of_download,
    owner_of_order,
)
from niaga.stages.ordering.commands.cancel_order import cancel_order
from niaga.stages.ordering.commands.give_up_booking import cancel_booking, kept_of
from niaga.stages.ordering.commands.move_booking import reschedule
from niaga.stages.ordering.commands.receive_order import receive_order
from niaga.stages.ordering.queries import OrderView, order_view
from niaga.stages.sharing.quotation_queries import is_quoted_to


def order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Show one order with its four flows."""
    return show(request, "order", _context(_own_order(request, order_id)))


def _own_order(request: HttpRequest, order_id: UUID) -> OrderView:
    view = found(order_view(order_id, audience="buyer", language=language()))
    mine = is_owner(request, reference=view.purchase_reference, person_id=view.person_id)
    return found(view if mine else None)


def _context(view: OrderView) -> dict[str, Any]:
    said = voices_of_order(view.order_id, language=language())
    together = view.payment is not None and view.payment.amount != view.total
    names = {view.purchase_id: _("Whole purchase")} if together else {}
    told = rows(view.timeline, viewer="buyer", names=names)
    return {
        "order": view,
        "rows": told,
        "since": view.timeline[-1].event_id if view.timeline else "",
        "meter": meter(view, told),
        "may": possible(view, said.complaints),
        "lines": followed(view, said.stars, said.complaints),
        "titles": {line.line_id: line.title for line in view.lines},
        "complaints": said.complaints,
    }


def live(request: HttpRequest, order_id: UUID) -> HttpResponseBase:
    """Send the order's page again whenever something happened to it."""
    owner = own(request, owner_of_order(order_id))

    def newest() -> UUID | None:
        return last_event_id((order_id, owner.purchase_id), audience="buyer")

    def part() -> str:
        view = found(order_view(order_id, audience="buyer", language=language()))
        return render_to_string("storefront/parts/order.html", _context(view), request)

    return live_part(request, newest=newest, part=part)


def cancel(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Ask why, then cancel an order of which nothing was sent."""
    view = _own_order(request, order_id)

    def act(form: CancelForm) -> Word:
        reason = form.cleaned_data["reason"]
        cancel_order(actor=buyer_of(request), order_id=order_id, reason=reason)
        return _("%(reference)s was cancelled.") % {"reference": view.reference}

    question = Question(
        title=_("Cancel this order?"),
        text=_("The seller stops, and what you paid for it is transferred back to you."),
        button=_("Cancel the order"),
        back=reverse("order", args=[order_id]),
        facts=(
            (_("Order"), view.reference),
            (_("Seller"), view.seller_name),
            (_("Total"), money(view.total)),
        ),
        danger=True,
    )
    return ask(request, question, CancelForm(answers(request)), act)


def time(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Ask for another time, and move a booking to it."""
    line = found(bought_line(line_id, language=language()))
    own(request, line.owner)
    booking = found(booking_to_move(line_id))

    def act(form: TimeForm) -> Word:
        moved = reschedule(actor=buyer_of(request), line_id=line_id, slot_id=form.slot_id())
        return _("Your new time: %(time)s.") % {"time": clock_time(moved.after)}

    question = Question(
        title=_("Choose another time"),
        text=_("You can do so until %(hours)s hours before it begins.")
        % {"hours": booking.terms.change_h},
        button=_("Move it"),
        back=reverse("order", args=[line.order_id]),
        facts=((_("Service"), line.title), (_("Booked"), clock_time(booking.starts_at))),
    )
    return ask(request, question, TimeForm(answers(request), slots=booking.slots), act)


def give_up(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Show what the seller keeps and what comes back, then cancel one booking."""
    line = found(bought_line(line_id, language=language()))
    own(request, line.owner)
    booking = found(booking_to_move(line_id))
    percent = booking.terms.kept_percent(booking.starts_at)
    if percent is None:
        flash_refusal(request, TooLateToCancel(booking.terms.cancel_h))
        return go("order", line.order_id)
    kept = kept_of(line.total, percent)

    def act(form: GiveUpForm) -> Word:
        shown = form.cleaned_data["shown_minor"]
        cancel_booking(actor=buyer_of(request), line_id=line_id, shown_minor=shown)
        return _("Your booking was cancelled.")

    question = Question(
        title=_("Cancel this booking?"),
        text=booking_rules(booking.terms)[0],
        button=_("Cancel the booking"),
        back=reverse("order", args=[line.order_id]),
        facts=(
            (_("Service"), line.title),
            (_("Booked"), clock_time(booking.starts_at)),
            (_("Price"), money(line.total)),
            (_("Kept by the seller"), money(kept)),
            (_("Back to you"), money(line.total - kept)),
        ),
        danger=True,
    )
    form = GiveUpForm(answers(request), initial={"shown_minor": kept.minor})
    return ask(request, question, form, act)


def received(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Ask, then close an order that has arrived; its money goes to the seller."""
    view = _own_order(request, order_id)

    def act(_form: Confirmation) -> Word:
        receive_order(actor=buyer_of(request), order_id=order_id)
        return _("Thank you. The seller is paid now; would you like to write a review?")

    question = Question(
        title=_("Do you have everything?"),
        text=_("Then the seller is paid. If something is wrong, complain instead: the money waits"
               " until it is settled."),
        button=_("Yes, I have everything"),
        back=reverse("order", args=[order_id]),
        facts=(
            (_("Order"), view.reference),
            (_("Seller"), view.seller_name),
            (_("Total"), money(view.total)),
        ),
    )  # fmt: skip
    return ask(request, question, Confirmation(answers(request)), act)


def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Give a document's PDF to its buyer; it is printed now where it is not there yet."""
    owner, person = owner_of_document(document_id), person_of(request)
    if owner or person is None or not is_quoted_to(document_id, person.id):
        own(request, owner)
    return pdf_response(request, document_id)


@require_POST
def download(request: HttpRequest, grant_id: UUID) -> HttpResponseBase:
    """Give one file of a digital good and count it; a file that is not there is not counted.

    `file` chooses among several. A POST, so that nothing fetches (and counts) it ahead.
    """
    owner = own(request, owner_of_download(grant_id))
    files = files_of_download(grant_id)
    wanted = request.POST.get("file")
    file = found(next((f for f in files if str(f.file_id) == wanted or not wanted), None))
    storage = storages["private"]
    if not storage.exists(file.path):
        messages.error(request, _("This file is not there just now; it was not counted."))
        return go("purchase", owner.reference)
    try:
        spend_download(grant_id=grant_id)
    except Refusal as refusal:
        flash_refusal(request, refusal)
        return go("purchase", owner.reference)
    name = file.name if PurePath(file.name).suffix else file.name + PurePath(file.path).suffix
    return FileResponse(storage.open(file.path), as_attachment=True, filename=name)
