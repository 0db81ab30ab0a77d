"""The bank's statement (camt.053): what it says of payouts and transfers, and what fits nothing."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from niaga.doors.back_office.forms import StatementForm
from niaga.doors.back_office.page import show
from niaga.doors.back_office.words import ACCOUNTS, ENTRY_NOTES
from niaga.doors.look.access import operator_only
from niaga.doors.look.forms import add_refusal
from niaga.doors.look.page import chosen, page_number, tabs, words
from niaga.flows.money.bank_statement import StatementUnreadable
from niaga.flows.money.office_queries import entries_page
from niaga.flows.money.states import BankEntryState
from niaga.kernel.actor import Actor
from niaga.stages.ordering.statement_import import import_statement


@operator_only
def statement(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Take a statement; the same one may be sent again, its bookings are known then."""
    if request.method != "POST":
        return show(request, "statement", {"form": StatementForm()})
    form = StatementForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            report = import_statement(form.cleaned_data["file"], actor=actor)
        except StatementUnreadable as refusal:
            add_refusal(form, refusal)
        else:
            groups = (
                (_("Unmatched"), report.unmatched),
                (_("Matched"), report.matched),
                (_("Booked as fees"), report.booked),
                (_("Seen before"), report.seen),
            )
            return show(request, "statement_report", {"report": report, "groups": groups})
    return show(request, "statement", {"form": form}, status=422)


@operator_only
def entries(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show the bookings of all statements, those that fit nothing first."""
    state = chosen(request, "state", BankEntryState.values)
    page = entries_page(state=state, words=words(request), page=page_number(request))
    links = tabs(request, BankEntryState.choices, page.by_state, state)
    return show(
        request,
        "bank_entries",
        {"page": page, "tabs": links, "notes": ENTRY_NOTES, "accounts": ACCOUNTS},
    )
