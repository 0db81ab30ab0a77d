"""Statements that the server keeps prepared, and what goes with them in one round trip."""

import os
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from niaga.kernel.ids import new_id
from niaga.ledger.models import Account, Hold
from niaga.plumbing import prepared
from niaga.plumbing.command import command
from niaga.plumbing.prepared import PreparedCursor
from niaga.plumbing.writes import Write, insert, later, prepared_cursor

type Line = psycopg.Connection[tuple[object, ...]]

pytestmark = pytest.mark.django_db

committing = pytest.mark.django_db(transaction=True)
"""For what a test around which nothing is rolled back shows."""


def _account(kind: str) -> Account:
    return Account(id=new_id(), kind=kind, currency="IDR")


def _kinds() -> list[str]:
    return sorted(Account.objects.values_list("kind", flat=True))


@pytest.fixture
def line() -> Iterator[Line]:
    """A connection of its own, with psycopg's own types."""
    connection.ensure_connection()
    own = connection.connection.info
    with psycopg.connect(
        host=own.host, port=own.port, user=own.user, dbname=own.dbname, autocommit=True
    ) as opened:
        yield opened


def _kept(line: Line) -> list[str]:
    rows = line.execute("SELECT statement FROM pg_prepared_statements ORDER BY prepare_time")
    return [str(statement) for (statement,) in rows]


def test_values_come_back_as_they_went() -> None:
    sent = (UUID(int=7), "50%", 3, 2**40, None, [1, 2], datetime(2026, 1, 2, 3, tzinfo=UTC))
    with prepared_cursor() as cursor:
        cursor.execute(
            "SELECT %s, %s::text, %s, %s, %s::text, %s::bigint[], %s::timestamptz, '50%%'", sent
        )
        assert cursor.fetchone() == (*sent, "50%")
        assert cursor.fetchone() is None


def test_named_values_may_be_used_twice() -> None:
    with prepared_cursor() as cursor:
        cursor.execute("SELECT %(b)s::int, %(a)s::int, %(b)s::int", {"a": 1, "b": 2})
        assert cursor.fetchall() == [(2, 1, 2)]
        assert cursor.fetchall() == []


def test_a_statement_is_prepared_once(line: Line) -> None:
    for number in (1, 2, 3):
        cursor = PreparedCursor(line)
        cursor.execute("SELECT %s + 1", [number])
        assert cursor.fetchone() == (number + 1,)
    assert _kept(line) == ["SELECT $1 + 1"]


def test_no_more_are_kept_than_allowed(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "KEPT", 2)
    for text in ("SELECT 1", "SELECT 2", "SELECT 1", "SELECT 3", "SELECT 1"):
        PreparedCursor(line).execute(text)
    assert _kept(line) == ["SELECT 1", "SELECT 3"]


def test_nothing_is_prepared_where_a_pooler_would_lose_it(
    line: Line,
) -> None:
    line.prepare_threshold = None
    cursor = PreparedCursor(line)
    cursor.execute("SELECT %s::int", [5])
    assert cursor.fetchone() == (5,)
    assert _kept(line) == []


def test_what_the_server_has_lost_is_prepared_anew(
    line: Line,
) -> None:
    PreparedCursor(line).execute("SELECT 1")
    line.execute("DEALLOCATE ALL")
    with pytest.raises(psycopg.errors.InvalidSqlStatementName):
        PreparedCursor(line).execute("SELECT 1")
    PreparedCursor(line).execute("SELECT 1")
    assert _kept(line) == ["SELECT 1"]


def test_a_statement_that_is_refused_leaves_the_connection_usable(
    line: Line,
) -> None:
    for _ in range(2):
        with pytest.raises(psycopg.errors.DivisionByZero):
            PreparedCursor(line).execute("SELECT 1 / %s::int", [0])
        with pytest.raises(psycopg.errors.UndefinedTable):
            PreparedCursor(line).execute("SELECT 1 FROM nowhere")
    assert line.execute("SELECT 1").fetchone() == (1,)


def test_what_is_large_arrives_whole(line: Line) -> None:
    text = "0123456789" * 500_000
    cursor = PreparedCursor(line)
    cursor.execute("SELECT %s::text", [text])
    assert cursor.fetchone() == (text,)


@committing
def test_a_transaction_begins_with_its_first_statement() -> None:
    with transaction.atomic():
        with prepared_cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_account (id, kind, currency) VALUES (%s, 'first', 'IDR')",
                [new_id()],
            )
        assert _kinds() == ["first"]
        transaction.set_rollback(True)
    assert _kinds() == []


@command
def open_accounts(*, kinds: tuple[str, ...]) -> None:
    insert([_account(kind) for kind in kinds])


@command
def rename(*, old: str, new: str) -> None:
    insert([_account("beside")])
    later(
        Write(
            "UPDATE ledger_account SET kind = %s WHERE kind = %s",
            [new, old],
            changes="ledger_account",
            rows=1,
        )
    )


@command
def hold_at_nobodys() -> None:
    insert([_account("beside")])
    insert(
        [
            Hold(
                id=new_id(),
                kind="authorization",
                cause_id=new_id(),
                debit_id=new_id(),
                credit_id=new_id(),
                amount_minor=1,
                currency="IDR",
                held_at=datetime(2026, 1, 2, tzinfo=UTC),
            )
        ]
    )


@committing
def test_the_last_statement_commits() -> None:
    after: list[list[str]] = []

    @command
    def open_and_tell() -> None:
        transaction.on_commit(lambda: after.append(_kinds()))
        insert([_account("first")])

    open_and_tell()
    assert connection.connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert after == [["first"]]


@committing
def test_a_write_that_misses_its_rows_is_not_committed() -> None:
    open_accounts(kinds=("first",))
    with pytest.raises(AssertionError, match="touched"):
        rename(old="nobody", new="anybody")
    assert _kinds() == ["first"]
    rename(old="first", new="last")
    assert _kinds() == ["beside", "last"]


@committing
def test_a_constraint_that_fails_at_the_commit_fails_the_command() -> None:
    with pytest.raises(IntegrityError):
        hold_at_nobodys()
    assert _kinds() == []
    open_accounts(kinds=("first",))
    assert _kinds() == ["first"]


@committing
def test_a_command_inside_a_transaction_does_not_commit_it() -> None:
    with transaction.atomic():
        open_accounts(kinds=("first",))
        transaction.set_rollback(True)
    assert _kinds() == []


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let SIGINT interrupt, also where the tests run in the background and ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@committing
def test_an_interrupted_statement_does_not_spoil_the_next(interruptible: None) -> None:
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt), transaction.atomic(), prepared_cursor() as cursor:
        cursor.execute("SELECT pg_sleep(60)")
    timer.join()
    open_accounts(kinds=("first",))
    assert _kinds() == ["first"]
