"""The database server: the one DATABASE_URL names, or an embedded PostgreSQL of our own.

The embedded server belongs to nobody in particular: whoever needs it first starts it, and the last
one to leave stops it. A shared lock on `<folder>.users` counts the users, so that a killed
process never leaves a wrong count behind.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import urlencode

import psycopg
from psycopg import sql

from niaga.project.folders import data_folder
from niaga.project.postgres import EmbeddedServer
from niaga.project.problem import Problem

DATABASE = "niaga"
BANK_DATABASE = "niaga_gateway"
OLDEST_VERSION = 15
KEPT_WHEN_FRESH = {"tls", "secret-key"}


def server_url(socket_folder: Path, *, database: str) -> str:
    """Return the URL of a database on the server that listens in `socket_folder`."""
    return f"postgresql://postgres@/{database}?{urlencode({'host': str(socket_folder)})}"


def embedded_folder() -> Path:
    """Return the embedded server's folder."""
    return data_folder() / "postgres"


@contextmanager
def ensure_database(
    settings: Mapping[str, str] | None = None,
    *,
    variable: str = "DATABASE_URL",
    name: str = DATABASE,
) -> Iterator[str]:
    """Give a usable database for as long as the context lasts; yield its URL.

    `settings` are for an embedded server that is not running yet.

    `variable` is set in the environment meanwhile, so enter this before Django's settings are
    read; child processes find the same database.

    Raises:
        Problem: the server is too old, can't be reached, or can't be started.
    """
    given = os.environ.get(variable)
    if given:
        check_server(given, variable)
        yield given
        return
    with embedded_server(embedded_folder(), settings=settings) as server:
        url = server_url(server.socket_folder(), database=name)
        create_database(server, name)
        os.environ[variable] = url
        try:
            yield url
        finally:
            os.environ.pop(variable, None)


@contextmanager
def embedded_server(
    folder: Path, *, durable: bool = True, settings: Mapping[str, str] | None = None
) -> Iterator[EmbeddedServer]:
    """Give the running server of `folder`, started if need be; the last user stops it.

    Raises:
        Problem: the folder is not usable, or the server does not start.
    """
    server = EmbeddedServer(folder, durable=durable, settings=settings)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _lock_file(folder, "users") as users:
        # Only one at a time may start or stop; those who use the server share the other lock.
        with _lock_file(folder, "starting") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_SH)
            server.start()
        try:
            yield server
        finally:
            with _lock_file(folder, "starting") as starting, suppress(BlockingIOError):
                fcntl.flock(starting, fcntl.LOCK_EX)
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                server.stop()


@contextmanager
def unused_folder(folder: Path) -> Iterator[None]:
    """Hold `folder` while no process uses its server; a server left behind is stopped.

    Raises:
        Problem: another process uses the server now.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _lock_file(folder, "starting") as starting, _lock_file(folder, "users") as users:
        fcntl.flock(starting, fcntl.LOCK_EX)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(
                f"Another process uses the database in {folder}.",
                "Stop it first (another `niaga demo`, `niaga serve` or `niaga worker`).",
            ) from None
        server = EmbeddedServer(folder)
        if server.is_running():
            server.stop()
        yield


@contextmanager
def _lock_file(folder: Path, purpose: str) -> Iterator[IO[str]]:
    path = folder.with_name(f"{folder.name}.{purpose}")
    with path.open("w") as file:
        yield file


def forget_everything() -> None:
    """Empty the data folder for a fresh start; certificates and the secret key stay.

    Raises:
        Problem: DATABASE_URL names a server that is not ours to empty, or the database is in use.
    """
    if os.environ.get("DATABASE_URL"):
        raise Problem(
            "`--fresh` empties the embedded database only, and DATABASE_URL names another.",
            "Empty that database yourself, or unset DATABASE_URL.",
        )
    with unused_folder(embedded_folder()):
        for path in data_folder().iterdir():
            if path.name in KEPT_WHEN_FRESH or path.name.startswith("postgres."):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


def create_database(server: EmbeddedServer, name: str) -> None:
    """Create database `name` unless it exists."""
    url = server_url(server.socket_folder(), database="postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if found.fetchone() is None:
            # Another process may make it at this very moment.
            with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def check_server(url: str, variable: str = "DATABASE_URL") -> None:
    """Refuse a database's URL that can't be used; `variable` is where it came from.

    Raises:
        Problem: the server can't be reached or is older than PostgreSQL 15.
    """
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.Error as error:
        raise Problem(
            f"The database of {variable} can't be reached: {str(error).strip()}",
            f"Correct {variable} (postgresql://user:password@host:5432/database; the database "
            "must exist), or unset it to use the embedded server.",
        ) from error
    if version < OLDEST_VERSION:
        raise Problem(
            f"The server of {variable} is PostgreSQL {version}; {OLDEST_VERSION} or later is "
            "needed.",
            f"Point {variable} at a newer server, or unset it to use the embedded one.",
        )
