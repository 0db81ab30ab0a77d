"""What the operator asks of products that many buy at once."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection

from niaga.kernel import clock
from niaga.kernel.ids import first_id

MOST = 50
WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RushRow:
    """A SKU that lies in buckets, or that was ordered in the last hour.

    `orders` counts its promises in that hour; `hot`: it lies in buckets; `kept`: somebody decided
    that it stays there.
    """

    sku_id: UUID
    product: str
    options: str
    seller: str
    free: int
    orders: int
    hot: bool
    kept: bool


_RUSH = """
    WITH asked AS (
        SELECT sku_id, count(*) AS orders FROM goods_reservation WHERE id > %(since)s
         GROUP BY sku_id ORDER BY orders DESC, sku_id LIMIT %(most)s),
    wanted AS (
        SELECT sku_id FROM asked
         UNION SELECT sku_id FROM goods_stocklevel WHERE bucket > 0
         UNION SELECT sku_id FROM goods_stockpolicy WHERE always_hot
         UNION SELECT sku_id FROM goods_stocklevel WHERE sku_id = %(named)s::uuid),
    held AS (
        SELECT sku_id, sum(on_hand - reserved) AS free, bool_or(bucket > 0) AS hot
          FROM goods_stocklevel WHERE sku_id IN (SELECT sku_id FROM wanted) GROUP BY sku_id)
    SELECT v.id, CASE WHEN %(language)s = 'en' AND p.name_en <> '' THEN p.name_en
                      ELSE p.name_id END,
           (SELECT coalesce(string_agg(o.value, ', '), '') FROM jsonb_each_text(v.options) o),
           c.name, h.free, coalesce(a.orders, 0), h.hot, coalesce(w.always_hot, false)
      FROM held h JOIN information_variant v ON v.id = h.sku_id
      JOIN information_product p ON p.id = v.product_id
      JOIN parties_company c ON c.id = p.seller_id
      LEFT JOIN asked a ON a.sku_id = h.sku_id
      LEFT JOIN goods_stockpolicy w ON w.sku_id = h.sku_id
     WHERE %(named)s::uuid IS NULL OR h.sku_id = %(named)s::uuid
     ORDER BY coalesce(a.orders, 0) DESC, h.hot DESC, v.id LIMIT %(most)s
"""


def rush(language: str) -> tuple[RushRow, ...]:
    """Return what many buy now and what lies in buckets, the busiest first; one statement."""
    return _rush(language, None)


def rush_row(sku_id: UUID, language: str) -> RushRow | None:
    """Return one stocked SKU, or None where there is none; one statement."""
    return next(iter(_rush(language, sku_id)), None)


def _rush(language: str, named: UUID | None) -> tuple[RushRow, ...]:
    given: dict[str, str | int | UUID | None] = {
        "since": first_id(clock.now() - WINDOW),
        "most": MOST,
        "language": language,
        "named": named,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RUSH, given)
        return tuple(RushRow(*row) for row in cursor.fetchall())
