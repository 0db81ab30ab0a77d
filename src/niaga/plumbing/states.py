"""The guarded state change: exactly one row moves, or nobody moved it."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.db import models

from niaga.kernel.refusal import Refusal
from niaga.kernel.transitions import Transitions


@dataclass(eq=False)
class TransitionRefused(Refusal):
    """The thing is in a state from which the wished one does not follow."""

    code: ClassVar[str] = "transition_refused"
    thing: str
    wished: str


def try_advance(
    model: type[models.Model], *, pk: UUID, to: str, transitions: Transitions, **changes: Any
) -> bool:
    """Move the row to state `to` where the table allows it; say whether exactly one row moved.

    One UPDATE guarded by the legal earlier states: of two racing callers one wins.
    """
    earlier = [state for state, followers in transitions.items() if to in followers]
    rows = model._default_manager.filter(pk=pk, state__in=earlier)  # noqa: SLF001 - Django's API
    return rows.update(state=to, **changes) == 1


def advance(
    model: type[models.Model], *, pk: UUID, to: str, transitions: Transitions, **changes: Any
) -> None:
    """Move the row to state `to`.

    Raises:
        TransitionRefused: the row is gone, or in a state that `to` does not follow.
    """
    if not try_advance(model, pk=pk, to=to, transitions=transitions, **changes):
        raise TransitionRefused(thing=model.__name__.lower(), wished=to)
