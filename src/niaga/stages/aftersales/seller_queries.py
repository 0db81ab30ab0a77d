"""A seller's desk in figures: what waits, and how far a new shop has come."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """How many of each a seller has, and whether the shop has its words and pictures."""

    to_ship: int
    unpaid: int
    complaints: int
    products: int
    published: int
    locations: int
    stocked: int
    deliveries: int
    described: bool
    dressed: bool

    @property
    def ready(self) -> bool:
        """Whether nothing is left of the getting-started list."""
        return bool(
            self.published
            and self.locations
            and self.deliveries
            and self.described
            and self.dressed
        )


def desk_figures(seller_id: UUID) -> DeskFigures:
    """Return the figures; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT"
            " (SELECT count(*) FROM ordering_order WHERE seller_id = %(s)s"
            "   AND state IN ('confirmed', 'partly_shipped')),"
            " (SELECT count(*) FROM ordering_order WHERE seller_id = %(s)s AND state = 'placed'),"
            " (SELECT count(*) FROM aftersales_complaint WHERE seller_id = %(s)s"
            "   AND state = 'open'),"
            " (SELECT count(*) FROM information_product WHERE seller_id = %(s)s),"
            " (SELECT count(*) FROM information_product WHERE seller_id = %(s)s"
            "   AND state = 'published'),"
            " (SELECT count(*) FROM goods_location WHERE seller_id = %(s)s),"
            " (SELECT count(*) FROM goods_stocklevel WHERE seller_id = %(s)s AND on_hand > 0),"
            " (SELECT count(*) FROM goods_deliveryservice WHERE seller_id = %(s)s AND active),"
            " story_id <> '' AND tagline_id <> '', logo <> ''"
            " FROM parties_company WHERE id = %(s)s",
            {"s": seller_id},
        )
        row = cursor.fetchone()
    assert row is not None
    return DeskFigures(*row)
