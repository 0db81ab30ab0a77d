"""`niaga audit`: do the four flows of every order agree?"""

from dataclasses import fields

import typer
from rich.table import Table

from niaga.project.cli.start import console, django_ready


def audit() -> None:
    """Check that the flows of every order agree; exit 1 when any do not."""
    with django_ready():
        from niaga.project.audit import run_audit

        violations = list(run_audit())
    if not violations:
        console.print("[green]The flows of every order agree.[/]")
        return
    table = Table(title=f"{len(violations)} violations")
    names = [field.name for field in fields(violations[0])]
    for name in names:
        table.add_column(name.replace("_", " "), overflow="fold")
    for violation in violations:
        table.add_row(*(str(getattr(violation, name)) for name in names))
    console.print(table)
    raise typer.Exit(1)
