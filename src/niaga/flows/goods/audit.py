"""What must agree inside the flow of goods."""

from niaga.plumbing.audit import Check

CHECKS = (
    Check(
        "stock = received - shipped + returned + adjusted",
        """
        SELECT 'SKU ' || l.sku_id || ' at ' || p.name, l.on_hand,
               COALESCE(SUM(m.quantity), 0) AS moved
          FROM goods_stocklevel l
          JOIN goods_location p ON p.id = l.location_id
          LEFT JOIN goods_stockmovement m
            ON m.sku_id = l.sku_id AND m.location_id = l.location_id
         GROUP BY l.id, p.name HAVING l.on_hand <> COALESCE(SUM(m.quantity), 0)
        """,
    ),
    Check(
        "reserved = open reservations",
        """
        SELECT 'SKU ' || l.sku_id || ' at ' || p.name, l.reserved,
               COALESCE(SUM(r.quantity), 0) AS open_reservations
          FROM goods_stocklevel l
          JOIN goods_location p ON p.id = l.location_id
          LEFT JOIN goods_reservation r
            ON r.sku_id = l.sku_id AND r.location_id = l.location_id AND r.state = 'open'
         GROUP BY l.id, p.name HAVING l.reserved <> COALESCE(SUM(r.quantity), 0)
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
