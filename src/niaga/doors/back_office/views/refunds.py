"""Refunds: made for an order, and money that buyers wait for."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.page import ask, show
from niaga.doors.look import refunding
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.formats import money
from niaga.doors.look.page import Word, chosen, found, language, page_number, tabs
from niaga.flows.money.states import RefundState
from niaga.kernel.actor import Actor
from niaga.stages.ordering.commands.cancel_order import send_refund
from niaga.stages.ordering.office_queries import refund_view, refunds_page
from niaga.stages.ordering.refund_queries import refund_sheet


@operator_only
def refunds(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show refunds, the longest due first."""
    state = chosen(request, "state", RefundState.values)
    page = refunds_page(state=state, page=page_number(request))
    links = tabs(request, RefundState.choices, page.by_state, state)
    return show(request, "refunds", {"page": page, "tabs": links})


@operator_only
def refund(request: HttpRequest, actor: Actor, order_id: UUID) -> HttpResponse:
    """Give money of an order back: choose, see what it does, do it."""
    sheet = found(refund_sheet(order_id, language=language()))
    back = reverse("office:order", args=[order_id])
    return refunding.refund(request, actor, sheet, back, partial(show, request, "refund"))


@operator_only
def sent(request: HttpRequest, actor: Actor, refund_id: UUID) -> HttpResponse:
    """Ask, then note that the refund was transferred."""
    refund = found(refund_view(refund_id))

    def act(_form: Confirmation) -> Word:
        send_refund(actor=actor, refund_id=refund_id)
        return _("The refund of %(amount)s is noted as transferred.") % {
            "amount": money(refund.amount)
        }

    question = Question(
        title=_("Was %(amount)s transferred?") % {"amount": money(refund.amount)},
        text=_("Transfer it at your bank first; here it is only noted, and the buyer is told."),
        button=_("Yes, it was transferred"),
        back=reverse("office:refunds"),
        facts=(
            (_("Buyer"), f"{refund.buyer_name} · {refund.buyer_email}"),
            (_("Order"), refund.order_reference),
            (_("Reason"), refund.reason),
            (_("State"), refund.label),
        ),
    )
    return ask(request, question, Confirmation(answers(request)), act)
