"""The daily reconciliation: orders, ledger, gateway and bank."""

from datetime import date, timedelta

from niaga.flows.money.commands.keep_differences import RunReport, open_abouts, record_run
from niaga.plumbing.days import today
from niaga.stages.ordering.four_sides import compared, heard_of


def yesterday() -> date:
    """Return the day that is over, in the market's time zone."""
    return today() - timedelta(days=1)


def reconcile(day: date, currency: str) -> RunReport:
    """Compare a day's four sides, keep the run, open and end differences (`record_run`)."""
    heard = heard_of(day, currency)
    found = tuple(compared(day, currency, heard=heard, still_open=open_abouts(currency)))
    return record_run(day=day, currency=currency, compared=found, bank_heard=heard.all)
