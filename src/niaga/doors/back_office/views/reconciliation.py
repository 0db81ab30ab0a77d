"""Reconciliation: the days' runs, what differed, and how a difference ends."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.back_office.forms import FindingForm, SettlementForm
from niaga.doors.back_office.page import ask, show
from niaga.doors.back_office.task_facts import accounts_of, facts_of
from niaga.doors.back_office.words import ACCOUNTS, BOOK_PROBLEMS, DIFFERENCE_KINDS
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Question, answers
from niaga.doors.look.formats import money
from niaga.doors.look.page import Word, found, page_number
from niaga.flows.money.commands.clear_difference import clear_difference
from niaga.flows.money.reconciliation_queries import (
    count_open_differences,
    difference,
    run_differences,
    run_view,
    runs_page,
)
from niaga.flows.money.tasks import DIFFERENCE_TASK
from niaga.kernel.actor import Actor
from niaga.stages.ordering.commands.settle_difference import settle_difference


@operator_only
def runs(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show the days that were compared, the newest run first."""
    context = {"page": runs_page(page_number(request)), "open": count_open_differences()}
    return show(request, "reconciliation", context)


@operator_only
def run(request: HttpRequest, actor: Actor, run_id: UUID) -> HttpResponse:
    """Show what each side said in one run, and what differed."""
    about = found(run_view(run_id))
    context = {
        "run": about,
        "page": run_differences(about, page_number(request)),
        "kinds": DIFFERENCE_KINDS,
        "problems": BOOK_PROBLEMS,
        "accounts": ACCOUNTS,
        "me": actor.person_id,
    }
    return show(request, "reconciliation_run", context)


@operator_only
def clear(request: HttpRequest, actor: Actor, difference_id: UUID) -> HttpResponse:
    """Ask what was found, then close the difference; nothing is booked."""
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


@operator_only
def settle(request: HttpRequest, actor: Actor, difference_id: UUID) -> HttpResponse:
    """Ask for account and reason, then book the difference in the ledger."""
    about = found(difference(difference_id))
    choices = [(account, ACCOUNTS[account]) for account in accounts_of(about)]
    found(choices)

    def act(form: SettlementForm) -> Word:
        booked = settle_difference(
            actor=actor,
            difference_id=difference_id,
            account=form.cleaned_data["account"],
            reason=form.cleaned_data["reason"],
        )
        return _("%(amount)s booked.") % {"amount": money(booked)}

    question = Question(
        title=_("Book this difference?"),
        text=_(
            "The ledger is brought to what the bank says; the rest goes to the account you choose. "
            "A booking can't be taken back."
        ),
        button=_("Book it"),
        back=reverse("office:task", args=[about.task.task_id]),
        facts=facts_of(DIFFERENCE_TASK, difference_id),
    )
    return ask(request, question, SettlementForm(answers(request), accounts=choices), act)
