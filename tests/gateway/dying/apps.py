"""The points at which a process may die: before and after each commit and each word to others."""

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import AppConfig

from niaga.plumbing import writes

POINTS = (
    "before admitting commits",
    "after admitting",
    "after the issuer answered",
    "before deciding commits",
    "after deciding",
    "before an operation commits",
    "after an operation",
    "after a message is taken",
    "after a message is answered",
    "before the issuer commits",
    "after the issuer committed",
)


def die_at(point: str) -> None:
    """Die here if the file names this point; the file goes first, so that nobody dies twice."""
    assert point in POINTS
    order = Path(os.environ["NIAGA_DIES_AT"])
    if order.exists() and order.read_text() == point:
        order.unlink()
        writes.send()  # what the command has left to be written reaches the database, uncommitted
        os.kill(os.getpid(), signal.SIGKILL)


def around(module: Any, name: str, *, before: str = "", after: str = "") -> None:
    """Let the process die before or after a call of `module.name`."""
    original: Callable[..., Any] = getattr(module, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        if before:
            die_at(before)
        result = original(*args, **kwargs)
        if after:
            die_at(after)
        return result

    setattr(module, name, call)


class DyingConfig(AppConfig):
    """Wraps the calls at whose edges something is committed or told."""

    name = "tests.gateway.dying"
    label = "dying"

    def ready(self) -> None:
        """Put the points in place."""
        from niaga.gateway import authorize, rounds  # noqa: PLC0415 - apps are loaded only now
        from niaga.gateway.authority import trust  # noqa: PLC0415
        from niaga.gateway.commands import (  # noqa: PLC0415
            admit_authorization,
            decide_authorization,
            perform_operation,
            send_messages,
        )
        from niaga.gateway.issuer_simulator import bank, server  # noqa: PLC0415
        from niaga.gateway.payments import views  # noqa: PLC0415

        trust.KEPT = timedelta(seconds=1)
        admit_authorization.ANSWER_WITHIN = timedelta(seconds=7)
        send_messages.LEASE = timedelta(seconds=2)
        # Inside the transaction, after its first write.
        around(admit_authorization, "_admit", after="before admitting commits")
        around(decide_authorization, "_settle", after="before deciding commits")
        around(perform_operation, "_perform", after="before an operation commits")
        around(bank, "_late", after="before the issuer commits")
        # Outside it.
        around(authorize, "admit_authorization", after="after admitting")
        around(authorize, "_ask", after="after the issuer answered")
        around(authorize, "decide_authorization", after="after deciding")
        around(views, "perform_operation", after="after an operation")
        around(rounds, "take_message", after="after a message is taken")
        around(rounds, "close_message", before="after a message is answered")
        around(server, "answer", after="after the issuer committed")
