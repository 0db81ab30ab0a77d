"""What happened to money outside of a single order."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.plumbing.outbox import Audience, Event, Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutPrepared(Event):
    """An order's money (`subject_id`) went into the outgoing bank file."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    payout_id: UUID
    seller_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutPaid(Event):
    """The bank paid an order's money (`subject_id`) to its seller."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    payout_id: UUID
    seller_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutReturned(Event):
    """The bank sent an order's money (`subject_id`) back: its seller is owed it again."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    payout_id: UUID
    seller_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceSettled(Event):
    """An operator booked a difference (`subject_id`) between the books; above zero: there is more.

    `kind` and `reference` name what differed, `account` the other side of the booking.
    """

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = ("operator",)
    kind: str
    reference: str
    account: str
    amount_minor: int
    currency: str
    reason: str
