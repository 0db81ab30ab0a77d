"""`niaga import`: bring data in. Each kind is a file `import_*.py`."""

import typer

from niaga.project.cli import import_camt, import_products

group = typer.Typer(no_args_is_help=True, help="Bring data into the market.")


group.command("camt")(import_camt.camt)
group.command("products")(import_products.products)
