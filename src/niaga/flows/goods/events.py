"""What happened to goods."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.plumbing.outbox import Audience, Event, Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class StockChanged(Event):
    """Stock on hand of a SKU (`subject_id`) went up or down by receipt or correction."""

    flow: ClassVar[Flow] = "goods"
    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    seller_id: UUID
    change: int
    on_hand: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockPolicyChanged(Event):
    """A seller decided anew what happens when a SKU (`subject_id`) is sold out."""

    flow: ClassVar[Flow] = "goods"
    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    seller_id: UUID
    when_out: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRanLow(Event):
    """What is free of a SKU (`subject_id`) fell to the number at which its seller is warned."""

    flow: ClassVar[Flow] = "goods"
    audience: ClassVar[tuple[Audience, ...]] = ("seller", "operator")
    seller_id: UUID
    free: int
    alert_at: int
