"""`niaga export epcis`: the log of goods, for whoever traces them."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from niaga.project.cli.start import console, django_ready


def epcis(
    file: Annotated[Path, typer.Argument(help="Where to write it.", dir_okay=False)],
    order: Annotated[str, typer.Option(help="Only an order, by its reference.")] = "",
    seller: Annotated[str, typer.Option(help="Only a seller, by its short name.")] = "",
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only from this day on.")
    ] = None,
) -> None:
    """Write every movement of stock as an EPCIS 2.0 event (JSON-LD)."""
    with django_ready():
        from niaga.stages.ordering.tracing import write_epcis

        with file.open("w", encoding="utf-8") as target:
            count = write_epcis(
                target,
                order=order.strip().upper(),
                seller=seller.strip(),
                since=since.date() if since else None,
            )
    console.print(f"{count:,} events are in {file}.")
