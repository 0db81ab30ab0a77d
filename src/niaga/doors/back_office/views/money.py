"""The ledger: what each kind of account holds, and every movement of one."""

from django.http import Http404, HttpRequest, HttpResponse

from niaga.doors.back_office.page import show
from niaga.doors.back_office.words import ACCOUNTS, CATEGORIES, ENTRIES
from niaga.doors.look.access import operator_only
from niaga.doors.look.page import found, identifier
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.ledger.chart import CHART
from niaga.ledger.office_queries import account_balances, count_movements
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance, trial_balance
from niaga.ledger.statements import statement_page
from niaga.parties.queries import company_names

LINES = 50


@operator_only
def ledger(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show the trial balance: both sides add up to the same."""
    held = trial_balance()
    rows = [(kind, held.get(kind.name, Money.zero())) for kind in CHART.values()]
    return show(
        request,
        "ledger",
        {
            "rows": rows,
            "debit": Money.total(amount for kind, amount in rows if kind.normal == "debit"),
            "credit": Money.total(amount for kind, amount in rows if kind.normal == "credit"),
            "accounts": ACCOUNTS,
            "categories": CATEGORIES,
        },
    )


@operator_only
def account(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:  # noqa: ARG001
    """Show the movements of one account; where sellers have one each, first whose."""
    if kind not in CHART:
        raise Http404
    context = {"kind": CHART[kind], "accounts": ACCOUNTS, "entries": ENTRIES}
    owner_id = identifier(request, "owner")
    owners = account_balances(kind)
    names = company_names([*owners, *([owner_id] if owner_id else [])])
    if owners and owner_id is None:
        rows = sorted((names.get(pk, ""), pk, amount) for pk, amount in owners.items())
        return show(request, "account_owners", {**context, "rows": rows})
    key = AccountKey(kind, owner_id)
    before, after = identifier(request, "before"), identifier(request, "after")
    return show(
        request,
        "account",
        {
            **context,
            "owner": found(names.get(owner_id)) if owner_id else "",
            "balance": balance(key),
            "page": statement_page(key, limit=LINES, before=None if after else before, after=after),
            "count": count_movements(kind, owner_id),
        },
    )
