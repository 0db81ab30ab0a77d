"""What happened after the sale."""

from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAgreed(Event):
    """Units of an order (`subject_id`) go back to the seller."""

    flow: ClassVar[Flow] = "goods"
    return_id: UUID
    complaint_id: UUID
    line_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnReceived(Event):
    """They came back; `restocked` says whether they are on sale again."""

    flow: ClassVar[Flow] = "goods"
    return_id: UUID
    complaint_id: UUID
    quantity: int
    restocked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCalledOff(Event):
    """The buyer keeps them: the complaint was settled without."""

    flow: ClassVar[Flow] = "goods"
    return_id: UUID
    complaint_id: UUID
    quantity: int


SELLER_AND_OPERATOR: tuple[Audience, ...] = ("seller", "operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class EscrowHoldPlaced(Event):
    """A part of an order's money (`subject_id`) is held back; the hold says why and until when."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = SELLER_AND_OPERATOR
    hold_id: UUID
    reason: str
    deadline_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EscrowHoldAppealed(Event):
    """The seller objected to a hold."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = SELLER_AND_OPERATOR
    hold_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EscrowHoldKept(Event):
    """The operator turned an appeal down."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = SELLER_AND_OPERATOR
    hold_id: UUID
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscrowHoldLifted(Event):
    """A hold ended; the money follows its schedule again."""

    flow: ClassVar[Flow] = "money"
    audience: ClassVar[tuple[Audience, ...]] = SELLER_AND_OPERATOR
    hold_id: UUID
