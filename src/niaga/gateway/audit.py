"""What must agree between the gateway's rows and its ledger."""

from niaga.plumbing.audit import Check

_LEDGER = """
    WITH ledger AS (
        SELECT a.kind, a.owner_id, SUM(s.minor) AS minor FROM ledger_account a JOIN (
            SELECT debit_id AS account_id, amount_minor AS minor FROM ledger_transfer
            UNION ALL SELECT credit_id, -amount_minor FROM ledger_transfer
        ) s ON s.account_id = a.id GROUP BY 1, 2
    )
"""

CHECKS = (
    Check(
        "authorized rest = open hold",
        """
        SELECT a.id, a.amount_minor - a.captured_minor - a.released_minor AS rest_minor,
               h.amount_minor AS held_minor, e.outcome AS ended
          FROM gateway_authorization a
          LEFT JOIN ledger_hold h ON h.id = a.hold_id
          LEFT JOIN ledger_holdend e ON e.hold_id = h.id
         WHERE a.state = 'approved'
           AND (h.id IS NULL OR e.hold_id IS NOT NULL
                OR h.amount_minor <> a.amount_minor - a.captured_minor - a.released_minor)
        """,
    ),
    Check(
        "every open hold belongs to an authorization",
        """
        SELECT h.id, h.amount_minor FROM ledger_hold h
          LEFT JOIN ledger_holdend e ON e.hold_id = h.id
          LEFT JOIN gateway_authorization a ON a.hold_id = h.id AND a.state = 'approved'
         WHERE e.hold_id IS NULL AND a.id IS NULL
        """,
    ),
    Check(
        "captured and credited = their rows",
        """
        SELECT a.id, a.captured_minor, c.captured_minor AS captures_minor,
               a.credited_minor, c.credited_minor AS credits_minor
          FROM gateway_authorization a CROSS JOIN LATERAL (
            SELECT COALESCE(SUM(c.amount_minor), 0) AS captured_minor,
                   COALESCE(SUM((SELECT SUM(r.amount_minor) FROM gateway_credit r
                                  WHERE r.capture_id = c.id AND r.reversed_at IS NULL)), 0)
                     AS credited_minor
              FROM gateway_capture c
             WHERE c.authorization_id = a.id AND c.reversed_at IS NULL) c
         WHERE a.captured_minor <> c.captured_minor OR a.credited_minor <> c.credited_minor
        """,
    ),
    Check(
        "cardholder account = captured less credited",
        f"""{_LEDGER}
        SELECT instrument_id, COALESCE(l.minor, 0) AS ledger_minor, r.minor AS rows_minor
          FROM (SELECT instrument_id, SUM(captured_minor - credited_minor) AS minor
                  FROM gateway_authorization WHERE instrument_id IS NOT NULL GROUP BY 1) r
          LEFT JOIN ledger l ON l.kind = 'cardholder' AND l.owner_id = r.instrument_id
         WHERE COALESCE(l.minor, 0) <> r.minor
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "owed to the merchant = captured less credited, and received by code",
        f"""{_LEDGER}
        SELECT r.merchant_id, COALESCE(l.minor, 0) AS ledger_minor, r.minor AS rows_minor
          FROM (SELECT merchant_id, SUM(minor) AS minor FROM (
                  SELECT merchant_id, captured_minor - credited_minor AS minor
                    FROM gateway_authorization
                  UNION ALL SELECT merchant_id, amount_minor FROM gateway_codereceipt) x
                 GROUP BY 1) r
          LEFT JOIN (SELECT owner_id, -SUM(minor) AS minor FROM ledger
                      WHERE kind IN ('merchant_clearing', 'merchant_settlement') GROUP BY 1) l
            ON l.owner_id = r.merchant_id
         WHERE COALESCE(l.minor, 0) <> r.minor
        """,  # noqa: S608 - constants of this file
    ),
    Check(
        "a merchant's receipts are numbered without a gap",
        """
        SELECT m.address, m.received, COUNT(r.id) AS receipts, MAX(r.number) AS last
          FROM gateway_merchant m LEFT JOIN gateway_codereceipt r ON r.merchant_id = m.id
         GROUP BY m.id HAVING m.received <> COUNT(r.id) OR m.received <> COALESCE(MAX(r.number), 0)
        """,
    ),
    Check(
        "a request without an answer is reversed",
        """
        SELECT m.authorization_id, m.trace_number FROM gateway_issuermessage m
         WHERE m.kind = '0100' AND m.state = 'unanswered'
           AND NOT EXISTS (SELECT 1 FROM gateway_issuermessage r WHERE r.original_id = m.id)
        """,
    ),
)
