"""`niaga bench`: measure the market. Each measurement is a file `bench_*.py` that joins `group`."""

import typer

group = typer.Typer(no_args_is_help=True, help="Measure the market's speed.")


@group.callback()
def _bench() -> None:
    """Keep this a group while it has only one command."""
