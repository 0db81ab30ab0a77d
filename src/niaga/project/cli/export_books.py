"""`niaga export books`: the ledger, for an accountant's own program."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated

import typer

from niaga.project.cli.start import console, django_ready


class Format(StrEnum):
    """The programs whose format we write."""

    HLEDGER = "hledger"
    BEANCOUNT = "beancount"


def books(
    kind: Annotated[Format, typer.Option("--format", help="For which program.")] = Format.HLEDGER,
    out: Annotated[
        Path | None, typer.Option(help="Where to write it (default: the terminal).", dir_okay=False)
    ] = None,
) -> None:
    """Write the whole ledger, with what every account must hold at its end.

    Check it with `hledger check --strict -f FILE` or `bean-check FILE`.
    """
    with django_ready():
        if out is None:
            _write(kind, sys.stdout)
            return
        # A file under its name is a whole one: what was interrupted never takes its place.
        unfinished = out.with_name(f".{out.name}.unfinished")
        try:
            with unfinished.open("w", encoding="utf-8") as file:
                entries = _write(kind, file)
            unfinished.replace(out)
        finally:
            unfinished.unlink(missing_ok=True)
    console.print(f"{entries:,} entries are in {out}.")


def _write(kind: Format, file: IO[str]) -> int:
    """Write the books; return how many entries they have."""
    from niaga.ledger.books import open_books
    from niaga.ledger.plain_text import as_beancount, as_hledger
    from niaga.parties.queries import company_names

    write = {Format.HLEDGER: as_hledger, Format.BEANCOUNT: as_beancount}[kind]
    with open_books() as ours:
        owners = company_names({a.owner_id for a in ours.accounts if a.owner_id})
        file.writelines(write(ours, owners))
        return ours.entry_count
