"""Quotations: asked from the basket, read, declined, or taken at the quoted prices."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from niaga.doors.look.access import buyer_of, person_of
from niaga.doors.look.ask import Question, answers
from niaga.doors.look.forms import flash_refusal
from niaga.doors.look.page import Word, chosen, page_number, tabs
from niaga.doors.storefront.asking import ask
from niaga.doors.storefront.basket_cookie import keep_basket
from niaga.doors.storefront.forms.quotation import AskQuotationForm, DeclineQuotationForm
from niaga.doors.storefront.page import found, go, language, show
from niaga.kernel.refusal import Refusal
from niaga.parties.models import Person
from niaga.stages.sharing.commands.answer_quotation import decline_quotation
from niaga.stages.sharing.commands.ask_quotation import ask_quotation
from niaga.stages.sharing.commands.take_quotation import take_quotation
from niaga.stages.sharing.queries import basket_of_person, basket_view
from niaga.stages.sharing.quotation_queries import (
    QuotationView,
    quotation_view,
    quotations_page,
)
from niaga.stages.sharing.states import QuotationState


def _person(request: HttpRequest) -> Person:
    return found(person_of(request))


def _own(request: HttpRequest, quotation_id: UUID) -> QuotationView:
    person_id = _person(request).id
    return found(quotation_view(quotation_id, person_id=person_id, language=language()))


@login_required
def quotations(request: HttpRequest) -> HttpResponse:
    """Show what the visitor asked for, by state."""
    person = _person(request)
    state = chosen(request, "state", QuotationState.values)
    page = quotations_page(person_id=person.id, state=state, page=page_number(request))
    links = tabs(request, QuotationState.choices, page.by_state, state)
    return show(request, "quotations", {"page": page, "tabs": links, "person": person})


@login_required
def quotation(request: HttpRequest, quotation_id: UUID) -> HttpResponse:
    """Show one, with its prices and its paper."""
    return show(request, "quotation", {"quotation": _own(request, quotation_id)})


@login_required
def ask_for(request: HttpRequest, seller_id: UUID) -> HttpResponse:
    """Ask what the seller should know, then ask for a quotation of what lies in the basket."""
    basket = basket_view(basket_of_person(_person(request).id), language())
    seller = found(next((s for s in basket.sellers if s.seller_id == seller_id), None))

    def act(form: AskQuotationForm) -> Word:
        actor = buyer_of(request)
        ask_quotation(actor=actor, seller_id=seller_id, note=form.cleaned_data["note"])
        return _("%(seller)s was asked. You get a mail once there is an answer.") % {
            "seller": seller.name
        }

    question = Question(
        title=_("Ask %(seller)s for a quotation?") % {"seller": seller.name},
        text=_("The seller sees these things and how many, and offers you prices in writing."),
        button=_("Ask for a quotation"),
        back=reverse("quotations"),
        facts=tuple(
            (line.title, f"{line.quantity} ×") for line in seller.lines if line.slot is None
        ),
    )
    return ask(request, question, AskQuotationForm(answers(request)), act)


@login_required
def decline(request: HttpRequest, quotation_id: UUID) -> HttpResponse:
    """Ask, then let the quotation go."""
    view = _own(request, quotation_id)

    def act(form: DeclineQuotationForm) -> Word:
        words = form.cleaned_data["words"]
        decline_quotation(actor=buyer_of(request), quotation_id=quotation_id, words=words)
        return _("The quotation is declined.")

    question = Question(
        title=_("Let this quotation go?"),
        text=_("Its prices end at once. You can ask again at any time."),
        button=_("Decline"),
        back=reverse("quotation", args=[quotation_id]),
        facts=((_("Seller"), view.about.seller_name),),
        danger=True,
    )
    return ask(request, question, DeclineQuotationForm(answers(request)), act)


@require_POST
@login_required
def take(request: HttpRequest, quotation_id: UUID) -> HttpResponse:
    """Put the quotation into the basket."""
    try:
        filled = take_quotation(actor=buyer_of(request), quotation_id=quotation_id)
    except Refusal as refusal:
        flash_refusal(request, refusal)
        return go("quotation", quotation_id)
    messages.success(request, _("The quotation is in your basket, at its prices."))
    response = go("basket")
    keep_basket(request, response, filled.basket_id, filled.item_count)
    return response
