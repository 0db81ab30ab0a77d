"""Complaints: the operator reads along, answers and decides."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.forms import AnswerForm, DecisionForm
from niaga.doors.back_office.page import ask, go, show
from niaga.doors.look.access import operator_only, person_of
from niaga.doors.look.ask import Question, answers
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import Word, chosen, found, language, page_number, tabs
from niaga.doors.look.returning import agreement
from niaga.doors.look.words import ROLES
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.stages.aftersales.commands.complain import answer_complaint, resolve_complaint
from niaga.stages.aftersales.queries import complaint_view, complaints_page
from niaga.stages.aftersales.states import ComplaintState


@operator_only
def complaints(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show all complaints, by state."""
    state = chosen(request, "state", ComplaintState.values)
    page = complaints_page(state=state, page=page_number(request), language=language())
    links = tabs(request, ComplaintState.choices, page.by_state, state)
    return show(request, "complaints", {"page": page, "tabs": links})


@operator_only
def complaint(request: HttpRequest, actor: Actor, complaint_id: UUID) -> HttpResponse:
    """Show one conversation, and take the operator's words in it."""
    view = found(complaint_view(complaint_id, language=language()))
    form = AnswerForm(answers(request))
    if request.method == "POST" and form.is_valid():
        try:
            answer_complaint(
                actor=actor,
                complaint_id=complaint_id,
                body=form.cleaned_data["body"],
                author=_author(request),
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Your answer was sent."))
            return go("complaint", complaint_id)
    context = {"complaint": view, "form": form, "roles": ROLES}
    return show(request, "complaint", context, status=422 if form.errors else 200)


@operator_only
def agree_return(request: HttpRequest, actor: Actor, complaint_id: UUID) -> HttpResponse:
    """Ask how, then decide that the seller takes the goods back."""
    view = found(complaint_view(complaint_id, language=language()))
    back = reverse("office:complaint", args=[complaint_id])
    question, form, act = agreement(request, actor, view, author=_author(request), back=back)
    return ask(request, question, form, act)


@operator_only
def resolve(request: HttpRequest, actor: Actor, complaint_id: UUID) -> HttpResponse:
    """Ask for the decision, then close the complaint."""
    about = found(complaint_view(complaint_id, language=language())).about

    def act(form: DecisionForm) -> Word:
        resolve_complaint(
            actor=actor,
            complaint_id=complaint_id,
            body=form.cleaned_data["body"],
            author=_author(request),
        )
        return _("The complaint is resolved; the order's money moves on.")

    question = Question(
        title=_("Resolve this complaint?"),
        text=_("Nobody can write in it afterwards, and the money is no longer held back."),
        button=_("Resolve"),
        back=reverse("office:complaint", args=[complaint_id]),
        facts=(
            (_("Order"), about.order_reference),
            (_("Buyer"), about.buyer_name),
            (_("Seller"), about.seller_name),
            (_("Reason"), about.reason_label),
            (_("State"), about.label),
        ),
    )
    return ask(request, question, DecisionForm(answers(request)), act)


def _author(request: HttpRequest) -> str:
    return str(person_of(request) or "")
