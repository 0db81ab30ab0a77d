"""What must agree between the flow of money and the ledger."""

from niaga.flows.money.models.escrow import NET_SQL
from niaga.plumbing.audit import Check

# Balance per (kind, owner) on the credit side.
_BALANCES = """
    WITH balance AS (
        SELECT a.kind, a.owner_id, SUM(s.minor) AS minor FROM ledger_account a JOIN (
            SELECT credit_id AS account_id, amount_minor AS minor FROM ledger_transfer
            UNION ALL SELECT debit_id, -amount_minor FROM ledger_transfer
        ) s ON s.account_id = a.id GROUP BY a.kind, a.owner_id
    )
"""


def _agrees(name: str, kind: str, rows: str) -> Check:
    """Return a check that account `kind` equals the sum of `rows` (owner_id, minor)."""
    return Check(
        name,
        f"""{_BALANCES}
        SELECT '{kind} ' || COALESCE(owner_id::text, ''),
               COALESCE(b.minor, 0) AS ledger_minor, COALESCE(r.minor, 0) AS rows_minor
          FROM (SELECT * FROM balance WHERE kind = '{kind}') b
          FULL JOIN (SELECT owner_id, SUM(minor) AS minor FROM ({rows}) x GROUP BY 1) r
            USING (owner_id)
         WHERE COALESCE(b.minor, 0) <> COALESCE(r.minor, 0)
        """,  # noqa: S608 - constants of this file
    )


def _total_agrees(name: str, kind: str, total: str) -> Check:
    """Return a check that the ownerless account `kind` equals the sum `total`."""
    return Check(
        name,
        f"""{_BALANCES}
        SELECT '{kind}', ledger_minor, rows_minor FROM (
            SELECT COALESCE((SELECT minor FROM balance WHERE kind = '{kind}'), 0) AS ledger_minor,
                   ({total}) AS rows_minor
        ) x WHERE ledger_minor <> rows_minor
        """,  # noqa: S608 - constants of this file
    )


