"""What happened after the sale."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.plumbing.outbox import Audience, Event, Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewWritten(Event):
    """The buyer of an order (`subject_id`) reviewed one of its lines."""

    flow: ClassVar[Flow] = "information"
    line_id: UUID
    product_id: UUID
    stars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintOpened(Event):
    """The buyer of an order (`subject_id`) complained about one of its lines."""

    flow: ClassVar[Flow] = "information"
    audience: ClassVar[tuple[Audience, ...]] = ("buyer", "seller", "operator")
    complaint_id: UUID
    line_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAnswered(Event):
    """Somebody wrote in a complaint; `role` says which side."""

    flow: ClassVar[Flow] = "information"
    complaint_id: UUID
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintEscalated(Event):
    """The buyer or the seller asked the operator to decide."""

    flow: ClassVar[Flow] = "information"
    complaint_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintResolved(Event):
    """The complaint was settled; the order's money moves on."""

    flow: ClassVar[Flow] = "information"
    complaint_id: UUID
