"""`@command`: one action, one transaction, events written with the work."""

import functools
import inspect
from collections.abc import Callable

from django.db import connection, transaction

from niaga.plumbing import outbox


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
        with transaction.atomic(), outbox.opened():
            result = action(*args, **kwargs)
            outbox.flush()
            return result

    run.__niaga_command__ = True  # type: ignore[attr-defined]
    return run
