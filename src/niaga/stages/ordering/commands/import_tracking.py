"""Many words about a seller's parcels at once, from a table or a signed message."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from niaga.flows.goods.commands.record_tracking import TrackingWord
from niaga.flows.goods.models import Shipment, TrackingEvent
from niaga.flows.goods.states import ShipmentState
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.once import fingerprint
from niaga.plumbing.tables import Fault, read_table, refuse_faults
from niaga.stages.ordering.commands.ship_order import hear_of_parcel

AHEAD = timedelta(minutes=10)  # how far a sender's clock may be ahead of ours
TOLD = tuple(state for state in ShipmentState if state != ShipmentState.PENDING)


@dataclass(frozen=True, slots=True)
class ParcelWord:
    """What is said of a parcel, as it was sent: `parcel` is its SSCC or its tracking number.

    `at` is an ISO 8601 instant with an offset, or empty for now; `line` tells where it stood.
    """

    line: int
    parcel: str
    status: str
    at: str = ""
    note: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class HeardWords:
    """How many words there were, how many moved a parcel, how many were known before."""

    words: int
    moved: int
    already_known: int


@command
def import_tracking(*, actor: Actor, seller_id: UUID, content: bytes) -> HeardWords:
    """Take words about the seller's parcels from a table: all rows or none.

    Columns: `parcel`, `status`; `at`, `note`, `place`. The same row twice counts once.

    Raises:
        TableUnreadable: it is no such table.
        RowsRefused: see `hear_words`.
    """
    rows = read_table(content, needed=("parcel", "status"), known=("at", "note", "place"))
    words = [ParcelWord(row.line, **row.cells) for row in rows]
    return hear_words(actor=actor, seller_id=seller_id, words=words, source="")


@command
def hear_words(
    *, actor: Actor, seller_id: UUID, words: Sequence[ParcelWord], source: str
) -> HeardWords:
    """Take words about the seller's parcels, oldest first: all or none.

    `source` names the message they came in: the same message twice changes nothing. Without one,
    each word is known by what it says.

    Raises:
        RowsRefused: nothing was changed. Rules: `unknown_parcel`, `several_parcels` (of one
            tracking number), `unknown_status`, `not_an_instant`, `in_the_future`,
            `pickup_code_needed` (it was fetched, says its seller).
    """
    parcels = _parcels(seller_id, {word.parcel for word in words})
    faults: list[Fault] = []
    heard = []
    for number, word in enumerate(words):
        read = _read(word, parcels.get(word.parcel, ()), faults)
        if read:
            shipment, state, at = read
            mark = f"{source}:{number}" if source else _mark(word)
            told = TrackingWord(state, at, word.note[:200], word.place[:80], mark)
            heard.append((shipment, told))
    refuse_faults(faults)
    known = _known(heard)
    moved = 0
    # By order, as everywhere; of one order, by time.
    now = clock.now()
    for shipment, told in sorted(heard, key=lambda h: (h[0].cause_id, h[1].occurred_at or now)):
        moved += hear_of_parcel(actor=actor, shipment_id=shipment.pk, word=told)
    return HeardWords(len(words), moved, known)


def _known(heard: Sequence[tuple[Shipment, TrackingWord]]) -> int:
    """Return how many of these words were written down before; one statement."""
    marks = {(shipment.pk, told.external_id) for shipment, told in heard if told.external_id}
    rows = TrackingEvent.objects.filter(
        shipment__in={shipment for shipment, _ in marks}, external_id__in={m for _, m in marks}
    )
    return len(marks.intersection(rows.values_list("shipment_id", "external_id")))


def _mark(word: ParcelWord) -> str | None:
    """Return what a word without a message of its own is known by; now is always new."""
    if not word.at:
        return None
    body = {"status": word.status, "at": word.at, "note": word.note, "place": word.place}
    return f"table:{fingerprint(body)}"


def _parcels(seller_id: UUID, names: Iterable[str]) -> dict[str, tuple[Shipment, ...]]:
    named = Q(sscc__in=names) | Q(tracking_number__in=names)
    found: dict[str, tuple[Shipment, ...]] = {}
    for shipment in Shipment.objects.filter(named, seller_id=seller_id).order_by("id"):
        for name in {shipment.sscc or "", shipment.tracking_number} - {""}:
            found[name] = (*found.get(name, ()), shipment)
    return found


def _read(
    word: ParcelWord, parcels: Sequence[Shipment], faults: list[Fault]
) -> tuple[Shipment, ShipmentState, datetime | None] | None:
    before = len(faults)

    def refuse(column: str, rule: str, value: str) -> None:
        faults.append(Fault(word.line, column, rule, value[:80]))

    if len(parcels) != 1:
        rule = "several_parcels" if parcels else "unknown_parcel"
        refuse("parcel", rule, word.parcel)
    if word.status not in TOLD:
        refuse("status", "unknown_status", word.status)
    elif word.status == ShipmentState.DELIVERED and any(p.pickup_code for p in parcels):
        refuse("status", "pickup_code_needed", word.status)
    at = _instant(word.at)
    if word.at and at is None:
        refuse("at", "not_an_instant", word.at)
    elif at and at > clock.now() + AHEAD:
        refuse("at", "in_the_future", word.at)
    return None if len(faults) > before else (parcels[0], ShipmentState(word.status), at)


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
