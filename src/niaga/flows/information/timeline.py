"""An order's timeline: the events of all four flows, as each side may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from niaga.plumbing.models import StoredEvent
from niaga.plumbing.outbox import Audience


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One fact: about what, which flow, what happened, by whom, when; `data` are its own fields."""

    event_id: UUID
    subject_id: UUID
    flow: str
    kind: str
    actor_role: str
    occurred_at: datetime
    data: dict[str, Any]


def timeline(subject_ids: Sequence[UUID], *, audience: Audience) -> tuple[TimelineEntry, ...]:
    """Return what happened to the subjects (an order and its purchase), oldest first.

    One statement. Facts that are not for `audience` are left out.
    """
    rows = StoredEvent.objects.filter(
        subject_id__in=subject_ids, audience__contains=[audience]
    ).order_by("occurred_at", "id")
    return tuple(
        TimelineEntry(
            row.id,
            row.subject_id,
            row.flow,
            row.type,
            row.actor_role,
            row.occurred_at,
            row.payload,
        )
        for row in rows
    )


def last_event_id(subject_ids: Sequence[UUID], *, audience: Audience) -> UUID | None:
    """Return the newest fact's id: the cheap question of a page that waits for news."""
    return (
        StoredEvent.objects.filter(subject_id__in=subject_ids, audience__contains=[audience])
        .order_by("-occurred_at", "-id")
        .values_list("id", flat=True)
        .first()
    )
