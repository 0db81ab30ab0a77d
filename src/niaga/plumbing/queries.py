"""What the operator asks of the machinery: events, dead deliveries, the last audit."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from niaga.plumbing.audit import Violation
from niaga.plumbing.events import AUDIT
from niaga.plumbing.models import Delivery, StoredEvent

EVENTS_SHOWN = 40


@dataclass(frozen=True, slots=True)
class EventView:
    """An event as it is stored."""

    event_id: UUID
    kind: str
    flow: str
    subject_id: UUID
    actor_role: str
    occurred_at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events, newest first; `older_than` is where the next page begins, None at the end."""

    rows: tuple[EventView, ...]
    older_than: UUID | None


@dataclass(frozen=True, slots=True)
class DeadDelivery:
    """A reaction that failed too often, and how."""

    delivery_id: int
    event_id: UUID
    kind: str
    subject_id: UUID
    reaction: str
    tries: int
    error: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What the last audit found; `violations` may be more than the `found` ones kept."""

    ran_at: datetime
    checks: int
    violations: int
    found: tuple[Violation, ...]


def events_page(
    *,
    flow: str = "",
    kind: str = "",
    subject_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = EVENTS_SHOWN,
) -> EventPage:
    """Return the newest events before `before` (an event's id); one statement."""
    rows = StoredEvent.objects.order_by("-id")
    if flow:
        rows = rows.filter(flow=flow)
    if kind:
        rows = rows.filter(type=kind)
    if subject_id:
        rows = rows.filter(subject_id=subject_id)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    more = len(found) > limit
    return EventPage(
        tuple(
            EventView(
                row.id,
                row.type,
                row.flow,
                row.subject_id,
                row.actor_role,
                row.occurred_at,
                row.payload,
            )
            for row in found[:limit]
        ),
        found[limit - 1].id if more else None,
    )


def dead_deliveries(limit: int = 50) -> tuple[DeadDelivery, ...]:
    """Return the reactions that wait for the operator, newest first; one statement."""
    rows = (
        Delivery.objects.filter(state=Delivery.State.DEAD)
        .select_related("event")
        .order_by("-id")[:limit]
    )
    return tuple(
        DeadDelivery(
            delivery_id=row.pk,
            event_id=row.event_id,
            kind=row.event.type,
            subject_id=row.event.subject_id,
            reaction=row.reaction,
            tries=row.tries,
            error=row.error,
            occurred_at=row.event.occurred_at,
        )
        for row in rows
    )


def count_dead_deliveries() -> int:
    """Return how many deliveries are dead."""
    return Delivery.objects.filter(state=Delivery.State.DEAD).count()


def last_audit() -> AuditResult | None:
    """Return what the operator's last audit found, or None when there was none."""
    row = StoredEvent.objects.filter(subject_id=AUDIT).order_by("-occurred_at", "-id").first()
    if row is None:
        return None
    return AuditResult(
        ran_at=row.occurred_at,
        checks=row.payload["checks"],
        violations=row.payload["violations"],
        found=tuple(Violation(**json.loads(text)) for text in row.payload["found"]),
    )
