"""`niaga import products`: a seller's products from a CSV file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from niaga.project.cli.start import console, django_ready, progress_bars
from niaga.project.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from niaga.stages.sharing.product_files import RefusedRow

SHOWN = 30


def products(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The CSV file.")],
    seller: Annotated[str, typer.Option(help="The seller's short name, as in its address.")],
    category: Annotated[
        str, typer.Option(help="Category path for products whose own is unknown.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; write nothing.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Write nothing when any row is refused.")
    ] = False,
) -> None:
    """List a seller's products from a CSV: our columns or Shopify's (docs/import-products.md).

    A product with a refused row stays out whole; the others are written in one transaction.
    Refused rows are shown, and written beside the file as FILE.refused.csv.
    """
    with django_ready():
        from niaga.stages.sharing.product_files import FileUnreadable
        from niaga.stages.sharing.product_import import import_file

        seller_id = _approved(seller)
        with progress_bars() as tell:
            try:
                with file.open("rb") as content:
                    report = import_file(
                        content,
                        size=file.stat().st_size,
                        folder=file.parent,
                        seller_id=seller_id,
                        default_category=category,
                        mode="check" if dry_run else "strict" if strict else "valid",
                        tell=tell,
                    )
            except FileUnreadable as no:
                raise Problem(
                    f"{file} is no table of products ({no.rule}).",
                    "docs/import-products.md tells the columns.",
                ) from no
    _show(file, report.refused)
    written = "would be written" if dry_run else "written"
    console.print(
        f"{report.created} new products and {report.rewritten} known ones {written}; "
        f"{report.kept_out} kept out."
    )
    if report.refused:
        raise typer.Exit(1)


def _approved(seller: str) -> "UUID":
    from niaga.parties.models import Company

    company = Company.objects.filter(slug=seller, state="approved").first()
    if company is None:
        raise Problem(
            f"No approved seller is called {seller!r}.",
            "Its short name is the end of its page's address.",
        )
    return company.id


def _show(file: Path, refused: "Sequence[RefusedRow]") -> None:
    from niaga.plumbing.tables import csv_line
    from niaga.stages.sharing.product_files import refused_table

    report = file.with_name(f"{file.stem}.refused.csv")
    if not refused:
        report.unlink(missing_ok=True)
        return
    with report.open("w", encoding="utf-8", newline="") as out:
        out.writelines(map(csv_line, refused_table(refused)))
    table = Table("line", "field", "rule", "value", title="Refused rows")
    for row in refused[:SHOWN]:
        table.add_row(str(row.line), row.field, row.rule, row.value)
    console.print(table)
    if len(refused) > SHOWN:
        console.print(f"... and {len(refused) - SHOWN} more.")
    console.print(f"All of them: {report}")
