"""The timeline tells every event that somebody may read, in words, to each who may read it."""

import dataclasses
import re
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from django.utils import translation

from niaga.doors.look.timeline import WORDINGS, rows
from niaga.flows.information.timeline import TimelineEntry
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.plumbing.outbox import Audience, Event, encode
from niaga.project.wiring import WIRING

SHOWN = [event for event in WIRING if event.audience]
SPRITE = Path("src/niaga/doors/look/static/look/img/icons.svg")
CODES = {
    ("PaymentOpened", "method"): "bank_transfer",
    ("ShipmentTracked", "state"): "in_transit",
    ("DocumentIssued", "kind"): "invoice",
    ("SellerDocumentIssued", "kind"): "payout_advice",
    ("ComplaintOpened", "reason"): "damaged",
    ("OrderCancelled", "reason"): "payment_expired",
    ("EscrowHoldPlaced", "reason"): "complaint",
    ("CompanyRanked", "tier"): "trusted",
}


def _sample(event_type: type[Event], *, empty: bool) -> Event:
    """An event with every field filled, or with each field that may be missing left out."""
    hints = get_type_hints(event_type)
    return event_type(
        **{
            field.name: _value(event_type, field.name, str(hints[field.name]), empty=empty)
            for field in dataclasses.fields(event_type)
        }
    )


FILLS = {"UUID": new_id, "datetime": clock.now, "int": lambda: 150_000, "tuple": tuple}


def _value(event_type: type[Event], name: str, hint: str, *, empty: bool) -> Any:
    if code := CODES.get((event_type.__name__, name)):
        return code
    if empty and "None" in hint:
        return None
    fill = next(
        (FILLS[word] for word in ("tuple", "UUID", "datetime", "int") if word in hint), None
    )
    if fill:
        return fill()
    return {
        "currency": "IDR",
        "note": "" if empty else "at the gate",
        "promised_date": "2026-12-01",
    }.get(name, f"<{name}>")


def _entry(event: Event) -> TimelineEntry:
    kind = type(event).__name__
    return TimelineEntry(
        new_id(), event.subject_id, event.flow, kind, "system", clock.now(), encode(event)
    )


def test_every_event_that_somebody_reads_has_words() -> None:
    assert set(WORDINGS) == {event.__name__ for event in SHOWN}


@pytest.mark.parametrize("event_type", SHOWN, ids=lambda event: event.__name__)
@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("language", ["id", "en"])
def test_each_is_told_to_all_who_may_read_it(
    event_type: type[Event], language: str, *, empty: bool
) -> None:
    entry = _entry(_sample(event_type, empty=empty))
    with translation.override(language):
        told = {viewer: rows([entry], viewer=viewer)[0] for viewer in event_type.audience}
    for row in told.values():
        assert row.text
        assert row.text != event_type.__name__
        assert "%(" not in row.text + row.detail
        assert "None" not in row.detail
        assert not row.detail.startswith((" ", "·"))
        assert bool(row.href) == bool(row.link)


def test_icons_are_in_the_sprite() -> None:
    known = set(re.findall(r'id="([^"]+)"', SPRITE.read_text()))
    assert {wording.icon for wording in WORDINGS.values()} <= known


@pytest.mark.parametrize(
    ("viewer", "prefix"),
    [("buyer", "/documents/"), ("seller", "/seller/"), ("operator", "/office/")],
)
def test_a_document_leads_to_the_reader_s_own_door(viewer: Audience, prefix: str) -> None:
    issued = next(event for event in SHOWN if event.__name__ == "DocumentIssued")
    [row] = rows([_entry(_sample(issued, empty=False))], viewer=viewer)
    assert row.href.startswith(prefix)
    assert row.href.endswith(".pdf")


def test_details_are_written_for_people() -> None:
    kinds = {event.__name__: event for event in SHOWN}
    with translation.override("en"):
        told = {
            kind: rows([_entry(_sample(kinds[kind], empty=False))], viewer="operator")[0]
            for kind in ("OrderPaid", "ShipmentDispatched", "OrderCancelled", "EscrowReleased")
        }
    assert told["OrderPaid"].detail == "Rp1.500"
    assert told["ShipmentDispatched"].detail == "<carrier> · <tracking_number> · 150,000 units"
    assert told["OrderCancelled"].detail == "The payment did not come in time."
    assert told["EscrowReleased"].detail == "Rp1.500 for the seller, Rp1.500 commission"


def test_who_did_it_is_you_for_the_one_who_reads() -> None:
    placed = next(event for event in SHOWN if event.__name__ == "OrderPlaced")
    entry = dataclasses.replace(_entry(_sample(placed, empty=False)), actor_role="buyer")
    with translation.override("en"):
        assert rows([entry], viewer="buyer")[0].who == "You"
        assert rows([entry], viewer="seller")[0].who == "Buyer"
