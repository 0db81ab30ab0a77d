"""Rows by statements written out: what was selected becomes a model's row again.

Django puts each SELECT together anew, and reads every column of a joined row; where a buyer waits,
that takes longer than the database does. The statement itself is sent by a `prepared_cursor`.
"""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models.base import ModelState


class Columns[M: models.Model]:
    """The columns of `model` that a statement selects of its alias; all where none are named.

    Text of the list, such as `a.id, a.state`, and reader of what was selected by it.
    """

    def __init__(self, model: type[M], alias: str, *names: str) -> None:
        fields = model._meta.concrete_fields  # noqa: SLF001 - Django's API
        chosen = [field for field in fields if not names or field.name in names]
        assert not names or len(chosen) == len(names), "a name that is no field"
        assert not any(hasattr(field, "from_db_value") for field in chosen), "converted by Django"
        self._model = model
        self._names = [str(field.attname) for field in chosen]
        self._text = ", ".join(f'{alias}."{field.column}"' for field in chosen)

    def __str__(self) -> str:
        """Return the list of columns."""
        return self._text

    def __len__(self) -> int:
        """Return how many columns there are."""
        return len(self._names)

    def read(self, values: Sequence[Any]) -> M:
        """Return the row of these values; a field that was not selected is fetched when asked.

        Django's own `from_db` asks each field of the model first, and tells whoever listens to
        rows being made; nobody does.
        """
        row = self._model.__new__(self._model)
        row._state = _read_from_database()  # noqa: SLF001 - as Django marks what it has read
        row.__dict__.update(zip(self._names, values, strict=True))
        return row


def _read_from_database() -> ModelState:
    state = ModelState()
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    return state
