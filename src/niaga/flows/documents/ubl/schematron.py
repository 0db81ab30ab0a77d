"""Asks the process that knows the EN 16931 rules; starts it, times it, starts it again."""

import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time

STARTING_S = 60.0
ANSWERING_S = 20.0
_PROGRAM = "niaga.flows.documents.ubl.schematron_process"

type Findings = tuple[tuple[str, str], ...]


class RulesUnavailableError(Exception):
    """The process died twice or did not answer in time; the document was not judged."""


class RuleProcess:
    """One process with the rules compiled, for one document at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def fatal(self, document: str, *, timeout_s: float = ANSWERING_S) -> Findings:
        """Return (rule, message) of each fatal finding; empty says that the document is valid.

        Raises:
            RulesUnavailableError: no answer; the next call starts afresh.
        """
        message = document.encode()
        with self._lock:
            for _ in range(2):  # the second try is for a process that died idle
                try:
                    return self._ask(message, timeout_s)
                except (BrokenPipeError, EOFError):
                    self._stop()
        raise RulesUnavailableError("the rules' process died twice")

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._stop()

    @property
    def pid(self) -> int | None:
        """The process's id, while it runs."""
        return self._process.pid if self._process else None

    def _ask(self, message: bytes, timeout_s: float) -> Findings:
        fresh = self._process is None
        process = self._process = self._process or _start()
        assert process.stdin is not None, "its input is a pipe"
        deadline = time.monotonic() + timeout_s + (STARTING_S if fresh else 0)
        process.stdin.write(len(message).to_bytes(4) + message)
        process.stdin.flush()
        length = int.from_bytes(self._read(process, 4, deadline))
        answer = json.loads(self._read(process, length, deadline))
        return tuple((rule, words) for rule, words in answer)

    def _read(self, process: subprocess.Popen[bytes], count: int, deadline: float) -> bytes:
        assert process.stdout is not None, "its output is a pipe"
        pipe, parts = process.stdout.fileno(), b""
        while len(parts) < count:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                self._stop()
                raise RulesUnavailableError("the rules' process did not answer in time")
            part = os.read(pipe, count - len(parts))
            if not part:
                raise EOFError
            parts += part
        return parts

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe is not None, "both are pipes"
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
            self._process = None


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )


RULES = RuleProcess()
atexit.register(RULES.close)
