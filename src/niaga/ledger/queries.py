"""Balances and statements, derived from the transfers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from niaga.kernel.money import Money
from niaga.ledger.chart import CHART
from niaga.ledger.posting import AccountKey


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of an account; `amount` is positive where it raised the balance."""

    posted_at: datetime
    kind: str
    cause_id: UUID
    amount: Money


def balances(*keys: AccountKey, currency: str = "IDR") -> dict[AccountKey, Money]:
    """Return each account's balance on its normal side; an account never used has zero."""
    signed = dict.fromkeys(keys, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.kind, a.owner_id, "
            " COALESCE((SELECT SUM(amount_minor) FROM ledger_transfer WHERE debit_id = a.id), 0)"
            " - COALESCE((SELECT SUM(amount_minor) FROM ledger_transfer WHERE credit_id = a.id), 0)"
            " FROM ledger_account a JOIN unnest(%s::text[], %s::uuid[]) AS w(kind, owner_id)"
            " ON a.kind = w.kind AND a.owner_id IS NOT DISTINCT FROM w.owner_id"
            " WHERE a.currency = %s",
            [[k.kind for k in keys], [k.owner_id for k in keys], currency],
        )
        for kind, owner_id, debit_minus_credit in cursor.fetchall():
            key = AccountKey(kind, owner_id)
            sign = 1 if CHART[kind].normal == "debit" else -1
            signed[key] = sign * int(debit_minus_credit)
    return {key: Money(minor, currency) for key, minor in signed.items()}


def balance(key: AccountKey, currency: str = "IDR") -> Money:
    """Return one account's balance on its normal side."""
    return balances(key, currency=currency)[key]


def trial_balance(currency: str = "IDR") -> dict[str, Money]:
    """Return the balance of every kind of account in use, on its normal side."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.kind, SUM(s.minor) FROM ledger_account a JOIN ("
            " SELECT debit_id AS account_id, SUM(amount_minor) AS minor"
            "  FROM ledger_transfer WHERE currency = %s GROUP BY 1"
            " UNION ALL SELECT credit_id, -SUM(amount_minor)"
            "  FROM ledger_transfer WHERE currency = %s GROUP BY 1"
            ") s ON s.account_id = a.id GROUP BY a.kind ORDER BY a.kind",
            [currency, currency],
        )
        rows = cursor.fetchall()
    return {
        kind: Money(int(minor) * (1 if CHART[kind].normal == "debit" else -1), currency)
        for kind, minor in rows
    }


def statement(
    key: AccountKey, *, currency: str = "IDR", limit: int = 50, offset: int = 0
) -> tuple[StatementLine, ...]:
    """Return the account's movements, newest first."""
    sign = 1 if CHART[key.kind].normal == "debit" else -1
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.posted_at, e.kind, e.cause_id,"
            " CASE WHEN t.debit_id = a.id THEN t.amount_minor ELSE -t.amount_minor END"
            " FROM ledger_account a"
            " JOIN ledger_transfer t ON t.debit_id = a.id OR t.credit_id = a.id"
            " JOIN ledger_journalentry e ON e.id = t.entry_id"
            " WHERE a.kind = %s AND a.owner_id IS NOT DISTINCT FROM %s AND a.currency = %s"
            " ORDER BY e.posted_at DESC, e.id DESC, t.id DESC LIMIT %s OFFSET %s",
            [key.kind, key.owner_id, currency, limit, offset],
        )
        return tuple(
            StatementLine(posted_at, kind, cause_id, Money(sign * int(minor), currency))
            for posted_at, kind, cause_id, minor in cursor.fetchall()
        )
