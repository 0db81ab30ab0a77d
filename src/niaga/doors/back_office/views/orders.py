"""Orders: all of them, each with everything that moved."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.forms import ReasonForm
from niaga.doors.back_office.page import ask, show
from niaga.doors.back_office.words import ACCOUNTS, ENTRIES
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Question, answers
from niaga.doors.look.formats import money
from niaga.doors.look.page import Word, chosen, found, language, page_number, tabs, words
from niaga.doors.look.timeline import rows
from niaga.kernel.actor import Actor
from niaga.stages.aftersales.hold_queries import holds_of
from niaga.stages.aftersales.queries import voices_of_order
from niaga.stages.ordering.commands.cancel_order import cancel_order, cancel_purchase
from niaga.stages.ordering.office_queries import order_movements
from niaga.stages.ordering.queries import OrderView, order_view, orders_page
from niaga.stages.ordering.states import OrderState


@operator_only
def orders(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show all orders, by state."""
    state = chosen(request, "state", OrderState.values)
    page = orders_page(
        language=language(), state=state, words=words(request), page=page_number(request)
    )
    links = tabs(request, OrderState.choices, page.by_state, state)
    return show(request, "orders", {"page": page, "tabs": links})


@operator_only
def order(request: HttpRequest, actor: Actor, order_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Show one order: the agreement and the four flows."""
    view = found(order_view(order_id, audience="operator", language=language()))
    return show(
        request,
        "order",
        {
            "order": view,
            "rows": rows(view.timeline, viewer="operator"),
            "holds": holds_of(view),
            "movements": order_movements(order_id),
            "complaints": voices_of_order(order_id, language=language()).complaints,
            "accounts": ACCOUNTS,
            "entries": ENTRIES,
        },
    )


@operator_only
def cancel(request: HttpRequest, actor: Actor, order_id: UUID) -> HttpResponse:
    """Ask for the reason, then cancel; what waits for one payment is cancelled together."""
    view = found(order_view(order_id, audience="operator", language=language()))
    unpaid = view.state == OrderState.PLACED

    def act(form: ReasonForm) -> Word:
        reason = form.cleaned_data["reason"]
        if unpaid:
            cancel_purchase(actor=actor, purchase_id=view.purchase_id, reason=reason)
        else:
            cancel_order(actor=actor, order_id=order_id, reason=reason)
        return _("%(reference)s was cancelled.") % {"reference": view.reference}

    return ask(request, _question(view, unpaid=unpaid), ReasonForm(answers(request)), act)


def _question(view: OrderView, *, unpaid: bool) -> Question:
    together = _("It is not paid yet: all orders of purchase %(reference)s end with it.")
    alone = _("Its goods go back on sale, and what was paid is given back to the buyer.")
    return Question(
        title=_("Cancel order %(reference)s?") % {"reference": view.reference},
        text=together % {"reference": view.purchase_reference} if unpaid else alone,
        button=_("Cancel the order"),
        back=reverse("office:order", args=[view.order_id]),
        facts=(
            (_("Buyer"), view.contact.name),
            (_("Seller"), view.seller_name),
            (_("Total"), money(view.total)),
            (_("State"), view.label),
        ),
        danger=True,
    )
