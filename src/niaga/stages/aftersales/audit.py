"""What must agree where goods go back."""

from niaga.plumbing.audit import UNDER_WAY, Check

CHECKS = (
    Check(
        "every return has its slip",
        f"""
        SELECT 'order ' || o.reference, r.id AS return
          FROM aftersales_return r
          JOIN ordering_orderline l ON l.id = r.line_id
          JOIN ordering_order o ON o.id = l.order_id
         WHERE NOT EXISTS (SELECT 1 FROM documents_document d
                            WHERE d.kind = 'return_slip' AND d.about_id = r.id)
           AND o.id NOT IN ({UNDER_WAY})
        """,  # noqa: S608 - a constant of ours
    ),
    Check(
        "what came back is in the stock again, where it is said to be",
        """
        SELECT 'return ' || r.id, CASE WHEN r.location_id IS NULL THEN 0 ELSE r.quantity END,
               COALESCE(SUM(m.quantity), 0) AS moved
          FROM aftersales_return r
          LEFT JOIN goods_stockmovement m ON m.cause_id = r.id
         GROUP BY r.id
        HAVING COALESCE(SUM(m.quantity), 0)
               <> CASE WHEN r.location_id IS NULL THEN 0 ELSE r.quantity END
        """,
    ),
    Check(
        "no more units come back than were sent",
        """
        SELECT 'line ' || l.id, l.shipped_quantity, SUM(r.quantity) AS back
          FROM aftersales_return r JOIN ordering_orderline l ON l.id = r.line_id
         WHERE r.state <> 'called_off'
         GROUP BY l.id HAVING SUM(r.quantity) > l.shipped_quantity
        """,
    ),
)
