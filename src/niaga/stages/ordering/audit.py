"""What must agree between the four flows of every order.

Where documents are compared, an order is left out while an event of it is still to be delivered
or a draft of its documents waits to be judged. A draft that was refused leaves nothing out: its
document is missing, and the audit says so.
"""

from niaga.plumbing.audit import UNDER_WAY, Check

# What is still to be told is read once (NOT IN), not for each order: where the server does not know
# yet how large the tables are, it may choose to join them anew for each.
CHECKS = (
    Check(
        "purchase = its orders = its payment",
        """
        SELECT 'purchase ' || p.reference, p.total_minor,
               COALESCE(SUM(o.total_minor), 0) AS orders_minor, m.amount_minor AS payment_minor
          FROM ordering_purchase p
          JOIN money_payment m ON m.id = p.payment_id
          LEFT JOIN ordering_order o ON o.purchase_id = p.id
         GROUP BY p.id, m.id
        HAVING p.total_minor <> COALESCE(SUM(o.total_minor), 0)
            OR p.total_minor <> m.amount_minor
        """,
    ),
    Check(
        "order = its lines",
        """
        SELECT 'order ' || o.reference, o.items_minor - o.discount_minor AS order_minor,
               COALESCE(SUM(l.total_minor), 0) AS lines_minor
          FROM ordering_order o LEFT JOIN ordering_orderline l ON l.order_id = o.id
         GROUP BY o.id
        HAVING o.items_minor - o.discount_minor <> COALESCE(SUM(l.total_minor), 0)
        """,
    ),
    Check(
        "captured - refunded = invoiced - credited",
        f"""
        SELECT 'order ' || reference, captured, refunded, invoiced, credited FROM (
            SELECT o.reference,
              (SELECT COALESCE(SUM(amount_minor), 0) FROM money_capture
                WHERE cause_id = o.id) AS captured,
              (SELECT COALESCE(SUM(amount_minor), 0) FROM money_refund
                WHERE cause_id = o.id) AS refunded,
              (SELECT COALESCE(SUM(total_minor), 0) FROM documents_document
                WHERE cause_id = o.id AND kind = 'invoice') AS invoiced,
              (SELECT COALESCE(SUM(total_minor), 0) FROM documents_document
                WHERE cause_id = o.id AND kind = 'credit_note') AS credited
              FROM ordering_order o
             WHERE o.id NOT IN ({UNDER_WAY}
                UNION ALL SELECT cause_id FROM documents_draft WHERE rule = '')
        ) x WHERE captured - refunded <> invoiced - credited
        """,  # noqa: S608 - a constant of ours
    ),
    Check(
        "commission invoiced - credited = earned",
        f"""
        SELECT 'order ' || o.reference, e.earned, d.invoiced, d.credited
          FROM (SELECT cause_id, SUM(commission_minor - refunded_commission_minor) AS earned
                  FROM money_escrow WHERE released_at IS NOT NULL GROUP BY cause_id) e
          JOIN ordering_order o ON o.id = e.cause_id
          LEFT JOIN (SELECT cause_id,
                       COALESCE(SUM(total_minor) FILTER (WHERE kind = 'commission_invoice'), 0)
                         AS invoiced,
                       COALESCE(SUM(total_minor) FILTER (WHERE kind = 'commission_credit'), 0)
                         AS credited
                       FROM documents_document GROUP BY cause_id) d ON d.cause_id = o.id
         WHERE e.earned <> COALESCE(d.invoiced - d.credited, 0)
           AND o.id NOT IN ({UNDER_WAY})
        """,  # noqa: S608 - a constant of ours
    ),
    Check(
        "every parcel has a delivery note",
        f"""
        SELECT 'order ' || o.reference, s.id AS shipment
          FROM goods_shipment s JOIN ordering_order o ON o.id = s.cause_id
         WHERE NOT EXISTS (SELECT 1 FROM documents_document d
                            WHERE d.kind = 'delivery_note' AND d.about_id = s.id)
           AND o.id NOT IN ({UNDER_WAY}
                UNION ALL SELECT cause_id FROM documents_draft WHERE rule = '')
        """,  # noqa: S608 - a constant of ours
    ),
    Check(
        "line shipped = in parcels",
        """
        SELECT 'order ' || o.reference || ' line ' || l.position, l.shipped_quantity,
               COALESCE(SUM(s.quantity), 0) AS in_parcels
          FROM ordering_orderline l JOIN ordering_order o ON o.id = l.order_id
          LEFT JOIN goods_shipmentline s ON s.cause_id = l.id
         WHERE l.kind = 'goods' GROUP BY l.id, o.id
        HAVING l.shipped_quantity <> COALESCE(SUM(s.quantity), 0)
        """,
    ),
    Check(
        "line to ship = promised stock + stock to come",
        """
        SELECT 'order ' || o.reference || ' line ' || l.position,
               CASE WHEN o.state = 'cancelled' THEN 0
                    ELSE l.quantity - l.shipped_quantity END AS to_ship,
               COALESCE(SUM(r.quantity), 0) AS promised
          FROM ordering_orderline l JOIN ordering_order o ON o.id = l.order_id
          LEFT JOIN (SELECT cause_id, quantity FROM goods_reservation WHERE state = 'open'
                     UNION ALL
                     SELECT cause_id, quantity FROM goods_backorder WHERE state = 'waiting') r
            ON r.cause_id = l.id
         WHERE l.kind = 'goods' GROUP BY l.id, o.id
        HAVING COALESCE(SUM(r.quantity), 0) <>
               CASE WHEN o.state = 'cancelled' THEN 0 ELSE l.quantity - l.shipped_quantity END
        """,
    ),
    Check(
        "escrow = order total + market's voucher share",
        """
        SELECT 'order ' || o.reference, o.total_minor + o.subsidy_minor AS order_minor,
               SUM(e.gross_minor) AS escrow_minor, o.commission_minor,
               SUM(e.commission_minor) AS escrow_commission_minor
          FROM money_escrow e JOIN ordering_order o ON o.id = e.cause_id
          JOIN ordering_purchase p ON p.id = o.purchase_id
          JOIN money_payment m ON m.id = p.payment_id
         WHERE m.method <> 'card' OR o.state = 'completed'
         GROUP BY o.id
        HAVING SUM(e.gross_minor) <> o.total_minor + o.subsidy_minor
            OR SUM(e.commission_minor) <> o.commission_minor
        """,
    ),
    Check(
        "escrow of a line = its total + market's voucher share",
        """
        SELECT 'order ' || o.reference || ' line ' || l.position,
               l.total_minor + l.subsidy_minor AS line_minor, e.gross_minor,
               l.commission_minor, e.commission_minor AS escrow_commission_minor
          FROM money_escrow e JOIN ordering_orderline l ON l.id = e.about_id
          JOIN ordering_order o ON o.id = l.order_id
          JOIN ordering_purchase p ON p.id = o.purchase_id
          JOIN money_payment m ON m.id = p.payment_id
         WHERE (e.gross_minor <> l.total_minor + l.subsidy_minor
                OR e.commission_minor <> l.commission_minor)
           AND (m.method <> 'card' OR e.state IN ('releasable', 'paid_out'))
        """,
    ),
    Check(
        "order's shares = its lines' shares",
        """
        SELECT 'order ' || o.reference, o.subsidy_minor, SUM(l.subsidy_minor) AS lines_subsidy,
               o.commission_minor, SUM(l.commission_minor) AS lines_commission
          FROM ordering_order o JOIN ordering_orderline l ON l.order_id = o.id
         GROUP BY o.id
        HAVING o.subsidy_minor <> SUM(l.subsidy_minor)
            OR o.commission_minor <> SUM(l.commission_minor)
        """,
    ),
    Check(
        "escrow of a card's order = its captured charges",
        """
        SELECT 'order ' || o.reference, e.gross_minor, e.commission_minor,
               COALESCE(SUM(c.total_minor + c.subsidy_minor), 0) AS charged_minor,
               COALESCE(SUM(c.commission_minor), 0) AS commission_charged_minor
          FROM (SELECT cause_id, SUM(gross_minor) AS gross_minor,
                       SUM(commission_minor) AS commission_minor
                  FROM money_escrow GROUP BY cause_id) e
          JOIN ordering_order o ON o.id = e.cause_id
          JOIN ordering_purchase p ON p.id = o.purchase_id
          JOIN money_authorization a ON a.payment_id = p.payment_id AND a.state = 'approved'
          LEFT JOIN ordering_charge c ON c.order_id = o.id
           AND EXISTS (SELECT 1 FROM money_gatewayoperation g
                        WHERE g.about_id = c.id AND g.state = 'done')
         GROUP BY o.id, e.gross_minor, e.commission_minor
        HAVING e.gross_minor <> COALESCE(SUM(c.total_minor + c.subsidy_minor), 0)
            OR e.commission_minor <> COALESCE(SUM(c.commission_minor), 0)
        """,
    ),
    Check(
        "line charged = in charges",
        """
        SELECT 'order ' || o.reference || ' line ' || l.position, l.charged_quantity,
               COALESCE(SUM(c.quantity), 0) AS in_charges
          FROM ordering_orderline l JOIN ordering_order o ON o.id = l.order_id
          LEFT JOIN ordering_chargeline c ON c.line_id = l.id
         GROUP BY l.id, o.id HAVING l.charged_quantity <> COALESCE(SUM(c.quantity), 0)
        """,
    ),
    Check(
        "order charged whole = its charges",
        """
        SELECT 'order ' || o.reference, o.total_minor, SUM(c.total_minor) AS charged_minor
          FROM ordering_order o JOIN ordering_charge c ON c.order_id = o.id
         WHERE NOT EXISTS (SELECT 1 FROM ordering_orderline l
                            WHERE l.order_id = o.id AND l.charged_quantity < l.quantity)
         GROUP BY o.id
        HAVING o.total_minor <> SUM(c.total_minor) OR o.tax_minor <> SUM(c.tax_minor)
            OR o.subsidy_minor <> SUM(c.subsidy_minor)
            OR o.commission_minor <> SUM(c.commission_minor)
        """,
    ),
    Check(
        "money follows the order's state",
        """
        SELECT DISTINCT 'order ' || o.reference, o.state, COALESCE(e.state, 'none') AS escrow
          FROM ordering_order o
          JOIN ordering_purchase p ON p.id = o.purchase_id
          JOIN money_payment m ON m.id = p.payment_id
          LEFT JOIN money_escrow e ON e.cause_id = o.id
         WHERE (o.state = 'placed' AND e.id IS NOT NULL)
            OR (o.state = 'completed' AND COALESCE(e.state, 'held') = 'held')
            OR (o.state = 'cancelled' AND COALESCE(e.state, 'refunded') <> 'refunded')
            OR (m.method <> 'cash_on_delivery' AND e.id IS NULL
                AND o.state NOT IN ('placed', 'cancelled'))
        """,
    ),
)
