"""Movements of stock as EPCIS 2.0 events (ISO/IEC 19987) in the words of the CBV (19988)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from niaga.plumbing.days import MARKET_TIME

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
VERSION = "2.0"


@dataclass(frozen=True, slots=True)
class MovedUnits:
    """A movement, with what the world calls its SKU, and the order or transfer it belongs to."""

    movement_id: UUID
    sku_id: UUID
    gtin: str
    location_id: UUID
    kind: str
    quantity: int
    why: str
    cause_id: UUID | None
    order: str
    moved_at: datetime


# kind -> (action, business step, disposition)
_STEPS: dict[str, tuple[str, str, str]] = {
    "received": ("OBSERVE", "receiving", "sellable_accessible"),
    "returned": ("OBSERVE", "receiving", "returned"),
    "shipped": ("OBSERVE", "shipping", "in_transit"),
    "sent": ("OBSERVE", "departing", "in_transit"),
    "arrived": ("OBSERVE", "arriving", "sellable_accessible"),
}
_CORRECTIONS: dict[str, tuple[str, str]] = {
    "damaged": ("destroying", "damaged"),
    "expired": ("destroying", "expired"),
    "lost": ("stock_taking", "unknown"),
    "sample": ("sampling", "non_sellable_other"),
    "transfer": ("stock_taking", "unknown"),
}
_CORRECTED = ("cycle_counting", "sellable_accessible")
_SIGNS = {"receiving": 1, "arriving": 1, "shipping": -1, "departing": -1}


def event_of(moved: MovedUnits) -> dict[str, Any]:
    """Return the movement as an ObjectEvent.

    Units that a correction finds are added, those that it misses deleted; all others are observed
    where they come in or go out. Quantities are above zero, as everywhere in EPCIS.
    """
    if moved.kind == "adjusted":
        step, disposition = _CORRECTIONS.get(moved.why, _CORRECTED)
        action = "ADD" if moved.quantity > 0 else "DELETE"
    else:
        action, step, disposition = _STEPS[moved.kind]
    place = {"id": f"urn:uuid:{moved.location_id}"}
    event = {
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:{moved.movement_id}",
        "eventTime": moved.moved_at.astimezone(MARKET_TIME).isoformat(timespec="milliseconds"),
        "eventTimeZoneOffset": "+07:00",
        "action": action,
        "bizStep": step,
        "disposition": disposition,
        "readPoint": place,
        "bizLocation": place,
        "quantityList": [
            {"epcClass": class_of(moved.sku_id, moved.gtin), "quantity": abs(moved.quantity)}
        ],
    }
    if papers := _papers(moved):
        event["bizTransactionList"] = papers
    return event


def class_of(sku_id: UUID, gtin: str) -> str:
    """Return the class of a SKU's units: its GTIN as a GS1 Digital Link, else our own id."""
    return f"https://id.gs1.org/01/{gtin.zfill(14)}" if gtin else f"urn:uuid:{sku_id}"


def _papers(moved: MovedUnits) -> list[dict[str, str]]:
    papers = []
    if moved.order:
        papers.append({"type": "po", "bizTransaction": f"urn:niaga:order:{moved.order}"})
    if moved.cause_id:
        kind = {"type": "desadv"} if moved.kind in ("shipped", "sent", "arrived") else {}
        papers.append(kind | {"bizTransaction": f"urn:uuid:{moved.cause_id}"})
    return papers


def document_head(created_at: datetime) -> dict[str, Any]:
    """Return an EPCIS document without its events."""
    return {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": VERSION,
        "creationDate": created_at.astimezone(MARKET_TIME).isoformat(timespec="milliseconds"),
    }


def events_of(moves: Iterable[MovedUnits]) -> Iterator[dict[str, Any]]:
    """Return the movements as events, one by one."""
    return map(event_of, moves)


def replay(events: Iterable[Mapping[str, Any]]) -> Counter[tuple[str, str]]:
    """Return what lies where after the events: (class, location) -> units; zeros are left out."""
    held: Counter[tuple[str, str]] = Counter()
    for event in events:
        sign = {"ADD": 1, "DELETE": -1}.get(event["action"]) or _SIGNS[event["bizStep"]]
        for element in event["quantityList"]:
            held[element["epcClass"], event["bizLocation"]["id"]] += sign * element["quantity"]
    return Counter({key: units for key, units in held.items() if units})
