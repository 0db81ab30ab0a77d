"""Money that pays nothing: to the purchase it was meant for, or back."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.forms import ReferenceForm
from niaga.doors.back_office.page import ask
from niaga.doors.back_office.task_facts import facts_of
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Question, answers
from niaga.doors.look.page import Word, found
from niaga.flows.money.tasks import RECEIPT_TASK
from niaga.kernel.actor import Actor
from niaga.plumbing.task_queries import tasks_about
from niaga.stages.ordering.commands.settle_receipt import assign_receipt, return_receipt


@operator_only
def assign(request: HttpRequest, actor: Actor, receipt_id: UUID) -> HttpResponse:
    """Ask which purchase money was meant for, then let it pay it."""

    def act(form: ReferenceForm) -> Word:
        reference = form.cleaned_data["reference"]
        assign_receipt(actor=actor, receipt_id=receipt_id, reference=reference)
        return _("The money pays %(reference)s now.") % {"reference": reference}

    words = (
        _("Which purchase was it meant for?"),
        _("It must wait for exactly this amount; its sellers begin at once."),
        _("Pay this purchase"),
    )
    return _ask(request, receipt_id, words, act)


@operator_only
def send_back(request: HttpRequest, actor: Actor, receipt_id: UUID) -> HttpResponse:
    """Ask for the transfer's number, then write down that money was sent back."""

    def act(form: ReferenceForm) -> Word:
        reference = form.cleaned_data["reference"]
        return_receipt(actor=actor, receipt_id=receipt_id, reference=reference)
        return _("Written down: the money was sent back.")

    words = (
        _("Was the money sent back?"),
        _("Transfer it first, from the market's bank account; then give that transfer's number."),
        _("It was sent back"),
    )
    return _ask(request, receipt_id, words, act)


def _ask(
    request: HttpRequest,
    receipt_id: UUID,
    words: tuple[Word, Word, Word],
    act: Callable[[ReferenceForm], Word],
) -> HttpResponse:
    task = found(tasks_about(RECEIPT_TASK, [receipt_id]).get(receipt_id))
    title, text, button = words
    question = Question(
        title=title,
        text=text,
        button=button,
        back=reverse("office:task", args=[task.task_id]),
        facts=facts_of(RECEIPT_TASK, receipt_id),
    )
    return ask(request, question, ReferenceForm(answers(request)), act)
