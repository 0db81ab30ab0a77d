"""The supervisor restarts what dies, gives up on what keeps dying, and stops all in order."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from niaga.project.problem import Problem
from niaga.project.supervisor import (
    Child,
    Patience,
    Supervisor,
    check_apart,
    check_port,
    stop_on_signals,
)

HASTY = Patience(tick_s=0.02, first_wait_s=0.01, quick_s=60.0, quick_deaths=3)
STAY = """
import signal, sys, time
def end(*_):
    print("stopped", sys.argv[1], flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("started", flush=True)
time.sleep(60)
"""


def _python(name: str, code: str, log: Path, **more: Any) -> Child:
    return Child(name, [sys.executable, "-c", code, name], log, **more)


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def _run(supervisor: Supervisor, meanwhile: Callable[[], None]) -> None:
    stop = threading.Event()

    def act() -> None:
        try:
            meanwhile()
        finally:
            stop.set()

    actor = threading.Thread(target=act)
    actor.start()
    with supervisor:
        supervisor.watch(stop, when_ready=lambda: None)
    actor.join()


def test_restarts_a_child_that_dies(tmp_path: Path) -> None:
    said: list[str] = []
    log = tmp_path / "fragile.log"
    code = (
        f"import pathlib, time\np = pathlib.Path({str(tmp_path / 'lives')!r})\n"
        "n = int(p.read_text()) if p.exists() else 0\np.write_text(str(n + 1))\n"
        "if n == 0: raise SystemExit(7)\nprint('stays', flush=True)\ntime.sleep(60)"
    )
    supervisor = Supervisor([_python("fragile", code, log)], say=said.append, patience=HASTY)
    _run(supervisor, lambda: _wait(lambda: "stays" in _read(log)))
    assert said == ["fragile ended (exit 7); again in 0.01 s"]
    assert (tmp_path / "lives").read_text() == "2"


def test_gives_up_and_stops_the_others(tmp_path: Path) -> None:
    steady_log = tmp_path / "steady.log"
    supervisor = Supervisor(
        [
            _python("steady", STAY, steady_log),
            _python("broken", "raise SystemExit('no disk left')", tmp_path / "broken.log"),
        ],
        say=lambda _: _wait(lambda: "started" in _read(steady_log)),
        patience=HASTY,
    )
    with pytest.raises(Problem, match="no disk left") as given_up, supervisor:
        supervisor.watch(threading.Event(), when_ready=lambda: None)
    assert "broken does not stay alive (exit 1)" in given_up.value.what
    assert _read(steady_log) == "started\nstopped steady\n"


def test_stops_in_the_reverse_order(tmp_path: Path) -> None:
    log = tmp_path / "all.log"
    supervisor = Supervisor(
        [_python("first", STAY, log), _python("second", STAY, log)],
        say=pytest.fail,
        patience=HASTY,
    )
    _run(supervisor, lambda: _wait(lambda: _read(log).count("started") == 2))
    assert _read(log).splitlines()[2:] == ["stopped second", "stopped first"]


def test_kills_a_child_that_does_not_stop(tmp_path: Path) -> None:
    log = tmp_path / "deaf.log"
    code = (
        "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(os.getpid(), flush=True)\ntime.sleep(60)"
    )
    said: list[str] = []
    child = _python("deaf", code, log, stop_timeout_s=0.1)
    _run(
        Supervisor([child], say=said.append, patience=HASTY),
        lambda: _wait(lambda: bool(_read(log))),
    )
    assert said == ["deaf does not stop; it is killed"]
    with pytest.raises(ProcessLookupError):
        os.kill(int(_read(log)), 0)


def test_a_child_that_waits_starts_when_the_others_are_ready(tmp_path: Path) -> None:
    slow_log, eager_log = tmp_path / "slow.log", tmp_path / "eager.log"
    children = [
        _python("eager", STAY, eager_log, waits=True),
        _python("slow", STAY, slow_log, is_ready=lambda: "started" in _read(slow_log)),
    ]
    seen: list[str] = []
    stop = threading.Event()

    def ready() -> None:
        _wait(lambda: "started" in _read(eager_log))
        seen.append(_read(slow_log))
        stop.set()

    with Supervisor(children, say=pytest.fail, patience=HASTY) as supervisor:
        supervisor.watch(stop, when_ready=ready)
    assert seen == ["started\n"]


def test_signals_ask_to_stop() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stop_on_signals() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(5)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_taken_port_names_the_option() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Problem, match=str(port)) as taken:
            check_port("127.0.0.1", port, option="--http-port")
    assert "--http-port" in taken.value.way_out
    check_port("127.0.0.1", port, option="--http-port")


def test_two_programs_need_two_ports() -> None:
    check_apart([(8443, "--port"), (8444, "--port"), (8080, "--http-port")])
    with pytest.raises(Problem, match="8444 is wanted twice") as told:
        check_apart([(8443, "--port"), (8444, "--port"), (8444, "--http-port")])
    assert "`--port` and by `--http-port`" in told.value.what
    assert "--http-port 8445" in told.value.way_out
    with pytest.raises(Problem, match="no port 65674"):
        check_apart([(65534, "--port"), (65674, "--port")])


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""
