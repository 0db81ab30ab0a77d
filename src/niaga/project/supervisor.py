"""Runs the market's processes in the foreground: starts them, restarts the dead, stops them all."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, Self

from niaga.project.problem import Problem

LOG_KEEPS_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running.

    Attributes:
        name: what the terminal and the log file call it.
        argv: the program (an absolute path) and its arguments.
        log: where its output goes; None lets it write to our own terminal.
        is_ready: says whether it is ready for work; it is asked until it is so, after each start.
        waits: start it only in `watch`, when the others are ready; it does not slow their start.
        stop_timeout_s: how long it may take to stop after SIGTERM.
        environment: variables it has beside the supervisor's.
    """

    name: str
    argv: Sequence[str]
    log: Path | None = None
    is_ready: Callable[[], bool] = lambda: True
    waits: bool = False
    stop_timeout_s: float = 10.0
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Patience:
    """How a child that dies is treated.

    Attributes:
        tick_s: how often the children are looked at.
        first_wait_s: the pause before the first restart; it doubles with every quick death.
        quick_s: a child that lived shorter died quickly.
        quick_deaths: so many quick deaths in a row end everything.
    """

    tick_s: float = 0.1
    first_wait_s: float = 0.5
    quick_s: float = 10.0
    quick_deaths: int = 5


@dataclass(slots=True)
class _Watched:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restart_at: float = 0.0
    quick_deaths: int = 0
    was_ready: bool = False
    files: ExitStack = field(default_factory=ExitStack)


class Supervisor:
    """Keeps `children` running inside a `with` block; at its end they stop in reverse order."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        say: Callable[[str], None],
        environment: Mapping[str, str] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._watched = [_Watched(child) for child in children]
        self._say = say
        self._environment = dict(os.environ if environment is None else environment)
        self._patience = patience or Patience()

    def __enter__(self) -> Self:
        for watched in self._watched:
            if not watched.child.waits:
                self._start(watched)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_all()

    def start_waiting(self) -> None:
        """Start at once what would wait for the others."""
        for watched in self._watched:
            if watched.process is None:
                self._start(watched)

    def pids(self) -> tuple[int, ...]:
        """Return the process ids of the children that run."""
        return tuple(watched.process.pid for watched in self._watched if watched.process)

    def is_alive(self) -> bool:
        """Say whether every child that was started still runs."""
        return all(w.process is None or w.process.poll() is None for w in self._watched)

    def is_ready(self) -> bool:
        """Say whether every child runs, and has become ready for work."""
        return all(map(_is_ready, self._watched))

    def watch(self, stop: threading.Event, *, when_ready: Callable[[], None]) -> None:
        """Look after the children until `stop` is set; call `when_ready` once all are ready.

        Raises:
            Problem: a child died quickly too often.
        """
        announced = False
        while not stop.wait(self._patience.tick_s):
            others_ready = all(map(_is_ready, self._started()))
            for watched in self._watched:
                self._look_after(watched, may_start=others_ready)
            if not announced and self.is_ready():
                when_ready()
                announced = True

    def _started(self) -> list[_Watched]:
        return [watched for watched in self._watched if watched.started or not watched.child.waits]

    def _start(self, watched: _Watched) -> None:
        child = watched.child
        output: IO[bytes] | None = None
        if child.log:
            child.log.parent.mkdir(parents=True, exist_ok=True)
            if child.log.exists() and child.log.stat().st_size > LOG_KEEPS_BYTES:
                child.log.replace(child.log.with_suffix(".log.old"))
            output = watched.files.enter_context(child.log.open("ab"))
        # A session of its own: Ctrl-C reaches us alone, and we stop the children in order.
        watched.process = subprocess.Popen(  # noqa: S603 - our own programs
            [sys.executable, "-m", "niaga.project.leash", *child.argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output and subprocess.STDOUT,
            env={**self._environment, **child.environment},
            start_new_session=True,
        )
        watched.started, watched.was_ready = time.monotonic(), False

    def _look_after(self, watched: _Watched, *, may_start: bool) -> None:
        now = time.monotonic()
        if watched.process is None:
            if now >= watched.restart_at and (may_start or watched.started):
                self._start(watched)
            return
        status = watched.process.poll()
        if status is None:
            return
        self._end_group(watched.process)
        watched.process = None
        watched.files.close()
        quick = now - watched.started < self._patience.quick_s
        watched.quick_deaths = watched.quick_deaths + 1 if quick else 0
        if watched.quick_deaths >= self._patience.quick_deaths:
            raise _kept_dying(watched.child, status)
        wait_s = self._patience.first_wait_s * 2 ** max(watched.quick_deaths - 1, 0)
        watched.restart_at = now + wait_s
        self._say(f"{watched.child.name} ended ({_status(status)}); again in {wait_s:g} s")

    def _stop_all(self) -> None:
        for watched in reversed(self._watched):
            process = watched.process
            if process is not None:
                process.terminate()
                try:
                    process.wait(watched.child.stop_timeout_s)
                except subprocess.TimeoutExpired:
                    self._say(f"{watched.child.name} does not stop; it is killed")
                self._end_group(process)
                process.wait()
                watched.process = None
            watched.files.close()

    @staticmethod
    def _end_group(process: subprocess.Popen[bytes]) -> None:
        """Kill what is left of the child's process group (its own children)."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C and SIGTERM set meanwhile."""
    stop = threading.Event()

    def request(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, request) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def check_port(host: str, port: int, *, option: str) -> None:
    """Refuse a port that another program holds.

    Raises:
        Problem: the port is taken or may not be used; names `option`, which changes it.
    """
    try:
        _try_port(host, port)
    except OSError as error:
        free = _free_port(host, max(port, 1023) + 1)
        raise Problem(
            f"Port {port} can't be used: {error.strerror}.",
            f"Stop the program that holds it, or choose another port: `{option} {free}` is free.",
        ) from error


def check_apart(wanted: Sequence[tuple[int, str]]) -> None:
    """Refuse that two of the (port, option) pairs want the same port.

    Raises:
        Problem: they do, or a port is no port; names the options.
    """
    taken: dict[int, str] = {}
    for port, option in wanted:
        if port > 65535:
            raise Problem(f"There is no port {port}.", f"Choose a lower one with `{option}`.")
        if port in taken:
            raise Problem(
                f"Port {port} is wanted twice: by `{taken[port]}` and by `{option}`.",
                f"Choose another port for one of them, such as `{option} {max(taken) + 1}`.",
            )
        taken[port] = option


def _try_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def _free_port(host: str, start: int) -> int:
    """Return the first port from `start` on that can be used, or 0: any that is free."""
    for port in range(start, 65536):
        with suppress(OSError):
            _try_port(host, port)
            return port
    return 0


def _is_ready(watched: _Watched) -> bool:
    if watched.process is None or watched.process.poll() is not None:
        return False
    # Asked until it is so: a handshake with each server ten times a second would take its time.
    watched.was_ready = watched.was_ready or watched.child.is_ready()
    return watched.was_ready


def _status(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit {status}"


def _kept_dying(child: Child, status: int) -> Problem:
    told = ""
    if child.log:
        lines = child.log.read_text(errors="replace").splitlines()[-12:]
        told = f" The end of {child.log}:\n" + "\n".join(f"  {line}" for line in lines)
    return Problem(
        f"{child.name} does not stay alive ({_status(status)}).{told}",
        "Mend what the log tells and start again; everything has been stopped.",
    )
