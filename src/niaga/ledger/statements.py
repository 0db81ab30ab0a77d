"""Statements: an account's lines, replayed from the transfers with the balance after each.

Lines are found by their key (keyset pagination): the last page of an old account costs what the
first one costs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from niaga.kernel.money import Money
from niaga.ledger.chart import CHART
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import NEVER

_AT_ONCE = 2_000
# Each side of the account comes, in order, from an index of its own.
_LINES = """
    SELECT s.id, e.posted_at, e.kind, e.cause_id, s.minor
      FROM (SELECT * FROM (
                (SELECT id, entry_id, amount_minor AS minor FROM ledger_transfer
                  WHERE debit_id = %(account)s AND id > %(after)s AND id < %(before)s
                  ORDER BY id {order} LIMIT %(limit)s)
                UNION ALL
                (SELECT id, entry_id, -amount_minor FROM ledger_transfer
                  WHERE credit_id = %(account)s AND id > %(after)s AND id < %(before)s
                  ORDER BY id {order} LIMIT %(limit)s)
            ) line ORDER BY id {order} LIMIT %(limit)s) s
      JOIN ledger_journalentry e ON e.id = s.entry_id ORDER BY s.id {order}
"""
# From the newest balance carried to a line before this one. To the account's newest line also from
# one carried beyond it: an account that rested since is not added up from its beginning.
_BALANCE = f"""
    WITH carried AS (
        SELECT through_id, balance_minor FROM ledger_carriedbalance
         WHERE account_id = %(account)s AND (through_id <= %(line)s OR %(is_newest)s)
         ORDER BY through_id DESC LIMIT 1
    ), since AS (SELECT COALESCE((SELECT through_id FROM carried), {NEVER}) AS id),
    line AS NOT MATERIALIZED (
        SELECT id, amount_minor AS minor FROM ledger_transfer WHERE debit_id = %(account)s
        UNION ALL SELECT id, -amount_minor FROM ledger_transfer WHERE credit_id = %(account)s)
    SELECT COALESCE((SELECT balance_minor FROM carried), 0)
         + COALESCE((SELECT SUM(minor) FROM line
                      WHERE id > (SELECT id FROM since) AND id <= %(line)s), 0)
         - COALESCE((SELECT SUM(minor) FROM line
                      WHERE id > %(line)s AND id <= (SELECT id FROM since)), 0)
"""  # noqa: S608 - constants of this file
_START = UUID(int=0)
_END = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of an account; `amount` is positive where it raised the balance.

    `balance` is the account's after it.
    """

    line_id: UUID
    posted_at: datetime
    kind: str
    cause_id: UUID
    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Lines, newest first; `older` and `newer` are where the neighbours begin, None at an end.

    Ask for the neighbours by `before=older` and `after=newer`.
    """

    lines: tuple[StatementLine, ...]
    older: UUID | None
    newer: UUID | None


def statement_page(
    key: AccountKey,
    *,
    currency: str = "IDR",
    limit: int = 50,
    before: UUID | None = None,
    after: UUID | None = None,
) -> StatementPage:
    """Return a page of the account's statement: the newest one unless a line is given.

    `before` a line or `after` it, not both. Three statements at most.
    """
    assert before is None or after is None, "a page lies on one side of a line"
    account_id = _account(key, currency)
    if account_id is None:
        return StatementPage((), None, None)
    if after is None:
        rows = _lines(account_id, _START, before or _END, limit + 1, newest_first=True)
        more = len(rows) > limit
        shown = rows[:limit]
    else:
        rows = _lines(account_id, after, _END, limit + 1, newest_first=False)
        more = len(rows) > limit
        shown = rows[:limit][::-1]
    if not shown:
        return StatementPage((), None, None)
    newest, oldest = shown[0][0], shown[-1][0]
    has_older = more if after is None else True
    has_newer = more if after is not None else before is not None
    return StatementPage(
        _with_balances(
            key, currency, shown, _balance_through(account_id, newest, is_newest=not has_newer)
        ),
        oldest if has_older else None,
        newest if has_newer else None,
    )


def replayed(key: AccountKey, *, currency: str = "IDR") -> Iterator[StatementLine]:
    """Yield all of the account's lines, oldest first.

    Two thousand are fetched at a time; no transaction is held open meanwhile.
    """
    account_id = _account(key, currency)
    if account_id is None:
        return
    sign, minor, at = _sign(key), 0, _START
    while rows := _lines(account_id, at, _END, _AT_ONCE, newest_first=False):
        for line_id, posted_at, kind, cause_id, moved in rows:
            minor += moved
            amounts = Money(sign * moved, currency), Money(sign * minor, currency)
            yield StatementLine(line_id, posted_at, kind, cause_id, *amounts)
        at = rows[-1][0]


type _Row = tuple[UUID, datetime, str, UUID, int]


def _account(key: AccountKey, currency: str) -> UUID | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM ledger_account WHERE kind = %s AND currency = %s"
            " AND owner_id IS NOT DISTINCT FROM %s",
            [key.kind, currency, key.owner_id],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _lines(
    account_id: UUID, after: UUID, before: UUID, limit: int, *, newest_first: bool
) -> list[_Row]:
    """Return lines strictly between two keys, debits above zero."""
    sql = _LINES.format(order="DESC" if newest_first else "ASC")
    with connection.cursor() as cursor:
        cursor.execute(
            sql, {"account": account_id, "after": after, "before": before, "limit": limit}
        )
        return [(*row[:4], int(row[4])) for row in cursor.fetchall()]


def _balance_through(account_id: UUID, line_id: UUID, *, is_newest: bool) -> int:
    """Return debits less credits of all lines up to that one."""
    with connection.cursor() as cursor:
        cursor.execute(_BALANCE, {"account": account_id, "line": line_id, "is_newest": is_newest})
        [(minor,)] = cursor.fetchall()
    return int(minor)


def _with_balances(
    key: AccountKey, currency: str, rows: list[_Row], minor: int
) -> tuple[StatementLine, ...]:
    """Return the rows (newest first) as lines; `minor` is the balance after the newest."""
    sign = _sign(key)
    lines = []
    for line_id, posted_at, kind, cause_id, moved in rows:
        amounts = Money(sign * moved, currency), Money(sign * minor, currency)
        lines.append(StatementLine(line_id, posted_at, kind, cause_id, *amounts))
        minor -= moved
    return tuple(lines)


def _sign(key: AccountKey) -> int:
    return 1 if CHART[key.kind].normal == "debit" else -1
