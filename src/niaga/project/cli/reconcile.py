"""`niaga reconcile`: do orders, ledger, gateway and bank agree on a day's money?"""

from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from niaga.project.cli.start import console, django_ready
from niaga.project.problem import Problem


def reconcile(
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Which day; yesterday where none is given."),
    ] = None,
    currency: Annotated[str, typer.Option(help="In which currency.")] = "IDR",
) -> None:
    """Compare a day's orders, ledger, gateway and bank; each difference becomes a task.

    A day may be compared again: what was found is not opened twice, and ends when it has gone.
    """
    with django_ready():
        from niaga.flows.money.card.settings import card_settings
        from niaga.flows.money.card.transport import UnreachableError
        from niaga.flows.money.reconciling import compare
        from niaga.kernel.money import CURRENCIES
        from niaga.project.preparation import require_migrated
        from niaga.stages.ordering import reconciling

        require_migrated()
        if currency not in CURRENCIES:
            raise Problem(
                f"The market does not know {currency}.", f"Known: {', '.join(CURRENCIES)}"
            )
        if card_settings() is not None:
            try:
                compare(currency)
            except UnreachableError as error:
                console.print(f"The gateway did not compare: {error}", style="yellow")
        found = reconciling.reconcile(day.date() if day else reconciling.yesterday(), currency)
    table = Table("day", "compared", "differ", "new", "gone", "bank")
    bank = "heard" if found.bank_heard else "no statement yet"
    numbers = (found.compared, found.differing, found.opened, found.gone)
    table.add_row(found.day.isoformat(), *map(str, numbers), bank)
    console.print(table)
    if found.differing:
        console.print("See what differs in the back office: Reconciliation.")
