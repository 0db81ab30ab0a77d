"""Stock levels are locked, read and changed: the SQL under every command that moves stock.

One order of locking for everyone: products in one bucket first, then those in several ("hot"),
each by SKU, location and bucket. Whoever waits for a level holds only earlier ones, so that
nobody waits in a circle.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from niaga.flows.goods.allocation import FreeLevel, LevelKey, StockWish
from niaga.flows.goods.islands import same_island
from niaga.plumbing.writes import Write, as_json, later, prepared_cursor

_HEAT = """(SELECT sku_id, max(bucket) > 0 AS hot FROM goods_stocklevel
             WHERE sku_id = ANY(%(skus)s::uuid[]) GROUP BY sku_id)"""

_LEVEL = """
    SELECT s.sku_id, s.location_id, s.bucket, s.seller_id, s.on_hand - s.reserved AS free,
           CASE WHEN r."order" = 'nearest'
                THEN (lower(l.province) <> %(province)s::text)::int
                     + (lower(l.province) <> ALL(%(island)s::text[]))::int
                ELSE 0 END AS distance,
           l.priority, coalesce(r.one_parcel, true) AS one_parcel
      FROM goods_stocklevel s
      JOIN goods_location l ON l.id = s.location_id
      LEFT JOIN goods_sourcingrule r ON r.seller_id = s.seller_id"""

# The last hot product is not waited for: any of its buckets that is free and full enough will do.
_RESERVABLE = f"""
    WITH heat AS MATERIALIZED {_HEAT},
    last_hot AS MATERIALIZED (SELECT sku_id FROM heat WHERE hot ORDER BY sku_id DESC LIMIT 1),
    waited AS (
        {_LEVEL} JOIN heat ON heat.sku_id = s.sku_id
         WHERE s.sku_id = ANY(%(skus)s::uuid[])
           AND s.sku_id IS DISTINCT FROM (SELECT sku_id FROM last_hot)
         ORDER BY heat.hot, s.sku_id, s.location_id, s.bucket FOR UPDATE OF s),
    grabbed AS (
        {_LEVEL} WHERE s.sku_id = (SELECT sku_id FROM last_hot)
           AND s.on_hand - s.reserved >= (
               SELECT sum(n) FROM unnest(%(skus)s::uuid[], %(units)s::bigint[]) AS w(sku_id, n)
                WHERE w.sku_id = s.sku_id)
         ORDER BY distance, l.priority, random() LIMIT 1 FOR UPDATE OF s SKIP LOCKED)
    SELECT *, NULL::uuid, NULL::bigint FROM waited
    UNION ALL SELECT *, NULL, NULL FROM grabbed
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, h.sku_id,
           (SELECT sum(on_hand - reserved) FROM goods_stocklevel b WHERE b.sku_id = h.sku_id)
      FROM last_hot h
"""  # noqa: S608 - put together from the constants above

_WAITED = f"""
    {_LEVEL} JOIN {_HEAT} heat ON heat.sku_id = s.sku_id
     ORDER BY heat.hot, s.sku_id, s.location_id, s.bucket FOR UPDATE OF s
"""


def lock_reservable(wishes: Sequence[StockWish], province: str) -> list[FreeLevel]:
    """Lock and return the levels that may serve the wishes: one statement, rarely two.

    Of a product in buckets it takes one bucket that nobody holds, and waits for all of them only
    when none suffices although there is stock: so "sold out" is said of the sum alone.
    """
    units: dict[UUID, int] = defaultdict(int)
    for wish in wishes:
        units[wish.sku_id] += wish.quantity
    near: dict[str, Any] = {"province": province.casefold(), "island": list(same_island(province))}
    with prepared_cursor() as cursor:
        cursor.execute(
            _RESERVABLE,
            {"skus": sorted(units), "units": [units[sku] for sku in sorted(units)], **near},
        )
        *found, last = cursor.fetchall() or [(None,) * 10]
        hot_id, stock = last[8:]
        if hot_id is None:
            found = [*found, last] if last[0] else found
        elif stock > 0 and not any(row[0] == hot_id for row in found):
            cursor.execute(_WAITED, {"skus": [hot_id], **near})
            found += cursor.fetchall()
    return [_free(row) for row in found]


def lock_all(sku_ids: Iterable[UUID]) -> list[FreeLevel]:
    """Lock and return every level of the SKUs, by their locations' priority."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITED, {"skus": sorted(set(sku_ids)), "province": "", "island": []})
        return [_free(row) for row in cursor.fetchall()]


def _free(row: Sequence[Any]) -> FreeLevel:
    sku_id, location_id, bucket, seller_id, free, distance, priority, one_parcel = row[:8]
    return FreeLevel(
        (sku_id, location_id, bucket), seller_id, free, (distance, priority), one_parcel
    )


def lock_levels(keys: Iterable[LevelKey]) -> None:
    """Lock stock levels in the common order before they are changed together."""
    ordered = sorted(set(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM goods_stocklevel s JOIN {_HEAT} heat ON heat.sku_id = s.sku_id"  # noqa: S608
            " JOIN unnest(%(skus)s::uuid[], %(places)s::uuid[], %(buckets)s::int[])"
            "   AS w(sku_id, location_id, bucket)"
            " ON s.sku_id = w.sku_id AND s.location_id = w.location_id AND s.bucket = w.bucket"
            " ORDER BY heat.hot, s.sku_id, s.location_id, s.bucket FOR UPDATE OF s",
            {
                "skus": [key[0] for key in ordered],
                "places": [key[1] for key in ordered],
                "buckets": [key[2] for key in ordered],
            },
        )


def change_reserved(changes: Mapping[LevelKey, int], *, shipped: bool = False) -> None:
    """Add to `reserved` of each level, and to `on_hand` too where goods leave."""
    if not changes:
        return
    rows = [
        {"sku_id": sku_id, "location_id": location_id, "bucket": bucket, "change": change}
        for (sku_id, location_id, bucket), change in sorted(changes.items())
    ]
    later(
        Write(
            _CHANGE,
            [shipped, as_json(rows)],
            changes="goods_stocklevel",
            rows=len(rows),
        )
    )


_CHANGE = """
    UPDATE goods_stocklevel AS s
       SET reserved = s.reserved + c.change,
           on_hand = s.on_hand + CASE WHEN %s THEN c.change ELSE 0 END
      FROM json_to_recordset(%s::json)
           AS c(sku_id uuid, location_id uuid, bucket int, change int)
     WHERE s.sku_id = c.sku_id AND s.location_id = c.location_id AND s.bucket = c.bucket
"""
