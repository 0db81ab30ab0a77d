"""`@command`: one action, one transaction, events written with the work."""

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar

from django.db import connection, transaction

from niaga.plumbing import outbox, writes

_begun_anew: ContextVar[bool] = ContextVar("begun_anew", default=False)


class BeginAnew(Exception):  # noqa: N818 - an order to the command, not an error
    """The command would have to wait for locks out of their order: it must let go and start over.

    Only a rollback gives locks back. The second time it takes them patiently, see `is_begun_anew`.
    """


def is_begun_anew() -> bool:
    """Say whether the running command is in its second and last attempt."""
    return _begun_anew.get()


def in_one_transaction[R](work: Callable[[], R]) -> R:
    """Run the work, and write what it recorded and left to be written, or nothing of it."""
    try:
        return _attempt(work)
    except BeginAnew:
        token = _begun_anew.set(True)
        try:
            return _attempt(work)
        finally:
            _begun_anew.reset(token)


def _attempt[R](work: Callable[[], R]) -> R:
    outermost = not connection.in_atomic_block
    with transaction.atomic(), outbox.opened():
        result = work()
        if outermost and not connection.needs_rollback:
            writes.commit_with_the_rest()
        outbox.flush()
        return result


def command[**P, R](action: Callable[P, R]) -> Callable[P, R]:
    """Run `action` in the one transaction; a command called by a command joins the caller's.

    Events recorded on the way are written in one statement when the outermost command ends, so
    they commit with the work or not at all. Arguments are keyword-only.

    Raises:
        TypeError: at import, when `action` takes a positional argument.
    """
    for parameter in inspect.signature(action).parameters.values():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            raise TypeError(f"{action.__qualname__}: {parameter.name} must be keyword-only")

    @functools.wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if outbox.is_open():
            assert connection.in_atomic_block, "a command outlived its transaction"
            return action(*args, **kwargs)
        return in_one_transaction(functools.partial(action, *args, **kwargs))

    run.__niaga_command__ = True  # type: ignore[attr-defined]
    return run
