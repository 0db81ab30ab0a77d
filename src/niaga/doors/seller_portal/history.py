"""What happened to an order, in rows that the timeline shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from niaga.doors.seller_portal.words import ROLES
from niaga.flows.information.timeline import TimelineEntry

_ICONS = {"goods": "package", "information": "info", "money": "banknote", "documents": "file-text"}


@dataclass(frozen=True, slots=True)
class Row:
    """One fact as the timeline's macro takes it."""

    flow: str
    icon: str
    text: str
    detail: str
    who: str
    at: datetime
    href: str = ""
    link: str = ""


def rows(entries: Sequence[TimelineEntry]) -> tuple[Row, ...]:
    """Return the entries as rows, in their order."""
    return tuple(
        Row(
            flow=entry.flow,
            icon=_ICONS[entry.flow],
            text=entry.kind,
            detail="",
            who=str(ROLES.get(entry.actor_role, entry.actor_role)),
            at=entry.occurred_at,
        )
        for entry in entries
    )
