"""What a command writes, sent together as it ends: one statement, prepared by the server.

A statement costs a round trip, a parse and a plan, whatever it does. Most of what a command
writes needs no answer, so it waits for the rest: placing an order sends one statement where it had
ten. What waits is sent before any other statement of Django's, so that a command can always ask
for what it has written; only a `prepared_cursor` does not look.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from itertools import count
from operator import attrgetter
from typing import Any

import psycopg
from django.db import connection, models
from django.db.backends.utils import CursorWrapper


@dataclass(frozen=True, slots=True)
class Write:
    """One INSERT, UPDATE or DELETE, `params` for its `%s`.

    `changes` names the table whose rows an UPDATE or DELETE touches, `rows` how many it must
    touch. It can't see what others that wait with it write.
    """

    sql: str
    params: Sequence[Any]
    changes: str = ""
    rows: int | None = None


_waiting: ContextVar[list[Write] | None] = ContextVar("waiting_writes", default=None)


@contextmanager
def opened() -> Iterator[None]:
    """Let writes wait inside the block; what was not sent is dropped (the work rolled back)."""
    token = _waiting.set([])
    try:
        with connection.execute_wrapper(_send_first):
            yield
    finally:
        _waiting.reset(token)


def later(write: Write) -> None:
    """Keep a write until the command ends, or asks the database something else.

    Raises:
        RuntimeError: no command is running.
    """
    waiting = _waiting.get()
    if waiting is None:
        raise RuntimeError("a write waits outside a command")
    # One statement changes a row once: a second change has to find what the first one left.
    if write.changes and any(write.changes == other.changes for other in waiting):
        send()
    waiting.append(write)


def insert(rows: Iterable[models.Model]) -> None:
    """Insert the rows, all of one model, with the rest of what the command writes.

    Every column is taken from the row as it stands: keys are made by the caller, and fields that
    fill themselves in (`auto_now`) are not for this.

    Raises:
        RuntimeError: no command is running.
    """
    given = list(rows)
    if not given:
        return
    sql, columns, values_of = _insertion(type(given[0]))
    later(Write(sql, [as_json([dict(zip(columns, values_of(row), strict=True)) for row in given])]))
    for row in given:
        row._state.adding = False  # noqa: SLF001 - as Django marks what it has saved


def as_json(value: Any) -> str:
    """Return values for `json_to_recordset`: identifiers and instants as their text.

    One JSON text costs far less than a parameter for each value or an array for each column.
    """
    return json.dumps(value, default=str)


def send() -> None:
    """Send what waits, in one statement.

    Raises:
        AssertionError: a write did not touch as many rows as it had to.
    """
    waiting = _waiting.get()
    if not waiting:
        return
    writes, waiting[:] = tuple(waiting), []
    counted = [write.rows for write in writes if write.rows is not None]
    with _cursor(psycopg.RawCursor) as cursor:
        cursor.execute(
            _statement(tuple((write.sql, write.rows is not None) for write in writes)),
            [value for write in writes for value in write.params],
        )
        touched = list(cursor.fetchone() or ()) if counted else []
    assert touched == counted, f"touched {touched} rows, not {counted}"


def prepared_cursor() -> CursorWrapper:
    """Return a cursor whose statements the server keeps prepared once they come again.

    Django's own put every value into the text, so that the server parses and plans anew each
    time. For short statements by key: a plan is kept until the table's statistics change. It does
    not see what waits to be written.
    """
    return _cursor(psycopg.Cursor)


def _cursor(kind: type[psycopg.Cursor]) -> CursorWrapper:
    connection.ensure_connection()
    cursor = kind(connection.connection)
    return connection._prepare_cursor(cursor)  # type: ignore[attr-defined,no-any-return] # noqa: SLF001 - Django has no public way to bring a cursor


def _send_first(
    execute: Callable[..., Any],
    sql: str,
    params: Any,
    many: bool,  # noqa: FBT001 - as Django calls it
    context: dict[str, Any],
) -> Any:
    """Send what waits before a statement of Django's own; it wraps them all."""
    if type(context["cursor"].cursor) not in {psycopg.Cursor, psycopg.RawCursor}:
        send()
    return execute(sql, params, many, context)


@cache
def _statement(writes: tuple[tuple[str, bool], ...]) -> str:
    """Return one statement for them all, its places numbered as the server wants them."""
    parts = [
        f"w{n} AS ({sql}{' RETURNING 1' if counted else ''})"
        for n, (sql, counted) in enumerate(writes)
    ]
    counts = [
        f"(SELECT count(*) FROM w{n})"  # noqa: S608 - a number of ours
        for n, (_, counted) in enumerate(writes)
        if counted
    ]
    text = f"WITH {', '.join(parts)} SELECT {', '.join(counts) or '1'}"
    numbers = count(1)
    return re.sub("%s", lambda _: f"${next(numbers)}", text)


@cache
def _insertion(
    model: type[models.Model],
) -> tuple[str, list[str], Callable[[models.Model], Sequence[Any]]]:
    """Return the statement, the columns of its one JSON parameter, and what a row has for them."""
    fields = model._meta.local_concrete_fields  # noqa: SLF001 - Django's API
    assert len(fields) > 1, "attrgetter returns a tuple"
    names = [str(field.column) for field in fields]
    quote = connection.ops.quote_name
    table, columns = quote(model._meta.db_table), ", ".join(map(quote, names))  # noqa: SLF001
    sql = (
        f"INSERT INTO {table} ({columns}) "  # noqa: S608 - names of ours
        f"SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s::json)"
    )
    return sql, names, attrgetter(*(field.attname for field in fields))
