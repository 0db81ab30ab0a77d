"""The log of goods for the world outside: every movement, with its order and its GTIN."""

import json
from collections.abc import Iterator
from datetime import date
from typing import IO

from django.db import connection, transaction

from niaga.flows.goods.epcis import MovedUnits, document_head, events_of
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.plumbing.days import midnight

_MOVES = """
    SELECT m.id, m.sku_id, COALESCE(v.gtin, ''), m.location_id, m.kind, m.quantity, m.why,
           m.cause_id, COALESCE(o.reference, ''), m.moved_at
      FROM goods_stockmovement m
      JOIN goods_location l ON l.id = m.location_id
      JOIN parties_company c ON c.id = l.seller_id
      LEFT JOIN information_variant v ON v.id = m.sku_id
      LEFT JOIN goods_shipment h ON h.id = m.cause_id
      LEFT JOIN ordering_order o ON o.id = h.cause_id
     WHERE (%(order)s = '' OR o.reference = %(order)s)
       AND (%(seller)s = '' OR c.slug = %(seller)s)
       AND (%(since)s::timestamptz IS NULL OR m.moved_at >= %(since)s)
     ORDER BY m.moved_at, m.id
"""
_AT_ONCE = 2000


def moves(*, order: str = "", seller: str = "", since: date | None = None) -> Iterator[MovedUnits]:
    """Return movements, oldest first: of an order (reference), a seller (slug), from a day on.

    They are fetched two thousand at a time; the whole log fits no memory.
    """
    began = midnight(since) if since else None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"DECLARE moves_{(name := new_id().hex)} NO SCROLL CURSOR FOR {_MOVES}",
            {"order": order, "seller": seller, "since": began},
        )
        while True:
            cursor.execute(f"FETCH {_AT_ONCE} FROM moves_{name}")
            rows = cursor.fetchall()
            for row in rows:
                yield MovedUnits(*row)
            if len(rows) < _AT_ONCE:
                return


def write_epcis(
    file: IO[str], *, order: str = "", seller: str = "", since: date | None = None
) -> int:
    """Write an EPCIS 2.0 document in JSON-LD, an event a line; return how many events."""
    head = json.dumps(document_head(clock.now()), indent=1)
    file.write(head.removesuffix("\n}") + ',\n "epcisBody": {"eventList": [')
    count = 0
    for event in events_of(moves(order=order, seller=seller, since=since)):
        file.write(",\n" if count else "\n")
        file.write(json.dumps(event))
        count += 1
    file.write("\n]}}\n")
    return count
