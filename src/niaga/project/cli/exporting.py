"""`niaga export`: take data out. Each kind is a file `export_*.py`."""

import typer

from niaga.project.cli import export_books, export_coretax, export_epcis

group = typer.Typer(no_args_is_help=True, help="Take data out of the market.")


group.command("books")(export_books.books)
group.command("coretax")(export_coretax.coretax)
group.command("epcis")(export_epcis.epcis)
