"""What must agree inside the flow of goods."""

from niaga.plumbing.audit import Check

CHECKS = (
    Check(
        "stock = what the movements add up to",
        """
        SELECT 'SKU ' || k.sku_id || ' at ' || p.name, COALESCE(l.on_hand, 0) AS on_hand,
               COALESCE(m.moved, 0) AS moved
          FROM (SELECT sku_id, location_id, SUM(on_hand) AS on_hand
                  FROM goods_stocklevel GROUP BY 1, 2) l
          FULL JOIN (SELECT sku_id, location_id, SUM(quantity) AS moved
                       FROM goods_stockmovement GROUP BY 1, 2) m
            ON m.sku_id = l.sku_id AND m.location_id = l.location_id
         CROSS JOIN LATERAL (SELECT COALESCE(l.sku_id, m.sku_id) AS sku_id,
                                    COALESCE(l.location_id, m.location_id) AS location_id) k
          JOIN goods_location p ON p.id = k.location_id
         WHERE COALESCE(l.on_hand, 0) <> COALESCE(m.moved, 0)
        """,
    ),
    Check(
        "reserved = open reservations",
        """
        SELECT 'SKU ' || k.sku_id || ' at ' || p.name || ', bucket ' || k.bucket,
               COALESCE(l.reserved, 0) AS reserved, COALESCE(r.promised, 0) AS promised
          FROM goods_stocklevel l
          FULL JOIN (SELECT sku_id, location_id, bucket, SUM(quantity) AS promised
                       FROM goods_reservation WHERE state = 'open' GROUP BY 1, 2, 3) r
            ON r.sku_id = l.sku_id AND r.location_id = l.location_id AND r.bucket = l.bucket
         CROSS JOIN LATERAL (SELECT COALESCE(l.sku_id, r.sku_id) AS sku_id,
                                    COALESCE(l.location_id, r.location_id) AS location_id,
                                    COALESCE(l.bucket, r.bucket) AS bucket) k
          JOIN goods_location p ON p.id = k.location_id
         WHERE COALESCE(l.reserved, 0) <> COALESCE(r.promised, 0)
        """,
    ),
    Check(
        "what left for another location is on its way or arrived",
        """
        SELECT 'transfer ' || t.id, t.quantity, t.state, COALESCE(SUM(-m.quantity)
               FILTER (WHERE m.kind = 'sent'), 0) AS sent,
               COALESCE(SUM(m.quantity) FILTER (WHERE m.kind = 'arrived'), 0) AS arrived
          FROM goods_stocktransfer t
          LEFT JOIN goods_stockmovement m ON m.cause_id = t.id
         GROUP BY t.id
        HAVING t.quantity <> COALESCE(SUM(-m.quantity) FILTER (WHERE m.kind = 'sent'), 0)
            OR COALESCE(SUM(m.quantity) FILTER (WHERE m.kind = 'arrived'), 0)
               <> CASE t.state WHEN 'arrived' THEN t.quantity ELSE 0 END
        """,
    ),
    Check(
        "waiting = the queue for stock to come",
        """
        SELECT 'SKU ' || COALESCE(p.sku_id, b.sku_id), COALESCE(p.waiting, 0) AS waiting,
               COALESCE(b.units, 0) AS queue
          FROM goods_stockpolicy p
          FULL JOIN (SELECT sku_id, SUM(quantity) AS units FROM goods_backorder
                      WHERE state = 'waiting' GROUP BY 1) b ON b.sku_id = p.sku_id
         WHERE COALESCE(p.waiting, 0) <> COALESCE(b.units, 0)
        """,
    ),
    Check(
        "slot places = live bookings",
        """
        SELECT 'slot ' || s.id, s.booked, COALESCE(SUM(b.quantity), 0) AS bookings
          FROM goods_slot s
          LEFT JOIN goods_booking b ON b.slot_id = s.id AND b.state <> 'cancelled'
         GROUP BY s.id HAVING s.booked <> COALESCE(SUM(b.quantity), 0)
        """,
    ),
    Check(
        "free licence keys = what the pool says",
        """
        SELECT 'pool of SKU ' || p.sku_id, p.free, COUNT(k.id) AS free_keys
          FROM goods_keypool p
          LEFT JOIN goods_licencekey k ON k.pool_id = p.sku_id AND k.state = 'free'
         GROUP BY p.sku_id HAVING p.free <> COUNT(k.id)
        """,
    ),
    Check(
        "what a parcel holds left the stock",
        """
        SELECT 'shipment ' || s.id, s.parcel, COALESCE(-SUM(m.quantity), 0) AS left_stock
          FROM (SELECT h.id, SUM(l.quantity) AS parcel FROM goods_shipment h
                  JOIN goods_shipmentline l ON l.shipment_id = h.id GROUP BY h.id) s
          LEFT JOIN goods_stockmovement m ON m.cause_id = s.id AND m.kind = 'shipped'
         GROUP BY s.id, s.parcel HAVING s.parcel <> COALESCE(-SUM(m.quantity), 0)
        """,
    ),
)
