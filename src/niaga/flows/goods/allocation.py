"""Which location's stock serves which order line: the rule alone, without a database."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

type LevelKey = tuple[UUID, UUID, int]
"""A stock level: SKU, location, bucket."""


@dataclass(frozen=True, slots=True)
class StockWish:
    """`quantity` of a SKU for the order line `cause_id`."""

    cause_id: UUID
    sku_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class FreeLevel:
    """What can be promised of a stock level. Lower `rank` ships first.

    `one_parcel`: its seller would rather ship from a location further down than split.
    """

    key: LevelKey
    seller_id: UUID
    quantity: int
    rank: tuple[int, ...]
    one_parcel: bool = True


@dataclass(frozen=True, slots=True)
class Pick:
    """`quantity` of a stock level for the order line `cause_id`."""

    cause_id: UUID
    key: LevelKey
    quantity: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """A wish of which `missing` units are nowhere; `available` were."""

    wish: StockWish
    available: int
    missing: int


def allocate(
    wishes: Sequence[StockWish], free: Iterable[FreeLevel]
) -> tuple[list[Pick], list[Shortage]]:
    """Choose stock for the wishes, and say what is missing.

    Locations go by rank. A seller who prefers one parcel ships from the first location that has
    all of the order, else from the first that has the whole line; only then is a line split.
    Buckets of a location count together, so a wish may spill over several.
    """
    shelves: dict[UUID, list[FreeLevel]] = defaultdict(list)
    for level in sorted(free, key=lambda f: (f.rank, f.key[1], f.key[2])):
        shelves[level.key[0]].append(level)
    left = {level.key: max(level.quantity, 0) for found in shelves.values() for level in found}
    picks: list[Pick] = []
    shortages: list[Shortage] = []
    parcels = _whole_parcels(wishes, shelves, left)
    for wish in wishes:
        levels = shelves.get(wish.sku_id, [])
        available = sum(left[level.key] for level in levels)
        wanted = wish.quantity
        for level in _in_turn(levels, wish, left, parcels):
            if take := min(wanted, left[level.key]):
                left[level.key] -= take
                wanted -= take
                picks.append(Pick(wish.cause_id, level.key, take))
        if wanted:
            shortages.append(Shortage(wish, available, wanted))
    return picks, shortages


def _whole_parcels(
    wishes: Sequence[StockWish], shelves: dict[UUID, list[FreeLevel]], left: dict[LevelKey, int]
) -> dict[UUID, UUID]:
    """Return for each seller the first location that has everything wished for from it."""
    wanted: dict[UUID, dict[UUID, int]] = defaultdict(lambda: defaultdict(int))
    ranked: dict[UUID, dict[UUID, tuple[int, ...]]] = defaultdict(dict)
    for wish in wishes:
        for level in shelves.get(wish.sku_id, []):
            ranked[level.seller_id][level.key[1]] = level.rank
        if levels := shelves.get(wish.sku_id):
            wanted[levels[0].seller_id][wish.sku_id] += wish.quantity
    held: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for (sku_id, location_id, _), quantity in left.items():
        held[sku_id, location_id] += quantity
    found: dict[UUID, UUID] = {}
    for seller_id, places in ranked.items():
        for place in sorted(places, key=lambda place: (places[place], place)):
            if all(held[sku, place] >= n for sku, n in wanted[seller_id].items()):
                found[seller_id] = place
                break
    return found


def _in_turn(
    levels: list[FreeLevel],
    wish: StockWish,
    left: dict[LevelKey, int],
    parcels: dict[UUID, UUID],
) -> list[FreeLevel]:
    """Return the levels in the order in which they serve the wish."""
    if not levels or not levels[0].one_parcel:
        return levels
    held: dict[UUID, int] = defaultdict(int)
    for level in levels:
        held[level.key[1]] += left[level.key]
    whole = [place for place, units in held.items() if units >= wish.quantity]
    best = parcels.get(levels[0].seller_id)
    place = best if best in whole else next(iter(whole), None)
    return [level for level in levels if place is None or level.key[1] == place]
