"""Balances, derived from the transfers and from what was carried forward."""

from django.db import connection

from niaga.kernel.money import Money
from niaga.ledger.chart import CHART
from niaga.ledger.posting import AccountKey

NEVER = "'00000000-0000-0000-0000-000000000000'::uuid"

# What each account stands at: the newest balance carried forward, and the lines since.
STANDING = f"""
    SELECT a.id AS account_id, a.kind, a.owner_id, a.currency,
           COALESCE(c.balance_minor, 0) + COALESCE(s.minor, 0) AS debit_minus_credit,
           COALESCE(c.lines, 0) + s.lines AS lines
      FROM ledger_account a
      LEFT JOIN LATERAL (
            SELECT through_id, balance_minor, lines FROM ledger_carriedbalance
             WHERE account_id = a.id ORDER BY through_id DESC LIMIT 1) c ON TRUE
      CROSS JOIN LATERAL (
            SELECT SUM(minor)::bigint AS minor, COUNT(*) AS lines FROM (
                SELECT amount_minor AS minor FROM ledger_transfer
                 WHERE debit_id = a.id AND id > COALESCE(c.through_id, {NEVER})
                UNION ALL SELECT -amount_minor FROM ledger_transfer
                 WHERE credit_id = a.id AND id > COALESCE(c.through_id, {NEVER})) line) s
"""  # noqa: S608 - constants of this file


def balances(*keys: AccountKey, currency: str = "IDR") -> dict[AccountKey, Money]:
    """Return each account's balance on its normal side; an account never used has zero."""
    signed = dict.fromkeys(keys, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.kind, s.owner_id, s.debit_minus_credit FROM ({STANDING}) s"  # noqa: S608
            " JOIN unnest(%s::text[], %s::uuid[]) AS w(kind, owner_id)"
            " ON s.kind = w.kind AND s.owner_id IS NOT DISTINCT FROM w.owner_id"
            " WHERE s.currency = %s",
            [[k.kind for k in keys], [k.owner_id for k in keys], currency],
        )
        for kind, owner_id, debit_minus_credit in cursor.fetchall():
            key = AccountKey(kind, owner_id)
            signed[key] = _sign(kind) * int(debit_minus_credit)
    return {key: Money(minor, currency) for key, minor in signed.items()}


def balance(key: AccountKey, currency: str = "IDR") -> Money:
    """Return one account's balance on its normal side."""
    return balances(key, currency=currency)[key]


def trial_balance(currency: str = "IDR") -> dict[str, Money]:
    """Return the balance of every kind of account in use, on its normal side."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT kind, SUM(debit_minus_credit) FROM ({STANDING}) s"  # noqa: S608
            " WHERE currency = %s AND lines > 0 GROUP BY kind ORDER BY kind",
            [currency],
        )
        rows = cursor.fetchall()
    return {kind: Money(int(minor) * _sign(kind), currency) for kind, minor in rows}


def _sign(kind: str) -> int:
    return 1 if CHART[kind].normal == "debit" else -1
