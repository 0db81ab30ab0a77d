"""A PostgreSQL server of its own for each test session (a pytest plugin).

It must be there before Django's settings are read, and pytest-django reads them before any
conftest.py: hence a plugin named in `addopts`, and pytest's earliest hook.
"""

import atexit
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from niaga.project.database import embedded_server, server_url, unused_folder
from niaga.project.problem import Problem

PREFIX = "niaga-test-"
SWEPT_AFTER_S = 60
_session = ExitStack()


@pytest.hookimpl(tryfirst=True)
def pytest_addoption(parser: pytest.Parser) -> None:
    """Start the server, unless an xdist controller above did it."""
    if os.environ.get("NIAGA_TEST_SESSION"):
        return
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    # The database's own user walks through; mkdtemp shuts everyone out.
    folder.chmod(0o711)
    atexit.register(_session.close)  # should loading the settings fail
    _session.callback(shutil.rmtree, folder, ignore_errors=True)
    server = _session.enter_context(embedded_server(folder / "postgres", durable=False))
    os.environ["NIAGA_TEST_SESSION"] = str(folder)
    os.environ["NIAGA_DATA"] = str(folder / "data")
    os.environ["DATABASE_URL"] = server_url(server.socket_folder(), database="niaga")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server and remove its folder."""
    _session.close()


def _sweep() -> None:
    """Stop the servers of sessions that were killed: nobody holds their locks any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # A session that begins right now has its folder before its lock.
        if time.time() - folder.stat().st_mtime > SWEPT_AFTER_S:
            with suppress(Problem, OSError), unused_folder(folder / "postgres"):
                shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _flush_append_only_tables() -> Iterator[None]:
    """Let Django empty the tables between tests, though some of them refuse every change."""
    from django.db.backends.postgresql.operations import DatabaseOperations  # noqa: PLC0415

    flush = DatabaseOperations.execute_sql_flush

    def flush_past_triggers(self: Any, statements: list[str]) -> None:
        flush(self, ["SET LOCAL session_replication_role = replica", *statements])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush_past_triggers)
        yield
