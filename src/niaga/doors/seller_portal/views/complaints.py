"""What buyers say afterwards: complaints to answer, reviews to read."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.formats import money
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import Word, chosen, found, language, page_number, tabs
from niaga.doors.look.returning import agreement
from niaga.doors.look.words import ROLES
from niaga.doors.seller_portal.forms.trade import AnswerForm, ReceiveReturnForm
from niaga.doors.seller_portal.page import ask, go, show
from niaga.flows.goods.stock_queries import locations_of
from niaga.kernel.refusal import Refusal
from niaga.stages.aftersales.commands import take_back
from niaga.stages.aftersales.commands.complain import answer_complaint, escalate_complaint
from niaga.stages.aftersales.queries import (
    ComplaintView,
    complaint_summary,
    complaint_view,
    complaints_page,
    return_view,
    return_worth,
    reviews_of_seller,
)
from niaga.stages.aftersales.states import ComplaintState


@seller_only
def complaints(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show the seller's complaints, by state."""
    state = chosen(request, "state", ComplaintState.values)
    page = complaints_page(
        seller_id=desk.company_id, state=state, page=page_number(request), language=language()
    )
    links = tabs(request, ComplaintState.choices, page.by_state, state)
    return show(request, desk, "complaints", {"page": page, "tabs": links})


@seller_only
def complaint(request: HttpRequest, desk: SellerDesk, complaint_id: UUID) -> HttpResponse:
    """Show one conversation, and take the seller's words in it."""
    view = _own(desk, complaint_id)
    form = AnswerForm(answers(request))
    if form.is_bound and form.is_valid():
        try:
            answer_complaint(
                actor=desk.actor,
                complaint_id=complaint_id,
                body=form.cleaned_data["body"],
                author=desk.name,
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Your answer was sent."))
            return go("complaint", complaint_id)
    context = {"complaint": view, "form": form, "roles": ROLES}
    return show(request, desk, "complaint", context, 422 if form.errors else 200)


@seller_only
def escalate(request: HttpRequest, desk: SellerDesk, complaint_id: UUID) -> HttpResponse:
    """Ask, then hand the complaint to the operator."""
    about = _own(desk, complaint_id).about

    def act(_form: Confirmation) -> Word:
        escalate_complaint(actor=desk.actor, complaint_id=complaint_id)
        return _("The operator decides now.")

    question = Question(
        title=_("Let the operator decide?"),
        text=_("The operator reads the whole conversation. This cannot be taken back."),
        button=_("Ask the operator"),
        back=reverse("seller:complaint", args=[complaint_id]),
        facts=((_("Order"), about.order_reference), (_("Reason"), about.reason_label)),
    )
    return ask(request, desk, question, Confirmation(answers(request)), act)


@seller_only
def agree_return(request: HttpRequest, desk: SellerDesk, complaint_id: UUID) -> HttpResponse:
    """Ask how, then agree that the goods go back."""
    view = _own(desk, complaint_id)
    back = reverse("seller:complaint", args=[complaint_id])
    question, form, act = agreement(request, desk.actor, view, author=desk.name, back=back)
    return ask(request, desk, question, form, act)


@seller_only
def receive_return(request: HttpRequest, desk: SellerDesk, return_id: UUID) -> HttpResponse:
    """Ask where they go, then take goods that came back."""
    back = found(return_view(return_id))
    about = found(complaint_summary(back.complaint_id, language=language()))
    found(about.seller_id == desk.company_id or None)

    def act(form: ReceiveReturnForm) -> Word:
        refunded = take_back.receive_return(
            actor=desk.actor, return_id=return_id, location_id=form.location_id()
        )
        return _("They are back. %(amount)s goes back to the buyer.") % {"amount": money(refunded)}

    question = Question(
        title=_("Did the goods come back?"),
        text=_("The buyer gets the money below, and the complaint is closed."),
        button=_("They are here"),
        back=reverse("seller:complaint", args=[back.complaint_id]),
        facts=(
            (_("Order"), about.order_reference),
            (_("Product"), about.product_title),
            (_("Quantity"), back.quantity),
            (_("Goes back to the buyer"), money(return_worth(return_id))),
        ),
    )
    form = ReceiveReturnForm(answers(request), locations=locations_of(desk.company_id))
    return ask(request, desk, question, form, act)


@seller_only
def reviews(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show what buyers say of what they got."""
    page = reviews_of_seller(desk.company_id, page_number(request), language=language())
    return show(request, desk, "reviews", {"page": page})


def _own(desk: SellerDesk, complaint_id: UUID) -> ComplaintView:
    view = complaint_view(complaint_id, language=language())
    return found(view if view and view.about.seller_id == desk.company_id else None)
