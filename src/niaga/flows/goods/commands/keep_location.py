"""A seller keeps places where stock lies."""

from dataclasses import asdict, dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.goods.commands.change_stock import LocationUnknown
from niaga.flows.goods.models import Location
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command


@dataclass(eq=False)
class LocationNameTaken(Refusal):
    """The seller has another location of that name."""

    code: ClassVar[str] = "location_name_taken"
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """A location's name, where it is, and when it ships: lower `priority` first."""

    name: str
    city: str
    province: str
    postal_code: str
    priority: int


@command
def keep_location(*, seller_id: UUID, place: Place, location_id: UUID | None = None) -> UUID:
    """Write a location, or rewrite the seller's `location_id`; return its id.

    Raises:
        LocationNameTaken: another one has that name.
        LocationUnknown: `location_id` is not the seller's.
    """
    mine = Location.objects.select_for_update().filter(seller_id=seller_id)
    if any(row.name == place.name and row.pk != location_id for row in mine):
        raise LocationNameTaken(place.name)
    if location_id is None:
        return Location.objects.create(id=new_id(), seller_id=seller_id, **asdict(place)).id
    if not mine.filter(pk=location_id).update(**asdict(place)):
        raise LocationUnknown(location_id)
    return location_id
