"""Balances are carried forward, so that an old account is as quickly read as a new one."""

from datetime import timedelta

from django.db import connection

from niaga.kernel import clock
from niaga.kernel.ids import first_id
from niaga.plumbing.command import command

# Lines get their keys before they are committed: what is younger may still get company.
SETTLED_AFTER = timedelta(days=1)

_CARRY = """
    WITH since AS (
        SELECT COALESCE(
            (SELECT through_id FROM ledger_carriedbalance ORDER BY through_id DESC LIMIT 1),
            '00000000-0000-0000-0000-000000000000') AS id
    ), moved AS (
        SELECT account_id, SUM(minor) AS minor, COUNT(*) AS lines FROM (
            SELECT debit_id AS account_id, amount_minor AS minor FROM ledger_transfer, since
             WHERE ledger_transfer.id > since.id AND ledger_transfer.id <= %(through)s
            UNION ALL SELECT credit_id, -amount_minor FROM ledger_transfer, since
             WHERE ledger_transfer.id > since.id AND ledger_transfer.id <= %(through)s
        ) line GROUP BY account_id
    )
    INSERT INTO ledger_carriedbalance (id, account_id, through_id, balance_minor, lines)
    SELECT gen_random_uuid(), m.account_id, %(through)s,
           m.minor + COALESCE(before.balance_minor, 0), m.lines + COALESCE(before.lines, 0)
      FROM moved m LEFT JOIN LATERAL (
            SELECT balance_minor, lines FROM ledger_carriedbalance c
             WHERE c.account_id = m.account_id ORDER BY through_id DESC LIMIT 1) before ON TRUE
"""


@command
def carry_balances_forward() -> int:
    """Carry every account's balance forward to a day ago; return how many accounts had moved."""
    through = first_id(clock.now() - SETTLED_AFTER)
    with connection.cursor() as cursor:
        # Two at once would both add the same lines.
        cursor.execute("LOCK TABLE ledger_carriedbalance IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(_CARRY, {"through": through})
        return int(cursor.rowcount)
