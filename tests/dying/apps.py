"""The points of a card payment at which a market's process may die: around commits and calls."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import AppConfig

from niaga.plumbing import writes

# In the order of a payment; those of the first tuple are the web server's, then the worker's.
ASKING = (
    "before the request commits",
    "after the request commits",
    "after the bank answered",
    "before the answer commits",
    "after the answer commits",
)
TELLING = (
    "after an operation's bytes are kept",
    "after the gateway did it",
    "before its answer commits",
    "after its answer commits",
)

EVERY_SECOND = "* * * * * *"  # the sixth field is the second


def die_at(point: str) -> None:
    """Die here if the file names this point; the file goes first, so that nobody dies twice."""
    assert point in ASKING + TELLING
    order = Path(os.environ["NIAGA_DIES_AT"])
    if order.exists() and order.read_text() == point:
        order.unlink()
        writes.send()  # what the command has left to be written reaches the database, uncommitted
        os.kill(os.getpid(), signal.SIGKILL)


def dies_after(module: Any, name: str, point: str) -> None:
    """Let the process die after a call of `module.name`."""
    original: Callable[..., Any] = getattr(module, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        die_at(point)
        return result

    setattr(module, name, call)


class DyingConfig(AppConfig):
    """Wraps the calls at whose edges something is committed or told."""

    name = "tests.dying"
    label = "dying"

    def ready(self) -> None:
        """Put the points in place."""
        from niaga.flows.money.card import bank  # noqa: PLC0415 - apps are loaded only now
        from niaga.plumbing.jobs import app  # noqa: PLC0415
        from niaga.stages.ordering import jobs, paying  # noqa: PLC0415
        from niaga.stages.ordering.commands import (  # noqa: PLC0415
            settle_payment,
            take_bank_answer,
        )

        # The job that takes up what a dead worker left, without a minute's wait for it.
        app.periodic(cron=EVERY_SECOND, periodic_id="soon")(jobs.tell_bank_again)
        # Inside the transaction, after its writes.
        dies_after(settle_payment, "request_authorization", "before the request commits")
        dies_after(settle_payment, "approve_authorization", "before the answer commits")
        dies_after(take_bank_answer, "record_capture", "before its answer commits")
        # Outside it.
        dies_after(paying, "request_payment", "after the request commits")
        dies_after(bank, "ask_authorization", "after the bank answered")
        dies_after(paying, "authorize_payment", "after the answer commits")
        dies_after(paying, "keep_request", "after an operation's bytes are kept")
        dies_after(bank, "tell_operation", "after the gateway did it")
        dies_after(paying, "take_bank_answer", "after its answer commits")
