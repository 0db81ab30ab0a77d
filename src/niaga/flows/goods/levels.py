"""Stock levels are locked, read and changed: the SQL under every command that moves stock.

One order of locking for everyone: bucket 0 of every product by SKU and location, then the other
buckets by SKU, location and bucket. Nothing of a row that decides its place ever changes, so
whoever waits for a level holds only earlier ones, and nobody waits in a circle. Bucket 0 is always
there: whoever holds it keeps a product from being put into buckets, or out of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from niaga.flows.goods.allocation import FreeLevel, LevelKey, StockWish
from niaga.flows.goods.islands import same_island
from niaga.plumbing.command import is_begun_anew
from niaga.plumbing.writes import Write, as_json, later, prepared_cursor

_ORDER = "ORDER BY s.bucket > 0, s.sku_id, s.location_id, s.bucket FOR UPDATE OF s"

_LEVEL = """
    SELECT s.sku_id, s.location_id, s.bucket, s.seller_id, s.on_hand, s.reserved,
           CASE WHEN r."order" = 'nearest'
                THEN (lower(l.province) <> %(province)s::text)::int
                     + (lower(l.province) <> ALL(%(island)s::text[]))::int
                ELSE 0 END AS distance,
           l.priority, coalesce(r.one_parcel, true) AS one_parcel
      FROM goods_stocklevel s
      JOIN goods_location l ON l.id = s.location_id
      LEFT JOIN goods_sourcingrule r ON r.seller_id = s.seller_id"""

# The last hot product is not waited for: any of its buckets that is free and full enough will do.
# It is grabbed when all else is held, and nothing is waited for afterwards.
_RESERVABLE = f"""
    WITH last_hot AS MATERIALIZED (
        SELECT sku_id FROM goods_stocklevel WHERE sku_id = ANY(%(skus)s::uuid[]) AND bucket > 0
         ORDER BY sku_id DESC LIMIT 1),
    waited AS (
        {_LEVEL} WHERE s.sku_id = ANY(%(skus)s::uuid[])
           AND s.sku_id IS DISTINCT FROM (SELECT sku_id FROM last_hot)
         {_ORDER}),
    grabbed AS (
        {_LEVEL} WHERE s.sku_id = (SELECT sku_id FROM last_hot)
           AND s.on_hand - s.reserved >= (
               SELECT sum(n) FROM unnest(%(skus)s::uuid[], %(units)s::bigint[]) AS w(sku_id, n)
                WHERE w.sku_id = s.sku_id)
         ORDER BY distance, l.priority, random() LIMIT 1 FOR UPDATE OF s SKIP LOCKED)
    SELECT * FROM waited UNION ALL SELECT * FROM grabbed
"""  # noqa: S608 - put together from the constants above

_FIRST = f"{_LEVEL} WHERE s.sku_id = ANY(%(skus)s::uuid[]) AND s.bucket = 0 {_ORDER}"
_OTHERS = f"{_LEVEL} WHERE s.sku_id = ANY(%(skus)s::uuid[]) AND s.bucket > 0 {_ORDER}"

_FREE = """
    SELECT sku_id, sum(on_hand - reserved) FROM goods_stocklevel
     WHERE sku_id = ANY(%s::uuid[]) GROUP BY sku_id
"""


@dataclass(frozen=True, slots=True)
class LockedLevel:
    """A level that the running command holds; lower `rank` ships first."""

    key: LevelKey
    seller_id: UUID
    on_hand: int
    reserved: int
    rank: tuple[int, ...]
    one_parcel: bool

    @property
    def free(self) -> FreeLevel:
        """What can be promised of it."""
        left = self.on_hand - self.reserved
        return FreeLevel(self.key, self.seller_id, left, self.rank, self.one_parcel)


def lock_reservable(wishes: Sequence[StockWish], province: str) -> list[FreeLevel]:
    """Lock and return levels that may serve the wishes: one statement, and no waiting in buckets.

    What is missing in them may lie elsewhere: in buckets that others held in this moment. Ask
    `is_all` before saying "sold out". A command that is begun anew waits for every level.
    """
    units: dict[UUID, int] = defaultdict(int)
    for wish in wishes:
        units[wish.sku_id] += wish.quantity
    if is_begun_anew():
        return [level.free for level in lock_all(units, province)]
    given = _near(province)
    given |= {"skus": sorted(units), "units": [units[sku] for sku in sorted(units)]}
    with prepared_cursor() as cursor:
        cursor.execute(_RESERVABLE, given)
        return [_locked(row).free for row in cursor.fetchall()]


def is_all(levels: Iterable[FreeLevel], sku_ids: Iterable[UUID]) -> bool:
    """Say whether nothing of the SKUs is free beyond these levels; one statement."""
    skus = sorted(set(sku_ids))
    held: dict[UUID, int] = defaultdict(int)
    for level in levels:
        held[level.key[0]] += level.quantity
    with prepared_cursor() as cursor:
        cursor.execute(_FREE, [skus])
        free: dict[UUID, int] = dict(cursor.fetchall())
    return all(held[sku] == free.get(sku, 0) for sku in skus)


def lock_all(sku_ids: Iterable[UUID], province: str = "") -> list[LockedLevel]:
    """Lock and return every level of the SKUs; two statements.

    The second is asked when bucket 0 is held, and so sees every bucket there is.
    """
    given: dict[str, Any] = {"skus": sorted(set(sku_ids))} | _near(province)
    with connection.cursor() as cursor:
        found: list[LockedLevel] = []
        for statement in (_FIRST, _OTHERS):
            cursor.execute(statement, given)
            found += map(_locked, cursor.fetchall())
    return found


def _near(province: str) -> dict[str, Any]:
    return {"province": province.casefold(), "island": list(same_island(province))}


def _locked(row: Sequence[Any]) -> LockedLevel:
    sku_id, location_id, bucket, seller_id, on_hand, reserved, distance, priority, one_parcel = row
    return LockedLevel(
        (sku_id, location_id, bucket),
        seller_id,
        on_hand,
        reserved,
        (distance, priority),
        one_parcel,
    )


def lock_levels(keys: Iterable[LevelKey]) -> None:
    """Lock stock levels in the common order before they are changed together."""
    ordered = sorted(set(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM goods_stocklevel s"  # noqa: S608 - put together from a constant
            " JOIN unnest(%(skus)s::uuid[], %(places)s::uuid[], %(buckets)s::int[])"
            "   AS w(sku_id, location_id, bucket)"
            " ON s.sku_id = w.sku_id AND s.location_id = w.location_id AND s.bucket = w.bucket "
            + _ORDER,
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