CHECKS = (
    Check(
        "ledger balances",
        """
        SELECT 'all accounts', SUM(debit) AS debit_minor, SUM(credit) AS credit_minor FROM (
            SELECT amount_minor AS debit, 0 AS credit FROM ledger_transfer t
              JOIN ledger_account a ON a.id = t.debit_id AND a.currency = t.currency
            UNION ALL
            SELECT 0, amount_minor FROM ledger_transfer t
              JOIN ledger_account a ON a.id = t.credit_id AND a.currency = t.currency
        ) x HAVING SUM(debit) <> SUM(credit)
        """,
    ),
    Check(
        "carried balances = the lines behind them",
        """
        SELECT 'account ' || c.account_id, c.balance_minor, SUM(l.minor) AS lines_minor
          FROM (SELECT DISTINCT ON (account_id) * FROM ledger_carriedbalance
                 ORDER BY account_id, through_id DESC) c
          LEFT JOIN (
            SELECT debit_id AS account_id, id, amount_minor AS minor FROM ledger_transfer
            UNION ALL SELECT credit_id, id, -amount_minor FROM ledger_transfer
          ) l ON l.account_id = c.account_id AND l.id <= c.through_id
         GROUP BY c.account_id, c.balance_minor, c.lines
        HAVING c.balance_minor <> COALESCE(SUM(l.minor), 0) OR c.lines <> COUNT(l.id)
        """,
    ),
    _agrees(
        "escrow account = escrow held",
        "escrow",
        "SELECT seller_id AS owner_id, gross_minor - refunded_minor AS minor FROM money_escrow"
        " WHERE state = 'held'",
    ),
    _agrees(
        "owed to sellers = released and not paid out - debts",
        "seller_payable",
        f"SELECT seller_id AS owner_id, {NET_SQL} AS minor"  # noqa: S608 - a constant
        " FROM money_escrow WHERE state = 'releasable'"
        " UNION ALL SELECT seller_id, -amount_minor FROM money_sellerdebt WHERE payout_id IS NULL"
        " UNION ALL SELECT seller_id, amount_minor FROM money_payout"
        " WHERE state = 'returned' AND repaid_by_id IS NULL",
    ),
    _agrees(
        "income tax withheld = that of released escrow",
        "income_tax_withheld",
        "SELECT seller_id AS owner_id, withheld_minor AS minor FROM money_escrow",
    ),
    _total_agrees(
        "owed to buyers = refunds due",
        "refund_payable",
        "SELECT COALESCE(SUM(amount_minor), 0) FROM money_refund WHERE state = 'due'",
    ),
    _total_agrees(
        "payouts in transit = payouts in bank files",
        "payout_in_transit",
        "SELECT COALESCE(SUM(amount_minor), 0) FROM money_payout WHERE state = 'prepared'",
    ),
    _total_agrees(
        "unmatched receipts = receipts nobody claimed",
        "unmatched_receipts",
        "SELECT COALESCE(SUM(amount_minor), 0) FROM money_bankreceipt WHERE state = 'unmatched'",
    ),
    Check(
        "confirmed payment = its captures",
        """
        SELECT 'payment ' || p.id, p.amount_minor, COALESCE(SUM(c.amount_minor), 0) AS captured
          FROM money_payment p LEFT JOIN money_capture c ON c.payment_id = p.id
         WHERE p.state = 'confirmed' AND p.method IN ('bank_transfer', 'qris', 'virtual_account')
         GROUP BY p.id HAVING p.amount_minor <> COALESCE(SUM(c.amount_minor), 0)
        """,
    ),
    _total_agrees(
        "owed by the gateway = captured - credited - settled",
        "gateway_receivable",
        """SELECT - (SELECT COALESCE(SUM(amount_minor), 0) FROM money_bankreceipt
                      WHERE code_id IS NOT NULL AND reconciliation_id IS NULL)
                  + COALESCE(SUM(CASE kind WHEN 'capture' THEN -moved_minor
                                          WHEN 'credit' THEN moved_minor ELSE 0 END), 0)
             FROM money_gatewayoperation WHERE state = 'done' AND reconciliation_id IS NULL
                AND (kind = 'capture' OR NOT EXISTS (
                    SELECT 1 FROM money_refund r WHERE r.id = money_gatewayoperation.about_id
                       AND r.state = 'due'))""",
    ),
    Check(
        "a settled difference = its ledger entry",
        """
        SELECT 'difference ' || d.id, d.settled_minor, COALESCE(SUM(
                 CASE WHEN b.kind = d.account THEN -t.amount_minor
                      WHEN c.kind = d.account THEN t.amount_minor ELSE 0 END), 0) AS ledger_minor
          FROM money_reconciliationdifference d
          LEFT JOIN ledger_journalentry e ON e.kind = 'difference_settled' AND e.cause_id = d.id
          LEFT JOIN ledger_transfer t ON t.entry_id = e.id
          LEFT JOIN ledger_account b ON b.id = t.debit_id
          LEFT JOIN ledger_account c ON c.id = t.credit_id
         WHERE d.state = 'settled' GROUP BY d.id HAVING d.settled_minor <> COALESCE(SUM(
                 CASE WHEN b.kind = d.account THEN -t.amount_minor
                      WHEN c.kind = d.account THEN t.amount_minor ELSE 0 END), 0)
        """,
    ),
    Check(
        "authorization = its captures and releases",
        """
        SELECT 'authorization ' || a.xid, a.captured_minor, a.released_minor,
               COALESCE(SUM(o.amount_minor) FILTER (WHERE o.kind = 'capture'), 0) AS captures,
               COALESCE(SUM(o.amount_minor) FILTER (WHERE o.kind = 'reversal'), 0) AS reversals
          FROM money_authorization a
          LEFT JOIN money_gatewayoperation o ON o.authorization_id = a.id AND o.state = 'done'
         WHERE a.state = 'approved' GROUP BY a.id
        HAVING a.captured_minor <> COALESCE(SUM(o.amount_minor)
                                            FILTER (WHERE o.kind = 'capture'), 0)
            OR a.released_minor <> COALESCE(SUM(o.amount_minor)
                                            FILTER (WHERE o.kind = 'reversal'), 0)
        """,
    ),
    Check(
        "payment follows its authorization",
        """
        SELECT 'payment ' || p.id, p.state, a.state AS authorization_state
          FROM money_payment p LEFT JOIN money_authorization a
            ON a.payment_id = p.id AND a.state IN ('requested', 'approved')
         WHERE (p.state = 'authorizing') <> (COALESCE(a.state, '') = 'requested')
            OR (p.state IN ('authorized', 'voided') AND COALESCE(a.state, '') <> 'approved')
            OR (a.state = 'approved' AND p.state NOT IN ('authorized', 'confirmed', 'voided'))
        """,
    ),
    Check(
        "commission earned = of released escrow - given back",
        f"""{_BALANCES}
        SELECT 'commission', ledger_minor, rows_minor FROM (
            SELECT COALESCE((SELECT minor FROM balance WHERE kind = 'commission'), 0)
                     AS ledger_minor,
                   (SELECT COALESCE(SUM(commission_minor - refunded_commission_minor
                                        - commission_tax_minor), 0)
                      FROM money_escrow WHERE released_at IS NOT NULL) AS rows_minor
        ) x WHERE ledger_minor <> rows_minor
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "PPN on commissions = that of released escrow",
        f"""{_BALANCES}
        SELECT 'commission_tax', ledger_minor, rows_minor FROM (
            SELECT COALESCE((SELECT minor FROM balance WHERE kind = 'commission_tax'), 0)
                     AS ledger_minor,
                   (SELECT COALESCE(SUM(commission_tax_minor), 0) FROM money_escrow) AS rows_minor
        ) x WHERE ledger_minor <> rows_minor
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "refund = its parts",
        """
        SELECT 'refund ' || r.id, r.amount_minor, COALESCE(SUM(p.paid_minor), 0) AS parts_minor
          FROM money_refund r LEFT JOIN money_refundpart p ON p.refund_id = r.id
         GROUP BY r.id HAVING r.amount_minor <> COALESCE(SUM(p.paid_minor), 0)
        """,
    ),
    Check(
        "refund of a card = its credits",
        """
        SELECT 'refund ' || r.id, r.amount_minor, COALESCE(SUM(o.amount_minor), 0) AS credits
          FROM money_refund r
          JOIN money_authorization a ON a.payment_id = r.payment_id AND a.state = 'approved'
          LEFT JOIN money_gatewayoperation o ON o.about_id = r.id AND o.kind = 'credit'
         GROUP BY r.id HAVING r.amount_minor <> COALESCE(SUM(o.amount_minor), 0)
        """,
    ),
    Check(
        "money held back has a reason",
        """
        SELECT 'escrow ' || e.id, e.frozen_at, COUNT(h.id) AS open_holds
          FROM money_escrow e LEFT JOIN money_escrowhold h
            ON h.escrow_id = e.id AND h.ended_at IS NULL
         WHERE e.state = 'held'
         GROUP BY e.id HAVING (e.frozen_at IS NOT NULL) <> (COUNT(h.id) > 0)
        """,
    ),
    Check(
        "no more refunded than captured",
        """
        SELECT 'order ' || r.cause_id, SUM(r.amount_minor) AS refunded,
               (SELECT COALESCE(SUM(amount_minor), 0) FROM money_capture c
                 WHERE c.cause_id = r.cause_id) AS captured
          FROM money_refund r GROUP BY r.cause_id
        HAVING SUM(r.amount_minor) > (SELECT COALESCE(SUM(amount_minor), 0)
                                        FROM money_capture c WHERE c.cause_id = r.cause_id)
        """,
    ),
)
