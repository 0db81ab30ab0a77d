"""Money of the seller that is held back: why, and how it objects."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.ask import answers
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import chosen, found, language, page_number, tabs
from niaga.doors.seller_portal.forms.trade import AppealForm
from niaga.doors.seller_portal.page import go, show
from niaga.flows.money.states import HoldState
from niaga.kernel.refusal import Refusal
from niaga.stages.aftersales.commands.appeal_hold import appeal
from niaga.stages.aftersales.hold_queries import hold_view, holds_page


@seller_only
def holds(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show what is held back of the seller's money, by state."""
    state = chosen(request, "state", HoldState.values)
    page = holds_page(
        seller_id=desk.company_id, state=state, page=page_number(request), language=language()
    )
    links = tabs(request, HoldState.choices, page.by_state, state)
    return show(request, desk, "holds", {"page": page, "tabs": links})


@seller_only
def hold(request: HttpRequest, desk: SellerDesk, hold_id: UUID) -> HttpResponse:
    """Show one hold, and take the seller's objection."""
    view = hold_view(hold_id, language=language())
    view = found(view if view and view.seller_id == desk.company_id else None)
    form = AppealForm(answers(request))
    if form.is_bound and form.is_valid():
        try:
            appeal(actor=desk.actor, hold_id=hold_id, words=form.cleaned_data["words"])
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Your objection was sent to the operator."))
            return go("hold", hold_id)
    context = {"hold": view, "form": form}
    return show(request, desk, "hold", context, 422 if form.errors else 200)
