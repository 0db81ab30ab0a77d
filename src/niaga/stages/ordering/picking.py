"""What is to be taken from a seller's shelves for its open orders, location by location."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from niaga.flows.documents.rendering.pick_list import PickedLine, PickPage, render_picks
from niaga.flows.goods.models import Reservation
from niaga.flows.goods.states import ReservationState
from niaga.kernel import clock
from niaga.stages.ordering.models import OrderLine
from niaga.stages.ordering.queries import options_text
from niaga.stages.ordering.seller_queries import TO_SHIP

MOST_LINES = 2000


@dataclass(frozen=True, slots=True)
class PickLine:
    """So many units of a SKU, and for which orders (reference, units)."""

    sku: str
    name: str
    options: str
    gtin: str
    picture: str
    units: int
    orders: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PickList:
    """What one location gives, by SKU; `orders` counts the orders it is for."""

    location_id: UUID
    location: str
    lines: tuple[PickLine, ...]
    orders: int
    units: int


def pick_lists(seller_id: UUID, *, language: str) -> tuple[PickList, ...]:
    """Return what the seller's open orders are promised, by location; two statements.

    The MOST_LINES order lines that wait longest; what they still wait for is not on any shelf.
    """
    rows = (
        OrderLine.objects.filter(order__seller_id=seller_id, order__state__in=TO_SHIP, kind="goods")
        .select_related("order", "variant")
        .order_by("order__confirmed_at", "order_id", "position")[:MOST_LINES]
    )
    lines = {row.id: row for row in rows}
    promised = (
        Reservation.objects.filter(cause_id__in=lines, state=ReservationState.OPEN)
        .select_related("location")
        .order_by("location__priority", "location__name", "location_id", "id")
    )
    shelves: dict[UUID, list[Reservation]] = defaultdict(list)
    for promise in promised:
        shelves[promise.location_id].append(promise)
    return tuple(_list(promises, lines, language) for promises in shelves.values())


def _list(promises: list[Reservation], lines: dict[UUID, OrderLine], language: str) -> PickList:
    by_sku: dict[UUID, list[Reservation]] = defaultdict(list)
    for promise in promises:
        by_sku[promise.sku_id].append(promise)
    picks = [
        _line(found, [lines[p.cause_id] for p in found], language) for found in by_sku.values()
    ]
    return PickList(
        location_id=promises[0].location_id,
        location=promises[0].location.name,
        lines=tuple(sorted(picks, key=lambda pick: pick.sku)),
        orders=len({lines[p.cause_id].order_id for p in promises}),
        units=sum(p.quantity for p in promises),
    )


def _line(promises: list[Reservation], rows: list[OrderLine], language: str) -> PickLine:
    row = rows[0]
    orders: dict[str, int] = defaultdict(int)
    for promise, line in zip(promises, rows, strict=True):
        orders[line.order.reference] += promise.quantity
    return PickLine(
        sku=row.sku,
        name=row.title_en if language == "en" else row.title_id,
        options=options_text(row.options),
        gtin=row.variant.gtin,
        picture=row.picture,
        units=sum(p.quantity for p in promises),
        orders=tuple(orders.items()),
    )


def picks_pdf(seller_id: UUID, location_id: UUID, *, language: str) -> bytes | None:
    """Return a location's pick list as a PDF, or None where nothing is to be picked there."""
    lists = pick_lists(seller_id, language=language)
    found = next((one for one in lists if one.location_id == location_id), None)
    if found is None:
        return None
    page = PickPage(
        location=found.location,
        orders=found.orders,
        units=found.units,
        lines=tuple(
            PickedLine(
                line.sku, line.name, line.options, line.gtin, line.units,
                tuple(f"{reference} × {units}" for reference, units in line.orders),
            )
            for line in found.lines
        ),
    )  # fmt: skip
    return render_picks(page, language=language, printed_at=clock.now())
