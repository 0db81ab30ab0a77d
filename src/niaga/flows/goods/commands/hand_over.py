"""A parcel is handed to whoever shows its pick-up code."""

import secrets
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.goods.models import Shipment
from niaga.flows.goods.states import ShipmentState
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command

TRIES = 5


@dataclass(eq=False)
class NotToBeFetched(Refusal):
    """The parcel is not (or no longer) waiting to be fetched."""

    code: ClassVar[str] = "not_to_be_fetched"
    shipment_id: UUID


@dataclass(eq=False)
class PickupCodeNeeded(Refusal):
    """Only the buyer's code says that a parcel was fetched."""

    code: ClassVar[str] = "pickup_code_needed"


@dataclass(frozen=True, slots=True)
class ShownCode:
    """Whether the code was right, and how many tries are left (0: only the buyer can confirm)."""

    right: bool
    tries_left: int


def new_pickup_code() -> str:
    """Return six digits that nobody can guess in TRIES tries (one chance in 200,000)."""
    return f"{secrets.randbelow(1_000_000):06d}"


@command
def show_pickup_code(*, shipment_id: UUID, code: str) -> ShownCode:
    """Compare the code that a visitor shows; wrong ones are counted, and after TRIES none is right.

    Raises:
        NotToBeFetched: the parcel does not wait to be fetched.
    """
    parcel = Shipment.objects.select_for_update().get(pk=shipment_id)
    if not parcel.pickup_code or parcel.state == ShipmentState.DELIVERED:
        raise NotToBeFetched(shipment_id)
    left = TRIES - parcel.pickup_tries
    if left > 0 and secrets.compare_digest(parcel.pickup_code.encode(), code.encode()):
        return ShownCode(True, left)
    Shipment.objects.filter(pk=shipment_id, pickup_tries__lt=TRIES).update(
        pickup_tries=parcel.pickup_tries + 1
    )
    return ShownCode(False, max(left - 1, 0))
