"""Domain events: recorded with the work, delivered to reactions at least once, deduplicated.

An event is a frozen dataclass that derives from `Event`. `record` keeps it until the outermost
command ends; `flush` writes all of them, and one entry of the outbox that names those with
reactions. The relay (see `relay.py`) makes of it a delivery for each reaction, and runs each in a
transaction that also marks its delivery done, so what a reaction does in the database happens
exactly once; what leaves the database goes through a job.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal, get_type_hints
from uuid import UUID

from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.plumbing import writes
from niaga.plumbing.writes import Write, as_json

type Flow = Literal["goods", "information", "money", "documents"]
type Audience = Literal["buyer", "seller", "operator"]
type Reaction = Callable[["RecordedEvent"], None]

EVERYONE: tuple[Audience, ...] = ("buyer", "seller", "operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of every domain event: a fact in the past tense, with JSON-friendly typed fields.

    Class settings: `flow` (which of the four flows it belongs to) and `audience` (who may read
    it on a timeline; empty for facts that no timeline shows). A field called `subject_id` names
    the purchase, order or other thing whose timeline carries the event.
    """

    flow: ClassVar[Flow] = "information"
    audience: ClassVar[tuple[Audience, ...]] = EVERYONE

    subject_id: UUID


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event as the outbox keeps it; `body` is the typed event again."""

    id: UUID
    body: Event
    actor: Actor
    occurred_at: datetime


_buffer: ContextVar[list[RecordedEvent] | None] = ContextVar("outbox_buffer", default=None)
_types: dict[str, type[Event]] = {}
_reactions: dict[str, tuple[Reaction, ...]] = {}


def register(table: dict[type[Event], Sequence[Reaction]]) -> None:
    """Set the one table event -> reactions (project/wiring.py calls this once at start)."""
    _types.clear()
    _reactions.clear()
    for event_type, reactions in table.items():
        _types[event_type.__name__] = event_type
        _reactions[event_type.__name__] = tuple(reactions)


def reaction_name(reaction: Reaction) -> str:
    """Return the stable name a delivery row keeps: module and function."""
    return f"{reaction.__module__.removeprefix('niaga.')}.{reaction.__name__}"


def reaction_names(event_type: str) -> tuple[str, ...]:
    """Return the names of the reactions to an event of that type, in the table's order.

    Raises:
        LookupError: the wiring table does not know the type.
    """
    return tuple(map(reaction_name, _reactions[event_type]))


def find_reaction(event_type: str, name: str) -> Reaction | None:
    """Return the reaction of that name, or None when the table no longer has it."""
    for reaction in _reactions.get(event_type, ()):
        if reaction_name(reaction) == name:
            return reaction
    return None


def event_type(name: str) -> type[Event] | None:
    """Return the event class of that name, or None when the table does not know it."""
    return _types.get(name)


def event_names() -> tuple[str, ...]:
    """Return the names of all events of the wiring table, sorted."""
    return tuple(sorted(_types))


def is_open() -> bool:
    """Say whether a command is running."""
    return _buffer.get() is not None


@contextmanager
def opened() -> Iterator[None]:
    """Collect events and writes inside the block; what was not flushed is dropped."""
    token = _buffer.set([])
    try:
        with writes.opened():
            yield
    finally:
        _buffer.reset(token)


def record(event: Event, *, actor: Actor) -> None:
    """Keep `event` to be written with the running command.

    Raises:
        RuntimeError: no command is running.
        LookupError: the event's class is missing in the wiring table.
    """
    buffer = _buffer.get()
    if buffer is None:
        raise RuntimeError(f"{type(event).__name__} recorded outside a command")
    if type(event).__name__ not in _types:
        raise LookupError(f"{type(event).__name__} is missing in project/wiring.py")
    buffer.append(RecordedEvent(new_id(), event, actor, clock.now()))


def flush() -> None:
    """Write the events, their deliveries and whatever else waits: one statement in all."""
    buffer = _buffer.get()
    if buffer:
        _write(buffer)
        buffer.clear()
    writes.send()


def _write(events: list[RecordedEvent]) -> None:
    rows = [
        {
            "id": event.id,
            "type": type(event.body).__name__,
            "flow": event.body.flow,
            "audience": event.body.audience,
            "subject_id": event.body.subject_id,
            "payload": encode(event.body),
            "actor_role": event.actor.role,
            "actor_person_id": event.actor.person_id,
            "actor_seller_id": event.actor.seller_id,
            "occurred_at": event.occurred_at,
        }
        for event in events
    ]
    writes.later(Write(_EVENTS, [as_json(rows)]))
    due = [event for event in events if _reactions[type(event.body).__name__]]
    if due:
        ids, types = [event.id for event in due], [type(event.body).__name__ for event in due]
        writes.later(Write(_ENTRY, [ids, types, due[0].occurred_at]))


_EVENTS = """
    INSERT INTO plumbing_storedevent
           (id, type, flow, audience, subject_id, payload, actor_role, actor_person_id,
            actor_seller_id, occurred_at)
    SELECT id, type, flow, audience, subject_id, payload, actor_role, actor_person_id,
           actor_seller_id, occurred_at
      FROM json_populate_recordset(NULL::plumbing_storedevent, %s::json)
"""
_ENTRY = """
    INSERT INTO plumbing_outboxentry (event_ids, event_types, recorded_at)
    VALUES (%s::uuid[], %s::text[], %s)
"""


def encode(event: Event) -> dict[str, Any]:
    """Return the event's own fields as JSON values (identifiers and instants as text)."""
    return {
        field.name: _encode(getattr(event, field.name))
        for field in dataclasses.fields(event)
        if field.name != "subject_id"
    }


def _encode(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_encode(v) for v in value]
    assert value is None or isinstance(value, str | int | bool | float), value
    return value


def decode(name: str, subject_id: UUID, payload: dict[str, Any]) -> Event:
    """Return the typed event again.

    Raises:
        LookupError: the wiring table does not know the type any more.
    """
    event_class = _types.get(name)
    if event_class is None:
        raise LookupError(f"unknown event type {name}")
    hints = get_type_hints(event_class)
    values = {key: _decode(hints[key], value) for key, value in payload.items()}
    return event_class(subject_id=subject_id, **values)


def _decode(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    text = str(hint)
    if isinstance(value, list):
        of_ids = "UUID" in text
        return tuple(UUID(v) if of_ids else v for v in value)
    if "UUID" in text:
        return UUID(value)
    if "datetime" in text:
        return datetime.fromisoformat(value)
    return value


def rebuild[R](result: type[R], values: dict[str, Any]) -> R:
    """Return the flat dataclass `result` from its JSON values (see `encode`)."""
    hints = get_type_hints(result)
    return result(**{key: _decode(hints[key], value) for key, value in values.items()})
