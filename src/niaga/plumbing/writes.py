"""What a command writes, sent together as it ends: one statement, prepared by the server.

A statement costs a round trip, a parse and a plan, whatever it does. Most of what a command
writes needs no answer, so it waits for the rest: placing an order sends one statement where it had
ten. What waits is sent before any other statement of Django's, so that a command can always ask
for what it has written; only a `prepared_cursor` does not look.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DataError, connection, connections, models
from django.db.backends.utils import CursorWrapper
from psycopg.errors import DivisionByZero

from niaga.plumbing.prepared import PreparedCursor


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


@dataclass(slots=True)
class _Waiting:
    """What waits in the running command, and whether its work is done."""

    writes: list[Write] = field(default_factory=list)
    done: bool = False


_waiting: ContextVar[_Waiting | None] = ContextVar("waiting_writes", default=None)


@contextmanager
def opened() -> Iterator[None]:
    """Let writes wait inside the block; what was not sent is dropped (the work rolled back)."""
    token = _waiting.set(_Waiting())
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
    if write.changes and any(write.changes == other.changes for other in waiting.writes):
        _send(waiting, commits=False)
    waiting.writes.append(write)


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
    if waiting is not None and waiting.writes:
        _send(waiting, commits=waiting.done)


def commit_with_the_rest() -> None:
    """Let COMMIT go along with what is sent last: the work of the outermost command is done.

    Where nothing is left to be sent the transaction ends as any other of Django's.
    """
    waiting = _waiting.get()
    assert waiting is not None, "no command is running"
    waiting.done = True


def _send(waiting: _Waiting, *, commits: bool) -> None:
    writes, waiting.writes = tuple(waiting.writes), []
    counted = ", ".join(str(write.rows) for write in writes if write.rows is not None)
    values = [value for write in writes for value in write.params]
    statement = _statement(tuple((write.sql, write.rows is not None) for write in writes))
    try:
        with _cursor(commits=commits) as cursor:
            cursor.execute(statement, [*values, f"{{{counted}}}"] if counted else values)
    except DataError as error:
        if not isinstance(error.__cause__, DivisionByZero):
            raise
        tables = ", ".join(write.changes for write in writes if write.rows is not None)
        raise AssertionError(f"touched not {counted} rows of {tables}") from error


def prepared_cursor() -> CursorWrapper:
    """Return a cursor whose statements the server keeps prepared.

    Django's own put every value into the text, so that the server parses and plans anew each
    time. For short statements by key: a plan is kept until the table's statistics change. It does
    not see what waits to be written.
    """
    return _cursor(commits=False)


def _cursor(*, commits: bool) -> CursorWrapper:
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    cursor = PreparedCursor(database.connection, commits=commits)
    return database._prepare_cursor(cursor)  # type: ignore[attr-defined,no-any-return] # noqa: SLF001 - Django has no public way to bring a cursor


def _send_first(
    execute: Callable[..., Any],
    sql: str,
    params: Any,
    many: bool,  # noqa: FBT001 - as Django calls it
    context: dict[str, Any],
) -> Any:
    """Send what waits before a statement of Django's own; it wraps them all."""
    if not isinstance(context["cursor"].cursor, PreparedCursor):
        send()
    return execute(sql, params, many, context)


@cache
def _statement(writes: tuple[tuple[str, bool], ...]) -> str:
    """Return one statement for them all.

    Its last value are the numbers of rows that have to be touched. Where others are, it divides by
    zero, so that it fails by itself and what was sent behind it (COMMIT) is not done.
    """
    parts = [
        f"w{n} AS ({sql}{' RETURNING 1' if counted else ''})"
        for n, (sql, counted) in enumerate(writes)
    ]
    touched = ", ".join(
        f"(SELECT count(*) FROM w{n})"  # noqa: S608 - a number of ours
        for n, (_, counted) in enumerate(writes)
        if counted
    )
    right = f"1 / (ARRAY[{touched}] = %s::bigint[])::int" if touched else "1"
    return f"WITH {', '.join(parts)} SELECT {right}"


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
