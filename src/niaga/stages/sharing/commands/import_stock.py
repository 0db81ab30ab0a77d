"""A seller sets the stock of many SKUs from a table: all rows, or none."""

from dataclasses import dataclass
from uuid import UUID

from niaga.flows.goods.commands.change_stock import adjust_stock
from niaga.flows.goods.levels import LockedLevel, lock_all
from niaga.flows.goods.models import Location
from niaga.flows.goods.states import MovementReason
from niaga.flows.information.models import Product, Variant
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.tables import Fault, TableRow, read_table, refuse_faults, whole_number

MOST_UNITS = 1_000_000


@dataclass(frozen=True, slots=True)
class ImportedStock:
    """How many rows the table had, and how many of them changed something."""

    rows: int
    changed: int


@dataclass(frozen=True, slots=True)
class _Wish:
    line: int
    sku_id: UUID
    location_id: UUID
    on_hand: int
    note: str


@command
def import_stock(*, actor: Actor, seller_id: UUID, content: bytes) -> ImportedStock:
    """Set what there is of the seller's SKUs, as a table says; each difference is a movement.

    Columns: `sku`, `on_hand`; `location` (its name) where the seller has several; `note`.

    Raises:
        TableUnreadable: it is no such table.
        RowsRefused: a row breaks a rule; nothing was changed. Rules: `unknown_sku`,
            `unknown_location`, `not_a_whole_number`, `twice`, `below_reserved`.
    """
    rows = read_table(content, needed=("sku", "on_hand"), known=("location", "note"))
    skus = {row.cells["sku"] for row in rows}
    mine = Variant.objects.filter(
        seller_id=seller_id, sku__in=skus, product__kind=Product.Kind.GOODS
    )
    known = dict(mine.values_list("sku", "id"))
    places = {
        name.casefold(): place_id
        for name, place_id in Location.objects.filter(seller_id=seller_id).values_list("name", "id")
    }
    faults: list[Fault] = []
    wishes: dict[tuple[UUID, UUID], _Wish] = {}
    for row in rows:
        wish = _read(row, known, places, faults)
        if wish and (wish.sku_id, wish.location_id) in wishes:
            faults.append(Fault(row.line, "sku", "twice", row.cells["sku"]))
        elif wish:
            wishes[wish.sku_id, wish.location_id] = wish
    levels = lock_all(wish.sku_id for wish in wishes.values())
    changed = _changed(list(wishes.values()), levels, faults)
    refuse_faults(faults)
    for wish in changed:
        adjust_stock(
            actor=actor,
            seller_id=seller_id,
            sku_id=wish.sku_id,
            location_id=wish.location_id,
            on_hand=wish.on_hand,
            why=MovementReason.COUNT,
            reason=wish.note,
        )
    return ImportedStock(len(rows), len(changed))


def _read(
    row: TableRow, known: dict[str, UUID], places: dict[str, UUID], faults: list[Fault]
) -> _Wish | None:
    cells, before = row.cells, len(faults)
    sku_id = known.get(cells["sku"])
    place = cells["location"].casefold()
    only = next(iter(places.values())) if len(places) == 1 else None
    location_id = places.get(place) if place else only
    on_hand = whole_number(cells["on_hand"], most=MOST_UNITS)
    if sku_id is None:
        faults.append(Fault(row.line, "sku", "unknown_sku", cells["sku"][:80]))
    if location_id is None:
        faults.append(Fault(row.line, "location", "unknown_location", cells["location"][:80]))
    if on_hand is None:
        faults.append(Fault(row.line, "on_hand", "not_a_whole_number", cells["on_hand"][:80]))
    if len(faults) > before or sku_id is None or location_id is None or on_hand is None:
        return None
    return _Wish(row.line, sku_id, location_id, on_hand, cells["note"][:200])


def _changed(wishes: list[_Wish], levels: list[LockedLevel], faults: list[Fault]) -> list[_Wish]:
    """Return what differs from the locked levels; note what would break a promise."""
    held: dict[tuple[UUID, UUID], int] = {}
    reserved: dict[tuple[UUID, UUID], int] = {}
    for level in levels:
        key = level.key[:2]
        held[key] = held.get(key, 0) + level.on_hand
        reserved[key] = reserved.get(key, 0) + level.reserved
    for wish in wishes:
        promised = reserved.get((wish.sku_id, wish.location_id), 0)
        if wish.on_hand < promised:
            faults.append(Fault(wish.line, "on_hand", "below_reserved", str(promised)))
    different = [w for w in wishes if w.on_hand != held.get((w.sku_id, w.location_id), 0)]
    return sorted(different, key=lambda wish: (wish.sku_id, wish.location_id))
