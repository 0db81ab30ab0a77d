"""`niaga import camt`: the bank's statement of account."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from niaga.project.cli.start import console, django_ready
from niaga.project.problem import Problem


def camt(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="The statement (camt.053, XML).")
    ],
) -> None:
    """Take the bank's statement: payouts, what came back, buyers' transfers, fees.

    The same statement again changes nothing. Bookings that fit nothing are shown, and are tasks.
    """
    with django_ready():
        from niaga.flows.money.bank_statement import StatementUnreadable
        from niaga.kernel.actor import Actor
        from niaga.stages.ordering.statement_import import import_statement

        try:
            report = import_statement(file.read_bytes(), actor=Actor.system())
        except StatementUnreadable as no:
            where = f", line {no.line}" if no.line else ""
            raise Problem(
                f"{file} is no statement that we can read ({no.rule}{where}).",
                "It must be camt.053, version 2 or 8, valid by its schema.",
            ) from no
    if report.unmatched:
        table = Table("booked", "amount", "name", "text", title="Bookings that fit nothing")
        for row in report.unmatched:
            amount = f"{row.amount.major} {row.amount.currency}"
            table.add_row(row.booked_on.isoformat(), amount, row.counterparty, row.text)
        console.print(table)
    console.print(
        f"{len(report.matched)} bookings matched, {len(report.booked)} fees were booked, "
        f"{len(report.unmatched)} fit nothing, {len(report.seen)} were known."
    )
