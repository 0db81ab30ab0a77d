"""`niaga export coretax`: a month's invoices, for the tax office."""

from calendar import monthrange
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from niaga.project.cli.start import console, django_ready
from niaga.project.problem import Problem


def coretax(
    folder: Annotated[Path, typer.Argument(help="Where to write them; made if need be.")],
    month: Annotated[
        datetime, typer.Option(formats=["%Y-%m"], help="The tax period, such as 2026-11.")
    ],
    seller: Annotated[
        str, typer.Option(help="Only this seller's (its name in addresses); or `market`.")
    ] = "",
) -> None:
    """Write invoices as Coretax imports them, 1,000 a file, and a table of what is in them."""
    if folder.exists() and any(folder.iterdir()):
        raise Problem(f"{folder} is not empty.", "Name a new folder.")
    with django_ready():
        from niaga.flows.documents.commands.ask_bundle import MOST_FOR_TAX
        from niaga.flows.documents.finding import Reader, Wanted, tax_invoice_ids
        from niaga.flows.documents.tax_files import tax_files
        from niaga.parties.models import Company

        company = Company.objects.filter(slug=seller).first() if seller else None
        if seller and seller != "market" and company is None:
            raise Problem(f"There is no seller {seller}.", "Give the name in its shop's address.")
        first = month.date()
        asked = Wanted(
            kind="commission_invoice" if seller == "market" else "",
            since=first,
            until=first.replace(day=monthrange(first.year, first.month)[1]),
        )
        reader = Reader("console", seller_id=company.id if company else None)
        ids = tax_invoice_ids(reader, asked, at_most=MOST_FOR_TAX + 1)
        if len(ids) > MOST_FOR_TAX:
            raise Problem("These are too many invoices.", "Export seller by seller.")
        folder.mkdir(parents=True, exist_ok=True)
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("Invoices", total=len(ids))
            for name, content, done in tax_files(ids):
                (folder / name).write_bytes(content)
                bar.update(task, completed=done)
    console.print(f"{len(ids):,} invoices are told of in {folder}; see summary.csv.")
