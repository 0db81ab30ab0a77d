"""Cards: what the bank refused, and the periods in which its books were compared with ours."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.page import ask, show
from niaga.doors.back_office.words import BOOK_PROBLEMS, OPERATION_KINDS
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Confirmation, Question, answers
from niaga.doors.look.formats import money
from niaga.doors.look.page import Word, found, page_number
from niaga.flows.money.card_queries import (
    reconciliations_page,
    refused_operation,
    refused_operations,
)
from niaga.flows.money.reconciliation_queries import gateway_differences
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
            "differences": gateway_differences(),
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
