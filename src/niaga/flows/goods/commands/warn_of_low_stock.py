"""Sellers are warned when a SKU runs low: once, until it is above the mark again."""

from django.db import connection

from niaga.flows.goods.events import StockRanLow
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record

# One statement settles every SKU: of two workers, the second finds nothing left to flip.
_FLIP = """
    WITH now AS (
        SELECT p.sku_id, COALESCE(SUM(l.on_hand - l.reserved), 0) AS free
          FROM goods_stockpolicy p LEFT JOIN goods_stocklevel l ON l.sku_id = p.sku_id
         WHERE p.alert_at IS NOT NULL OR p.low GROUP BY p.sku_id),
    crossed AS (
        SELECT p.sku_id FROM goods_stockpolicy p JOIN now ON now.sku_id = p.sku_id
         WHERE p.low <> COALESCE(now.free <= p.alert_at, false)
         ORDER BY p.sku_id FOR UPDATE OF p)
    UPDATE goods_stockpolicy p SET low = NOT p.low FROM crossed JOIN now USING (sku_id)
     WHERE p.sku_id = crossed.sku_id
    RETURNING p.sku_id, p.seller_id, now.free, p.alert_at, p.low
"""


@command
def warn_of_low_stock() -> int:
    """Note which SKUs crossed their mark, and say so of those that fell; return how many fell."""
    with connection.cursor() as cursor:
        cursor.execute(_FLIP)
        fell = [row for row in cursor.fetchall() if row[4]]
    for sku_id, seller_id, free, alert_at, _ in fell:
        record(
            StockRanLow(subject_id=sku_id, seller_id=seller_id, free=free, alert_at=alert_at),
            actor=Actor.system(),
        )
    return len(fell)
