"""A cursor for statements that the server keeps prepared, in as few round trips as may be.

psycopg sends BEGIN and COMMIT by themselves, and works 35 us in Python for each statement. Here a
transaction's first statement takes BEGIN along, its last one COMMIT (libpq's pipeline mode), and a
statement is prepared when it first comes. What values and rows look like is psycopg's business.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import InvalidSqlStatementName, error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

type Connection = psycopg.Connection[Any]
type Values = Sequence[Any] | Mapping[str, Any]
type Kind = tuple[bytes, tuple[int, ...]]

KEPT = 100
"""So many statements each connection keeps prepared; the one not used for longest makes room."""


class PreparedCursor:
    """What Django's wrapper asks of a cursor; the server binds all values.

    With `commits` the next statement is the transaction's last: where it or COMMIT fails, nothing
    is committed.
    """

    _query = None  # where Django logs statements it then shows what was given

    def __init__(self, connection: Connection, *, commits: bool = False) -> None:
        self._connection = connection
        self._commits = commits
        self._rows: list[tuple[Any, ...]] = []

    def execute(self, sql: str, params: Values = ()) -> None:
        """Execute the statement, its places `%s` or `%(name)s`, and take all its rows.

        Raises:
            psycopg.Error: as psycopg's own cursors do.
        """
        text, in_order = _numbered(sql)
        values = in_order(params)
        transformer = Transformer(self._connection)
        bound = transformer.dump_sequence(values, [PyFormat.AUTO] * len(values))
        kind = text, transformer.types or ()
        answer = _exchange(
            self._connection, kind, bound, transformer.formats or (), commits=self._commits
        )
        transformer.set_pgresult(answer)
        self._rows = transformer.load_rows(0, answer.ntuples, tuple)[::-1]

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row; None: there is none."""
        return self._rows.pop() if self._rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows that were not fetched yet."""
        rows, self._rows = self._rows[::-1], []
        return rows

    def close(self) -> None:
        """Forget the rows."""
        self._rows = []


@cache
def _numbered(sql: str) -> tuple[bytes, Callable[[Any], Sequence[Any]]]:
    """Return the statement with its places numbered, and what puts values into their order."""
    names: list[str] = []

    def place(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        name = found[1] or str(len(names))
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 1}"

    text = re.sub(r"%(?:s|%|\((\w+)\)s)", place, sql).encode()
    if "%(" in sql:
        return text, lambda values: [values[name] for name in names]
    return text, lambda values: values


class _Kept:
    """The names under which one connection's server keeps statements prepared."""

    def __init__(self) -> None:
        self._names: OrderedDict[Kind, bytes] = OrderedDict()
        self._numbers = count()

    def find(self, kind: Kind) -> bytes | None:
        name = self._names.get(kind)
        if name is not None:
            self._names.move_to_end(kind)
        return name

    def new_name(self) -> bytes:
        """Return a name never used before, not even for a statement that was refused."""
        return b"niaga_%d" % next(self._numbers)

    def make_room(self) -> bytes | None:
        """Return the name to be given up, where there are too many."""
        return self._names.popitem(last=False)[1] if len(self._names) >= KEPT else None

    def add(self, kind: Kind, name: bytes) -> None:
        self._names[kind] = name

    def forget(self) -> None:
        self._names.clear()


_kept: WeakKeyDictionary[Connection, _Kept] = WeakKeyDictionary()


def _exchange(
    connection: Connection,
    kind: Kind,
    bound: Sequence[Any],
    formats: Sequence[int],
    *,
    commits: bool,
) -> PGresult:
    """Send what there is to be sent and return the statement's answer."""
    pgconn = connection.pgconn
    kept = _kept.get(connection) or _kept.setdefault(connection, _Kept())
    name, new = kept.find(kind), b""
    pgconn.enter_pipeline_mode()
    try:
        if not connection.autocommit and pgconn.transaction_status == TransactionStatus.IDLE:
            begin = connection._get_tx_start_command()  # noqa: SLF001 - as psycopg would begin
            pgconn.send_query_params(begin, None)
        if connection.prepare_threshold is None:
            pgconn.send_query_params(kind[0], bound, kind[1], formats)
        else:
            if name is None:
                name = new = kept.new_name()
                _prepare(pgconn, kept, kind, new)
            pgconn.send_query_prepared(name, bound, formats)
        if commits:
            pgconn.send_query_params(b"COMMIT", None)
        pgconn.pipeline_sync()
        answers = connection.wait(_answers(pgconn))
    finally:
        _leave(pgconn)
    _check(answers, kept)
    if new:
        kept.add(kind, new)
    return answers[-2 if commits else -1]


def _prepare(pgconn: PGconn, kept: _Kept, kind: Kind, name: bytes) -> None:
    old = kept.make_room()
    if old is not None:
        pgconn.send_query_params(b"DEALLOCATE " + old, None)
    pgconn.send_prepare(name, *kind)


def _answers(pgconn: PGconn) -> PQGen[list[PGresult]]:
    """Flush, and return the answers in the order of what was sent."""
    yield from send(pgconn)
    answers: list[PGresult] = []
    while True:
        found = yield from fetch_many(pgconn)
        if found and found[0].status == ExecStatus.PIPELINE_SYNC:
            return answers
        answers += found


def _leave(pgconn: PGconn) -> None:
    """Leave the pipeline; a connection that was interrupted amid an exchange is of no use."""
    try:
        pgconn.exit_pipeline_mode()
    except psycopg.OperationalError:
        pgconn.finish()


def _check(answers: list[PGresult], kept: _Kept) -> None:
    for answer in answers:
        if answer.status == ExecStatus.FATAL_ERROR:
            error = error_from_result(answer)
            if isinstance(error, InvalidSqlStatementName):
                kept.forget()
            raise error
