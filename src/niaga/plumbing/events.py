"""What the operator did to the machinery."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.plumbing.outbox import Audience, Event

# The audit and the relay are one each in a market: their events hang on these subjects.
AUDIT = UUID("0d9d3c1e-5f0e-7a11-8000-6175646974aa")
RELAY = UUID("0d9d3c1e-5f0e-7a11-8000-72656c6179aa")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinished(Event):
    """The whole audit ran; `found` are the first violations, each as JSON text."""

    audience: ClassVar[tuple[Audience, ...]] = ("operator",)
    checks: int
    violations: int
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesRetried(Event):
    """The operator made dead deliveries due again."""

    audience: ClassVar[tuple[Audience, ...]] = ("operator",)
    deliveries: int
