"""Comparing books with the gateway, between the commands: the network is asked here."""

from niaga.flows.money.card import bank
from niaga.flows.money.commands.reconcile_books import (
    drop_reconciliation,
    movements,
    next_period,
    open_reconciliation,
    record_reconciliation,
)
from niaga.flows.money.models import Reconciliation
from niaga.flows.money.states import ReconciliationState


def compare(currency: str) -> int:
    """Compare every period that is over; return how many. What was interrupted goes on first.

    Raises:
        UnreachableError: the gateway did not answer; the next call sends the same bytes.
    """
    compared = 0
    while (row := _next(currency)) is not None:
        found = bank.compare_books(row.request)
        if found is None:
            drop_reconciliation(reconciliation_id=row.pk)
            break
        record_reconciliation(reconciliation_id=row.pk, compared=found)
        compared += 1
    return compared


def _next(currency: str) -> Reconciliation | None:
    due = Reconciliation.objects.filter(currency=currency, state=ReconciliationState.DUE)
    if (begun := due.order_by("since").first()) is not None:
        return begun
    period = next_period(currency)
    if period is None:
        return None
    since, until = period
    moved = movements(since, until, currency)
    request = bank.sign_comparison(moved, since=since, until=until, currency=currency)
    pk = open_reconciliation(since=since, until=until, currency=currency, request=request)
    return Reconciliation.objects.get(pk=pk)
