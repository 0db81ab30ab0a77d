"""`niaga audit`: do the four flows of every order agree?"""

import typer
from rich.markup import escape
from rich.table import Table

from niaga.project.cli.start import console, django_ready


def audit() -> None:
    """Check that the flows of every order agree; exit 1 when any do not."""
    with django_ready():
        from niaga.project.audit import run_audit

        violations = run_audit()
    if not violations:
        console.print("[green]The flows of every order agree.[/]")
        return
    table = Table(
        "Check", "About", "Amounts", title=f"{len(violations)} violations", show_lines=True
    )
    for violation in violations:
        amounts = "\n".join(f"{name}: {value}" for name, value in violation.amounts.items())
        table.add_row(*map(escape, (violation.check, violation.subject, amounts)))
    console.print(table)
    raise typer.Exit(1)
