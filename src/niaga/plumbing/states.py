"""The guarded state change: exactly one row moves, or nobody moved it."""

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from django.db import models

from niaga.kernel.refusal import Refusal
from niaga.kernel.transitions import Transitions
from niaga.plumbing.writes import Write, later


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


def advance_later(
    model: type[models.Model], *, pk: UUID, to: str, transitions: Transitions, **changes: Any
) -> None:
    """Move the row to state `to` with the rest of what the command writes (`plumbing/writes`).

    For a row that the command holds locked, and whose state it has seen to allow it.

    Raises:
        AssertionError: as the writes are sent, where it was not so.
    """
    values = {"state": to, **changes}
    earlier = tuple(str(state) for state, followers in transitions.items() if to in followers)
    sql = _changing(model, tuple(values), earlier)
    table = model._meta.db_table  # noqa: SLF001 - Django's API
    later(Write(sql, [*values.values(), pk], changes=table, rows=1))


@cache
def _changing(model: type[models.Model], names: tuple[str, ...], earlier: tuple[str, ...]) -> str:
    # The states are our own words, so they stand in the statement: a list costs psycopg 20 us.
    states = ", ".join(f"'{state}'" for state in earlier)
    columns = {field.name: field.column for field in model._meta.concrete_fields}  # noqa: SLF001
    changes = ", ".join(f'"{columns[name]}" = %s' for name in names)
    table = model._meta.db_table  # noqa: SLF001
    return f'UPDATE "{table}" SET {changes} WHERE id = %s AND state IN ({states})'  # noqa: S608
