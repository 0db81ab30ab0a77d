"""`niaga documents`: take all along, check them anywhere, delete what is kept long enough."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from niaga.project.cli.start import console, django_ready
from niaga.project.problem import Problem

group = typer.Typer(no_args_is_help=True, help="Legal documents: export, check, delete.")


@group.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help="Where to write them; made if need be.")],
    seller: Annotated[str, typer.Option(help="Only this seller's (its name in addresses).")] = "",
) -> None:
    """Write all documents with their chains, the daily roots and the certificate to believe."""
    if folder.exists() and any(folder.iterdir()):
        raise Problem(f"{folder} is not empty.", "Name a new folder.")
    with django_ready():
        from niaga.flows.documents.exporting import export_documents
        from niaga.parties.models import Company

        company = Company.objects.filter(slug=seller).first() if seller else None
        if seller and company is None:
            raise Problem(f"There is no seller {seller}.", "Give the name in its shop's address.")
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("Documents")
            written = export_documents(
                folder,
                told=lambda done, total: bar.update(task, completed=done, total=total),
                seller_id=company.id if company else None,
            )
    console.print(f"{written} documents are in {folder}; `niaga documents verify {folder}`.")


@group.command("redact")
def redact(
    *,
    dry_run: Annotated[bool, typer.Option(help="Only tell what is due.")] = False,
) -> None:
    """Delete contents and PDFs of documents whose years of keeping are over; seals stay."""
    with django_ready():
        from django.conf import settings

        from niaga.flows.documents import redacting

        if not settings.DOCUMENTS_KEEP_YEARS:
            console.print("Contents are kept for good: NIAGA_DOCUMENTS_KEEP_YEARS says so.")
            return
        due = redacting.due()
        if dry_run and due.documents:
            console.print(f"Due: documents until {due.until_year}, {due.documents:,} in all.")
            return
        if not due.documents:
            left = 0 if dry_run else redacting.delete_files()
            more = f" PDFs left of an earlier run are deleted, {left:,} in all." if left else ""
            years = settings.DOCUMENTS_KEEP_YEARS
            console.print(f"Nothing is due: each is kept for {years} years after its own.{more}")
            return
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("Documents", total=due.documents)
            done = redacting.redact_due(told=lambda now: bar.update(task, completed=now))
        console.print(f"Deleted: all contents until {due.until_year}, of {done:,} documents.")


@group.command("verify")
def verify(
    path: Annotated[Path, typer.Argument(help="A PDF, or an exported folder.", exists=True)],
    authority: Annotated[
        Path | None, typer.Option(help="The certificate (PEM) to believe; an export has its own.")
    ] = None,
) -> None:
    """Check documents offline; one altered byte is refused (exit 1)."""
    from niaga.flows.documents import offline

    if path.is_dir():
        _verify_folder(path)
        return
    trusted = authority or _beside(path)
    if trusted is None:
        raise Problem("It is not known whom to believe.", "Name the market's: --authority FILE.")
    try:
        signed = offline.check_pdf(path.read_bytes(), trusted.read_bytes())
    except offline.NotGenuineError as error:
        console.print(f"[bold red]Does not hold[/]: {error}")
        raise typer.Exit(1) from None
    console.print(f"[bold green]Holds[/]: every byte is as {signed.name} signed it.")


def _beside(file: Path) -> Path | None:
    """Return the authority's certificate of the export that the file lies in, if it does."""
    from niaga.flows.documents.offline import AUTHORITY

    folders = file.resolve().parents
    return next((f / AUTHORITY for f in folders[:4] if (f / AUTHORITY).is_file()), None)


def _verify_folder(folder: Path) -> None:
    from niaga.flows.documents.offline import check_folder

    try:
        found = check_folder(folder)
    except FileNotFoundError as error:
        raise Problem(f"{folder} is no export: {error.filename} is missing.", "") from error
    for fault in found.wrong:
        console.print(f"[bold red]{fault}[/]", highlight=False)
    if found.wrong:
        raise typer.Exit(1)
    console.print(
        f"[bold green]Holds[/]: {found.documents} documents in {found.chains} chains, "
        f"{found.roots} daily roots."
    )
    if found.redacted:
        console.print(
            f"{found.redacted} of them without contents, deleted ten whole years or more after "
            "they were sealed: their links hold."
        )
