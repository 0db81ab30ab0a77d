"""The one table: which reactions follow which event."""

from collections.abc import Sequence

from niaga.plumbing.outbox import Event, Reaction

WIRING: dict[type[Event], Sequence[Reaction]] = {}
