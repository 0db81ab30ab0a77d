"""The command line: quick help, and problems told with a way out."""

import errno
import os
import socket
import subprocess
import sys
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.db import InternalError, OperationalError
from rich.console import Console
from typer.testing import CliRunner

from niaga.project.cli.main import app
from niaga.project.cli.start import known_problem
from niaga.project.cli.welcome import welcome
from niaga.project.database import forget_everything
from niaga.project.demo.accounts import LOGINS
from niaga.project.demo_cards import Ports
from niaga.project.problem import Problem


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NIAGA_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL")
    return tmp_path / "data"


@pytest.mark.parametrize(
    "command",
    ["", "demo", "serve", "worker", "migrate", "audit", "bench", "import"],
)
def test_every_command_has_help(command: str) -> None:
    answer = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "100"})
    assert answer.exit_code == 0
    assert "Usage:" in answer.output


def test_help_loads_neither_django_nor_the_database() -> None:
    code = "import sys, niaga.project.cli.main; print({'django', 'psycopg'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout == "set()\n"


def test_a_taken_port_stops_the_demo_before_anything_is_made(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        answer = CliRunner().invoke(app, ["demo", "--port", port])
    assert answer.exit_code == 1
    assert port in answer.stderr
    assert "--port" in answer.stderr
    assert not data.exists()


def test_a_foreign_data_folder_is_left_alone(data: Path) -> None:
    (data / "postgres").mkdir(parents=True)
    (data / "postgres/notes.txt").write_text("mine")
    answer = CliRunner().invoke(app, ["migrate"])
    assert answer.exit_code == 1
    assert "--fresh" in answer.stderr
    assert (data / "postgres/notes.txt").read_text() == "mine"


def test_fresh_keeps_certificates_and_secret_key(data: Path) -> None:
    for name in ("tls/authority.pem", "secret-key", "postgres/PG_VERSION", "media/a.jpg"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).touch()
    forget_everything()
    left = {path.name for path in data.iterdir() if not path.name.startswith("postgres.")}
    assert left == {"tls", "secret-key"}


def test_fresh_refuses_a_database_that_is_not_ours(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data / "media").mkdir(parents=True)
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/market")
    with pytest.raises(Problem, match="DATABASE_URL"):
        forget_everything()
    assert (data / "media").exists()
    assert os.environ["DATABASE_URL"] == "postgresql://elsewhere/market"


def test_a_folder_that_cannot_be_written_is_told_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("NIAGA_DATA", str(tmp_path / "file"))
    monkeypatch.delenv("DATABASE_URL")
    for command in ("demo", "migrate", "serve"):
        answer = CliRunner().invoke(app, [command], env={"COLUMNS": "200"})
        assert answer.exit_code == 1, command
        assert "can't be used: File exists" in answer.stderr
        assert "Set NIAGA_DATA" in answer.stderr
    assert (tmp_path / "file").read_text() == "mine"


def test_ports_out_of_range_are_refused_by_name() -> None:
    answer = CliRunner().invoke(app, ["demo", "--port", "70000"])
    assert answer.exit_code == 2
    assert "65535" in answer.stderr


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (caused(OperationalError("write"), psycopg.errors.DiskFull()), "disk of the database"),
        (caused(InternalError("read"), psycopg.errors.DataCorrupted("page")), "is damaged"),
    ],
)
def test_the_machines_problems_are_known(error: Exception, words: str) -> None:
    problem = known_problem(error)
    assert problem
    assert words in problem.what
    assert problem.way_out


def test_our_own_mistakes_are_no_problem_of_the_machine() -> None:
    assert known_problem(caused(ValueError("ours"), KeyError("name"))) is None


def test_the_welcome_names_addresses_people_and_the_authority(tmp_path: Path) -> None:
    console = Console(width=200, record=True, file=StringIO())
    authority = tmp_path / "tls/authority.pem"
    console.print(
        welcome(
            site_url="https://localhost:9443",
            http_port=9080,
            logins=LOGINS,
            data=tmp_path,
            authority=authority,
            cards=Ports.beside(9443),
        )
    )
    told = console.export_text()
    assert "https://localhost:9444/" in told
    assert "4000 0099 9900 0014" in told
    for _, email, password in LOGINS:
        assert email in told
        assert password in told
    assert f"curl --cacert {authority} https://localhost:9443/" in told
    assert str(tmp_path / "mail") in told
