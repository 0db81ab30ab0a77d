"""The embedded server: made, found, recovered, and refused with a way out."""

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest

from niaga.project import postgres
from niaga.project.database import (
    check_server,
    create_database,
    embedded_server,
    server_url,
    unused_folder,
)
from niaga.project.postgres import EmbeddedServer
from niaga.project.problem import Problem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    # A path longer than a socket's name may be, and as tight as a home folder.
    place = tmp_path / ("long" * 20)
    place.mkdir(mode=0o700)
    return place / "postgres"


def _ask(server: EmbeddedServer, statement: str) -> object:
    with psycopg.connect(server_url(server.socket_folder(), database="postgres")) as connection:
        row = connection.execute(statement).fetchone()
        assert row is not None
        return row[0]


def test_last_user_stops_the_server(folder: Path) -> None:
    with embedded_server(folder, durable=False) as first:
        create_database(first, "niaga")
        create_database(first, "niaga")
        assert _ask(first, "SELECT count(*) FROM pg_database WHERE datname = 'niaga'") == 1
        with embedded_server(folder, durable=False) as second:
            assert second.socket_folder() == first.socket_folder()
        assert first.is_running()
        with pytest.raises(Problem, match="Another process"), unused_folder(folder):
            pass
    assert not first.is_running()
    with unused_folder(folder):
        assert folder.exists()


def test_survives_kill_and_a_reused_pid(folder: Path) -> None:
    with embedded_server(folder, durable=False):
        pid = int((folder / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{pid}").exists() and _state(pid) != "Z":
            time.sleep(0.01)
        stale = (folder / "postmaster.pid").read_text().replace(str(pid), str(os.getpid()), 1)
        (folder / "postmaster.pid").write_text(stale)
        with embedded_server(folder, durable=False) as again:
            assert _ask(again, "SELECT 1") == 1


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_refuses_a_folder_of_another_version(folder: Path) -> None:
    (folder / "global").mkdir(parents=True)
    (folder / "global/pg_control").touch()
    (folder / "PG_VERSION").write_text("12\n")
    with pytest.raises(Problem, match="PostgreSQL 12"), embedded_server(folder):
        pass
    assert (folder / "PG_VERSION").read_text() == "12\n"


def test_refuses_a_half_made_folder(folder: Path) -> None:
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(Problem, match="not a whole PostgreSQL data folder") as refused:
        EmbeddedServer(folder).start()
    assert "--fresh" in refused.value.way_out
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_shows_the_log_when_the_server_does_not_start(folder: Path) -> None:
    with embedded_server(folder, durable=False):
        pass
    (folder / "postgresql.conf").write_text("nonsense = 1\n")
    with pytest.raises(Problem, match='unrecognized configuration parameter "nonsense"'):
        EmbeddedServer(folder).start()


def test_refuses_a_full_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "LEAST_FREE_BYTES", 10**18)
    with pytest.raises(Problem, match="MB are free"):
        EmbeddedServer(folder).start()
    assert not folder.exists()


def test_given_server_must_answer() -> None:
    with pytest.raises(Problem, match="can't be reached"):
        check_server("postgresql://nobody@/nothing?host=/nonexistent")


def test_given_server_must_be_new_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("niaga.project.database.OLDEST_VERSION", 99)
    url = os.environ["DATABASE_URL"].replace("/niaga?", "/postgres?")
    with pytest.raises(Problem, match="99 or later"):
        check_server(url)
