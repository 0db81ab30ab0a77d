"""`niaga import`: bring data in. Each kind is a file `import_*.py`."""

import typer

from niaga.project.cli import import_products

group = typer.Typer(no_args_is_help=True, help="Bring data into the market.")


@group.callback()
def _import() -> None:
    """Keep this a group while it has only one command."""


group.command("products")(import_products.products)
