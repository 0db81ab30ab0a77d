"""What the commands share: problems told kindly, and a database and Django when they are needed.

Commands import Django's world inside their functions, never at the top of a module: settings may be
read only once DATABASE_URL is known, and `niaga --help` answers at once. This is the one place
where that is right.
"""

import errno
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

import typer
from rich.console import Console
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text
from typer.core import TyperGroup

from niaga.project.folders import ready_data_folder
from niaga.project.problem import Problem

console = Console()
complaints = Console(stderr=True)
STOPPED = 130


class TellingGroup(TyperGroup):
    """Shows a `Problem` as a panel with its way out, and leaves with exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            problem = known_problem(error)
            if problem is None:
                raise
            words = Text(f"{problem.what}\n\n{problem.way_out}")
            complaints.print(Panel(words, title="Niaga can't go on", border_style="red"))
            raise typer.Exit(1) from error


MORE_SPACE = "Free some space and start again; everything that was finished is safe."
START_OVER = "Bring back a copy, or start over with `niaga demo --fresh`."


def known_problem(error: BaseException) -> Problem | None:
    """Return the problem behind `error` or what caused it, when it is the machine's, not ours."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem("The disk is full.", MORE_SPACE)
    state = getattr(error, "sqlstate", None)
    if state == "53100":
        return Problem("The disk of the database is full.", MORE_SPACE)
    if state in ("XX001", "XX002") or (state and "invalid page" in str(error)):
        return Problem(f"The database is damaged: {error}", START_OVER)
    cause = error.__cause__ or error.__context__
    return known_problem(cause) if cause else None


@contextmanager
def database_ready(settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Give a database meanwhile, for this process and its children; yield its URL.

    `settings` are for an embedded server that is not running yet.

    Raises:
        Problem: there is no usable database.
    """
    from niaga.project.database import ensure_database

    os.environ["NIAGA_DATA"] = str(ready_data_folder())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "niaga.project.settings")
    with _termination_interrupts(), ensure_database(settings) as url:
        yield url


@contextmanager
def django_ready() -> Iterator[None]:
    """Give a database and a set-up Django meanwhile.

    Raises:
        Problem: there is no usable database.
    """
    with database_ready():
        set_up_django()
        try:
            yield
        finally:
            close_connections()


@contextmanager
def bank_ready() -> Iterator[None]:
    """Give the bank's database and a Django set up for the bank meanwhile, all prepared.

    Raises:
        Problem: there is no usable database.
    """
    from niaga.project.bank import MARKET_SETTINGS, SETTINGS
    from niaga.project.database import BANK_DATABASE, ensure_database

    os.environ["NIAGA_DATA"] = str(ready_data_folder())
    if os.environ.get("DJANGO_SETTINGS_MODULE", MARKET_SETTINGS) == MARKET_SETTINGS:
        os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    database = ensure_database(variable="NIAGA_GATEWAY_DATABASE_URL", name=BANK_DATABASE)
    with _termination_interrupts(), database:
        set_up_django()
        from niaga.project.bank_preparation import prepare_bank

        prepare_bank()
        try:
            yield
        finally:
            close_connections()


def set_up_django() -> None:
    """Load the apps; the database must be known by now."""
    import django

    django.setup()


def close_connections() -> None:
    """Close Django's connections and their pools; they open again when asked."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        close_pool = getattr(connection, "close_pool", None)
        if close_pool:
            close_pool()


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function that is told what is being made, how many are done, and of how many."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what)
            bars.update(tasks[what], completed=done, total=total)

        yield tell


@contextmanager
def _termination_interrupts() -> Iterator[None]:
    """Let SIGTERM unwind like Ctrl-C, so that what was started is stopped."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED) from None
    finally:
        signal.signal(signal.SIGTERM, before)
