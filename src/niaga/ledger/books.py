"""The whole ledger at one instant: what an accountant's program takes over."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from django.db import connection, transaction

from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.ledger.chart import CHART, AccountKind

_AT_ONCE = 5_000

_ACCOUNTS = """
    SELECT a.id, a.kind, a.owner_id, a.currency, SUM(s.minor)
      FROM ledger_account a
      JOIN (SELECT debit_id AS account_id, SUM(amount_minor) AS minor
              FROM ledger_transfer GROUP BY 1
            UNION ALL SELECT credit_id, -SUM(amount_minor) FROM ledger_transfer GROUP BY 1) s
        ON s.account_id = a.id
     GROUP BY a.id ORDER BY a.kind, a.owner_id, a.currency
"""
_SPAN = "SELECT MIN(posted_at), MAX(posted_at), COUNT(*) FROM ledger_journalentry"
# Keys are UUIDv7: in their order lines come as they were written, straight from the indexes.
_LINES = """
    SELECT e.id, e.posted_at, e.kind, e.cause_id, t.debit_id, t.credit_id, t.amount_minor,
           t.currency
      FROM ledger_transfer t JOIN ledger_journalentry e ON e.id = t.entry_id
     ORDER BY e.id, t.id
"""


@dataclass(frozen=True, slots=True)
class BookAccount:
    """An account that money moved on; `balance` is debits less credits."""

    account_id: UUID
    kind: AccountKind
    owner_id: UUID | None
    balance: Money


@dataclass(frozen=True, slots=True)
class BookEntry:
    """A journal entry; `movements` are (debited account, credited account, amount)."""

    entry_id: UUID
    posted_at: datetime
    kind: str
    cause_id: UUID
    movements: tuple[tuple[UUID, UUID, Money], ...]


@dataclass(frozen=True, slots=True)
class Books:
    """The ledger of one instant: its accounts, its first and last posting, its entries.

    `entries` (`entry_count` of them) is read once, while the `open_books` that gave it lasts.
    """

    accounts: tuple[BookAccount, ...]
    since: datetime | None
    until: datetime | None
    entry_count: int
    entries: Iterator[BookEntry]


@contextmanager
def open_books() -> Iterator[Books]:
    """Give the books as one snapshot, whatever is posted meanwhile, in little memory.

    Must be called outside of any transaction.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(_ACCOUNTS)
        accounts = tuple(
            BookAccount(account_id, CHART[kind], owner_id, Money(int(minor), currency))
            for account_id, kind, owner_id, currency, minor in cursor.fetchall()
        )
        cursor.execute(_SPAN)
        [(since, until, count)] = cursor.fetchall()
        yield Books(accounts, since, until, count, _entries())


def _entries() -> Iterator[BookEntry]:
    for (entry_id, posted_at, kind, cause_id), lines in groupby(_lines(), itemgetter(0, 1, 2, 3)):
        movements = tuple(
            (debit, credit, Money(minor, currency)) for *_, debit, credit, minor, currency in lines
        )
        yield BookEntry(entry_id, posted_at, kind, cause_id, movements)


def _lines() -> Iterator[tuple[UUID, datetime, str, UUID, UUID, UUID, int, str]]:
    name = f"books_{new_id().hex}"
    with connection.cursor() as cursor:
        cursor.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {_LINES}")
        while True:
            cursor.execute(f"FETCH {_AT_ONCE} FROM {name}")
            rows = cursor.fetchall()
            yield from rows
            if len(rows) < _AT_ONCE:
                return
