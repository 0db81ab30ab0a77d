"""Quotations: what buyers ask, and what the seller offers."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.ask import Question, answers
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import Word, chosen, found, language, page_number, tabs
from niaga.doors.seller_portal.forms.quotation import NotQuotedForm, OfferForm
from niaga.doors.seller_portal.page import ask, go, show
from niaga.kernel.refusal import Refusal
from niaga.stages.sharing.commands.answer_quotation import decline_quotation, offer_quotation
from niaga.stages.sharing.quotation_queries import (
    QuotationView,
    quotation_view,
    quotations_page,
)
from niaga.stages.sharing.states import QuotationState


@seller_only
def quotations(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show what buyers asked for, by state."""
    state = chosen(request, "state", QuotationState.values)
    page = quotations_page(seller_id=desk.company_id, state=state, page=page_number(request))
    links = tabs(request, QuotationState.choices, page.by_state, state)
    return show(request, desk, "quotations", {"page": page, "tabs": links})


@seller_only
def quotation(request: HttpRequest, desk: SellerDesk, quotation_id: UUID) -> HttpResponse:
    """Show one, and take the seller's prices while they are asked for."""
    view = _own(desk, quotation_id)
    form = OfferForm(answers(request), quotation=view)
    if form.is_bound and form.is_valid():
        try:
            offer_quotation(
                actor=desk.actor,
                quotation_id=quotation_id,
                prices=form.prices(),
                until=form.cleaned_data["until"],
                words=form.cleaned_data["words"],
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Your quotation is on its way to the buyer."))
            return go("quotation", quotation_id)
    context = {"quotation": view, "form": form}
    return show(request, desk, "quotation", context, 422 if form.errors else 200)


@seller_only
def decline(request: HttpRequest, desk: SellerDesk, quotation_id: UUID) -> HttpResponse:
    """Ask, then decline to quote."""
    view = _own(desk, quotation_id)

    def act(form: NotQuotedForm) -> Word:
        words = form.cleaned_data["words"]
        decline_quotation(actor=desk.actor, quotation_id=quotation_id, words=words)
        return _("The quotation is declined.")

    question = Question(
        title=_("Decline this quotation?"),
        text=_("The buyer is told. Prices that were offered end at once."),
        button=_("Decline"),
        back=reverse("seller:quotation", args=[quotation_id]),
        facts=((_("Buyer"), view.about.buyer_name),),
        danger=True,
    )
    return ask(request, desk, question, NotQuotedForm(answers(request)), act)


def _own(desk: SellerDesk, quotation_id: UUID) -> QuotationView:
    return found(quotation_view(quotation_id, seller_id=desk.company_id, language=language()))
