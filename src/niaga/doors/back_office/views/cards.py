"""Cards: what the bank refused, and where its books and ours differ."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.forms import FindingForm
from niaga.doors.back_office.page import ask, show
from niaga.doors.back_office.task_facts import facts_of
from niaga.doors.back_office.words import BOOK_PROBLEMS, OPERATION_KINDS
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.formats import money
from niaga.doors.look.page import Word, found, page_number
from niaga.flows.money.card_queries import (
    difference,
    differences,
    reconciliations_page,
    refused_operation,
    refused_operations,
)
from niaga.flows.money.commands.clear_difference import clear_difference
from niaga.flows.money.tasks import DIFFERENCE_TASK
from niaga.kernel.actor import Actor
from niaga.stages.ordering.commands.take_bank_answer import tell_again


@operator_only
def cards(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show what a person has to look at, and the comparisons of the books."""
    return show(
        request,
        "cards",
        {
            "refused": refused_operations(),
            "differences": differences(),
            "me": actor.person_id,
            "page": reconciliations_page(page_number(request)),
            "kinds": OPERATION_KINDS,
            "problems": BOOK_PROBLEMS,
        },
    )


@operator_only
def again(request: HttpRequest, actor: Actor, operation_id: UUID) -> HttpResponse:
    """Ask, then have the bank told again what it refused."""
    operation = found(refused_operation(operation_id))

    def act(_form: Confirmation) -> Word:
        tell_again(actor=actor, operation_id=operation_id)
        return _("The bank is told again.")

    question = Question(
        title=_("Tell the bank again?"),
        text=_("It refused once; do this when the reason is gone."),
        button=_("Tell it again"),
        back=reverse("office:cards"),
        facts=(
            (_("What"), OPERATION_KINDS[operation.kind]),
            (_("Amount"), money(operation.amount) if operation.amount else _("All that is left")),
            (_("The bank's word"), operation.reason),
        ),
    )
    return ask(request, question, Confirmation(answers(request)), act)


@operator_only
def clear(request: HttpRequest, actor: Actor, difference_id: UUID) -> HttpResponse:
    """Ask what was found, then clear the difference."""
    about = found(difference(difference_id))

    def act(form: FindingForm) -> Word:
        note = form.cleaned_data["note"]
        clear_difference(actor=actor, difference_id=difference_id, note=note)
        return _("The difference is cleared.")

    question = Question(
        title=_("Clear this difference?"),
        text=_("No money moves by this; your words stay beside it."),
        button=_("Clear it"),
        back=reverse("office:task", args=[about.task.task_id]),
        facts=facts_of(DIFFERENCE_TASK, difference_id),
    )
    return ask(request, question, FindingForm(answers(request)), act)
