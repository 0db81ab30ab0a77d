"""A product that many buy at once is put into buckets, and out of them when it calms down."""

from datetime import timedelta
from uuid import UUID

from django.db import connection

from niaga.flows.goods.events import StockPolicyChanged
from niaga.flows.goods.levels import lock_all
from niaga.flows.goods.models import StockLevel, StockPolicy
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import first_id, new_id
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record

BUCKETS = 16
HOT_FROM = 120  # promises a minute: buyers begin to wait for one another
COOL_BELOW = 120  # promises an hour

# Whole shares to every bucket, one more to the first of them; bucket 0 keeps what is promised.
_DEAL = """
    WITH dealt AS MATERIALIZED (
        SELECT location_id, seller_id, on_hand - reserved AS free FROM goods_stocklevel
         WHERE sku_id = %(sku)s AND bucket = 0),
    emptied AS (
        UPDATE goods_stocklevel SET on_hand = reserved WHERE sku_id = %(sku)s AND bucket = 0)
    INSERT INTO goods_stocklevel AS s
           (id, sku_id, location_id, seller_id, bucket, on_hand, reserved)
    SELECT i.id, %(sku)s, d.location_id, d.seller_id, i.bucket,
           d.free / %(n)s + (i.bucket <= d.free %% %(n)s)::int, 0
      FROM dealt d JOIN unnest(%(ids)s::uuid[], %(places)s::uuid[], %(buckets)s::int[])
           AS i(id, location_id, bucket) ON i.location_id = d.location_id
        ON CONFLICT (sku_id, location_id, bucket)
           DO UPDATE SET on_hand = s.on_hand + excluded.on_hand
"""

# Buckets with open promises keep just these, and go when the last of them has ended.
_GATHER = """
    WITH freed AS MATERIALIZED (
        SELECT location_id, sum(on_hand - reserved) AS free FROM goods_stocklevel
         WHERE sku_id = %(sku)s AND bucket > 0 GROUP BY location_id)
    UPDATE goods_stocklevel s
       SET on_hand = CASE WHEN s.bucket = 0 THEN s.on_hand + freed.free ELSE s.reserved END
      FROM freed WHERE s.sku_id = %(sku)s AND s.location_id = freed.location_id
"""


@command
def heat_stock(*, sku_id: UUID) -> bool:
    """Deal what is free of a SKU out to buckets at each location; False: it was hot before."""
    levels = lock_all([sku_id])
    cold = [level.key[1] for level in levels if not level.key[2]]
    if len(levels) == len(cold) * (BUCKETS + 1):
        return False
    places = [place for place in cold for _ in range(BUCKETS)]
    with connection.cursor() as cursor:
        cursor.execute(
            _DEAL,
            {
                "sku": sku_id,
                "n": BUCKETS,
                "ids": [new_id() for _ in places],
                "places": places,
                "buckets": [*range(1, BUCKETS + 1)] * len(cold),
            },
        )
    return True


@command
def cool_stock(*, sku_id: UUID) -> bool:
    """Gather what is free of a SKU in one bucket a location again; False: it was not hot.

    Promises stay where they were made: a bucket that has some goes once they have ended, when
    this is called again.
    """
    levels = lock_all([sku_id])
    if not any(level.key[2] for level in levels):
        return False
    with connection.cursor() as cursor:
        cursor.execute(_GATHER, {"sku": sku_id})
        cursor.execute(
            "DELETE FROM goods_stocklevel"
            " WHERE sku_id = %s AND bucket > 0 AND on_hand = 0 AND reserved = 0",
            [sku_id],
        )
    return True


@command
def keep_hot(*, actor: Actor, sku_id: UUID) -> None:
    """The operator expects a rush: deal a SKU out now, and leave it so whoever buys."""
    _pin(actor, sku_id, always_hot=True)
    heat_stock(sku_id=sku_id)


@command
def let_cool(*, actor: Actor, sku_id: UUID) -> None:
    """The rush is over: a SKU is gathered as soon as nobody hurries for it."""
    _pin(actor, sku_id, always_hot=False)


def _pin(actor: Actor, sku_id: UUID, *, always_hot: bool) -> None:
    seller_id = StockLevel.objects.filter(sku_id=sku_id).values_list("seller_id", flat=True)[0]
    policy, _made = StockPolicy.objects.update_or_create(
        sku_id=sku_id,
        defaults={"always_hot": always_hot},
        create_defaults={"always_hot": always_hot, "seller_id": seller_id},
    )
    record(
        StockPolicyChanged(subject_id=sku_id, seller_id=seller_id, when_out=policy.when_out),
        actor=actor,
    )


def skus_to_heat() -> tuple[UUID, ...]:
    """Return SKUs for which buyers begin to wait, or which are always to be hot, and are not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.sku_id FROM ("
            "  SELECT sku_id FROM goods_reservation WHERE id > %s"
            "   GROUP BY sku_id HAVING count(*) >= %s"
            "  UNION SELECT sku_id FROM goods_stockpolicy WHERE always_hot) w"
            " WHERE EXISTS (SELECT FROM goods_stocklevel s WHERE s.sku_id = w.sku_id"
            "                GROUP BY s.location_id HAVING count(*) <= %s)"
            " ORDER BY w.sku_id",
            [first_id(clock.now() - timedelta(minutes=1)), HOT_FROM, BUCKETS],
        )
        return tuple(row[0] for row in cursor.fetchall())


def skus_to_cool() -> tuple[UUID, ...]:
    """Return hot SKUs that nobody hurries for any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT sku_id FROM goods_stocklevel WHERE bucket > 0"
            " EXCEPT SELECT sku_id FROM goods_stockpolicy WHERE always_hot"
            " EXCEPT SELECT sku_id FROM goods_reservation WHERE id > %s"
            "         GROUP BY sku_id HAVING count(*) >= %s",
            [first_id(clock.now() - timedelta(hours=1)), COOL_BELOW],
        )
        return tuple(row[0] for row in cursor.fetchall())
