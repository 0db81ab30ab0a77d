"""After the sale: reviews, and complaints with their conversation."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.look.access import buyer_of, person_of
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import Word, chosen, found, language, page_number, tabs
from niaga.doors.look.words import ROLES
from niaga.doors.storefront.asking import ask
from niaga.doors.storefront.forms.following import (
    AnswerForm,
    ComplaintForm,
    ResolveForm,
    ReviewForm,
)
from niaga.doors.storefront.ownership import is_owner, own
from niaga.doors.storefront.page import go, show
from niaga.kernel.refusal import Refusal
from niaga.stages.aftersales.commands.complain import (
    ComplaintOpen,
    answer_complaint,
    escalate_complaint,
    open_complaint,
    resolve_complaint,
)
from niaga.stages.aftersales.commands.write_review import write_review
from niaga.stages.aftersales.queries import ComplaintView, complaint_view, complaints_page
from niaga.stages.aftersales.states import ComplaintState
from niaga.stages.ordering.buyer_queries import BoughtLine, bought_line


def _own_line(request: HttpRequest, line_id: UUID) -> BoughtLine:
    line = found(bought_line(line_id, language=language()))
    own(request, line.owner)
    return line


def review(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Write a review of something that has arrived."""
    line = _own_line(request, line_id)
    form = ReviewForm(answers(request))
    if form.is_bound and form.is_valid():
        try:
            write_review(
                actor=buyer_of(request),
                line_id=line_id,
                stars=form.cleaned_data["stars"],
                title=form.cleaned_data["title"],
                body=form.cleaned_data["body"],
                language=language(),
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Thank you: your review helps others choose."))
            return go("order", line.order_id)
    return show(request, "review", {"line": line, "form": form}, 422 if form.errors else 200)


def complain(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Open a complaint; where one is open already, lead there."""
    line = _own_line(request, line_id)
    form = ComplaintForm(answers(request))
    if form.is_bound and form.is_valid():
        try:
            complaint_id = open_complaint(
                actor=buyer_of(request),
                line_id=line_id,
                reason=form.cleaned_data["reason"],
                body=form.cleaned_data["body"],
                author=line.buyer_name,
            )
        except ComplaintOpen as earlier:
            messages.info(request, _("There is an open complaint about this. Please write there."))
            return go("complaint", earlier.complaint_id)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(
                request, _("The seller was told. You see the answer here and by mail.")
            )
            return go("complaint", complaint_id)
    return show(request, "complain", {"line": line, "form": form}, 422 if form.errors else 200)


@login_required
def complaints(request: HttpRequest) -> HttpResponse:
    """Show the visitor's complaints, by state."""
    person = found(person_of(request))
    state = chosen(request, "state", ComplaintState.values)
    page = complaints_page(
        person_id=person.id, state=state, page=page_number(request), language=language()
    )
    links = tabs(request, ComplaintState.choices, page.by_state, state)
    return show(request, "complaints", {"page": page, "tabs": links, "person": person})


def _own_complaint(request: HttpRequest, complaint_id: UUID) -> ComplaintView:
    view = found(complaint_view(complaint_id, language=language()))
    about = view.about
    mine = is_owner(request, reference=about.purchase_reference, person_id=about.person_id)
    return found(view if mine else None)


def complaint(request: HttpRequest, complaint_id: UUID) -> HttpResponse:
    """Show one conversation, and take the buyer's words in it."""
    view = _own_complaint(request, complaint_id)
    form = AnswerForm(answers(request))
    if form.is_bound and form.is_valid():
        try:
            answer_complaint(
                actor=buyer_of(request),
                complaint_id=complaint_id,
                body=form.cleaned_data["body"],
                author=view.about.buyer_name,
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Your message was sent."))
            return go("complaint", complaint_id)
    context = {"complaint": view, "about": view.about, "form": form, "roles": ROLES}
    return show(request, "complaint", context, 422 if form.errors else 200)


def escalate(request: HttpRequest, complaint_id: UUID) -> HttpResponse:
    """Ask, then hand the complaint to the operator."""
    view = _own_complaint(request, complaint_id)

    def act(_form: Confirmation) -> Word:
        escalate_complaint(actor=buyer_of(request), complaint_id=complaint_id)
        return _("The operator decides now.")

    question = Question(
        title=_("Let the operator decide?"),
        text=_("The operator reads the whole conversation. This cannot be taken back."),
        button=_("Ask the operator"),
        back=reverse("complaint", args=[complaint_id]),
        facts=_facts(view),
    )
    return ask(request, question, Confirmation(answers(request)), act)


def resolve(request: HttpRequest, complaint_id: UUID) -> HttpResponse:
    """Ask, then close the complaint: the buyer is content, and the money moves on."""
    view = _own_complaint(request, complaint_id)

    def act(form: ResolveForm) -> Word:
        resolve_complaint(
            actor=buyer_of(request),
            complaint_id=complaint_id,
            body=form.cleaned_data["body"],
            author=view.about.buyer_name,
        )
        return _("Good that it is settled. Thank you.")

    question = Question(
        title=_("Is it settled?"),
        text=_("The complaint is closed, and the seller can be paid."),
        button=_("Yes, it is settled"),
        back=reverse("complaint", args=[complaint_id]),
        facts=_facts(view),
    )
    return ask(request, question, ResolveForm(answers(request)), act)


def _facts(view: ComplaintView) -> tuple[tuple[Word, str], ...]:
    about = view.about
    return (
        (_("Order"), about.order_reference),
        (_("Product"), about.product_title),
        (_("Reason"), about.reason_label),
    )
