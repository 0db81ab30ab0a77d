"""`niaga export`: take data out. Each kind is a file `export_*.py`."""

import typer

from niaga.project.cli import export_epcis

group = typer.Typer(no_args_is_help=True, help="Take data out of the market.")


@group.callback()
def _export() -> None:
    """Keep this a group while it has only one command."""


group.command("epcis")(export_epcis.epcis)
