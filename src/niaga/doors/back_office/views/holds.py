"""Money held back: made with its reasons, answered, lifted."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.forms import HoldAnswerForm, HoldForm
from niaga.doors.back_office.page import go, show
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import answers
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import chosen, found, language, page_number, tabs
from niaga.flows.money.states import HoldState
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.stages.aftersales.commands.appeal_hold import grant_appeal, turn_appeal_down
from niaga.stages.aftersales.commands.hold_money import hold_money
from niaga.stages.aftersales.hold_queries import held_parts, hold_view, holds_page
from niaga.stages.ordering.refund_queries import refund_sheet


@operator_only
def holds(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show all holds, by state."""
    state = chosen(request, "state", HoldState.values)
    page = holds_page(state=state, page=page_number(request), language=language())
    links = tabs(request, HoldState.choices, page.by_state, state)
    return show(request, "holds", {"page": page, "tabs": links})


@operator_only
def new(request: HttpRequest, actor: Actor, order_id: UUID) -> HttpResponse:
    """Hold money of an order back: with reason, evidence, owner and deadline, or not at all."""
    order = found(refund_sheet(order_id, language=language()))
    parts = held_parts(order_id, language=language())
    back = reverse("office:order", args=[order_id])
    form = HoldForm(answers(request), parts=parts)
    if form.is_bound and form.is_valid():
        try:
            hold_money(actor=actor, order_id=order_id, about_id=form.about_id(), wish=form.wish())
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The money waits; the seller is told why."))
            return go("order", order_id)
    context = {"order": order, "held": parts, "form": form, "back": back}
    return show(request, "hold_new", context, 422 if form.errors else 200)


@operator_only
def hold(request: HttpRequest, actor: Actor, hold_id: UUID) -> HttpResponse:
    """Show one hold, and take the operator's answer: lift it, or keep it."""
    view = found(hold_view(hold_id, language=language()))
    form = HoldAnswerForm(answers(request))
    if form.is_bound and form.is_valid():
        words = form.cleaned_data["words"]
        keep = request.POST.get("answer") == "keep"
        try:
            if keep:
                turn_appeal_down(actor=actor, hold_id=hold_id, decision=words)
            else:
                grant_appeal(actor=actor, hold_id=hold_id, decision=words)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The hold stays.") if keep else _("The hold is lifted."))
            return go("hold", hold_id)
    context = {"hold": view, "form": form}
    return show(request, "hold", context, 422 if form.errors else 200)
