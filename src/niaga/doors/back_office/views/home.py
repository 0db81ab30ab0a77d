"""What waits for the operator, and how the market does."""

from django.http import HttpRequest, HttpResponse

from niaga.doors.back_office.page import show
from niaga.doors.back_office.words import ACCOUNTS
from niaga.doors.look.access import operator_only
from niaga.flows.information.office_queries import failed_mails
from niaga.flows.money.card_queries import card_troubles
from niaga.flows.money.office_queries import money_waiting
from niaga.kernel.actor import Actor
from niaga.ledger.queries import trial_balance
from niaga.parties.queries import companies_waiting
from niaga.plumbing.queries import count_dead_deliveries, last_audit
from niaga.stages.aftersales.queries import escalated_complaints
from niaga.stages.ordering.office_queries import todays_figures


@operator_only
def home(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001 - may be asked
    """Show the overview."""
    return show(
        request,
        "home",
        {
            "companies": companies_waiting(),
            "money": money_waiting(),
            "cards": card_troubles(),
            "complaints": escalated_complaints(),
            "dead": count_dead_deliveries(),
            "mails": failed_mails(),
            "today": todays_figures(),
            "balances": trial_balance(),
            "accounts": ACCOUNTS,
            "audit": last_audit(),
        },
    )
