"""Runs PostgreSQL's own load generator: what the database server itself can do, as a limit."""

import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from niaga.project.bench.load import Figure
from niaga.project.postgres import PROGRAMS
from niaga.project.problem import Problem


@dataclass(frozen=True, slots=True)
class Pgbench:
    """`pgbench` against one database of the server that listens in `socket_folder`."""

    socket_folder: Path
    database: str

    def run(
        self,
        script: str,
        *,
        what: str,
        buyers: int = 1,
        seconds: float = 0,
        transactions: int = 0,
        variables: Mapping[str, int] | None = None,
    ) -> Figure:
        """Run the script with `buyers` connections, prepared statements, at most two threads.

        It lasts `transactions` for each connection, else whole `seconds`, at least one.

        Raises:
            Problem: pgbench failed; its own words are in it.
        """
        lasting = ("-t", transactions) if transactions else ("-T", max(1, round(seconds)))
        defined = (("-D", f"{name}={value}") for name, value in (variables or {}).items())
        with tempfile.TemporaryDirectory(prefix="niaga-pgbench-") as place:
            file, log = Path(place) / "script.sql", Path(place) / "took"
            file.write_text(script)
            options: list[object] = [
                *("-h", self.socket_folder, "-U", "postgres", "-M", "prepared", "--no-vacuum"),
                *("-c", buyers, "-j", min(buyers, 2), *lasting),
                *(option for pair in defined for option in pair),
                *("-f", file, "--log", "--log-prefix", log, self.database),
            ]
            began = time.perf_counter()
            done = subprocess.run(  # noqa: S603 - the program beside our own server
                [PROGRAMS / "pgbench", *map(str, options)],
                check=False,
                capture_output=True,
                text=True,
            )
            took = time.perf_counter() - began
            if done.returncode:
                raise Problem(f"pgbench failed: {done.stderr.strip()}", "Run it again.")
            took_ms = [
                int(line.split()[2]) / 1000
                for each in Path(place).glob("took*")
                for line in each.read_text().splitlines()
            ]
        lasted = took if transactions else float(max(1, round(seconds)))
        return Figure.of(what, took_ms, buyers=buyers, seconds=lasted)
