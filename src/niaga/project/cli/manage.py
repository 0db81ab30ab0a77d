"""`niaga manage`: Django's own commands, beside the same database."""

import typer

from niaga.project.cli.start import django_ready


def manage(ctx: typer.Context) -> None:
    """Run a Django management command (niaga manage help)."""
    with django_ready():
        from django.core.management import execute_from_command_line

        execute_from_command_line(["niaga manage", *ctx.args])
