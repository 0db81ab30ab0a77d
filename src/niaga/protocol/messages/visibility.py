"""Who sees what, read off the schemas: what a party's messages could say at all.

A party sees the fields of every message it sends or is sent, of every signed message and disclosure
inside it, and of those seals it makes or can open. What no such field declares can't reach it.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from niaga.protocol.formats.x509 import Role
from niaga.protocol.messages import codes, enrolment, operations, parts, purchase, schema
from niaga.protocol.messages.parts import PlainMessage, SignedMessage
from niaga.protocol.messages.schema import About, Disclosed, Party, Sealed, Signed

# The same thing under the several names that messages have for it.
SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "what is bought: names, kinds, quantities, line totals": ("Line",),
    "where it is delivered": ("Checkout.deliver_to",),
    "who is paid": ("Offer.iss", "Payee", "Receipt.merchant", "Checkout.payee"),
    "how much, in which currency": ("Amount",),
    "what became of it: result, captures, refunds": (
        "Receipt.result",
        "AuthorizationResponse.result",
        "PaymentResponse.status",
        "Books",
    ),
    "the order's salted hash": (
        "Offer.checkout_hash",
        "CheckoutMandate.checkout_hash",
        "PaymentMandate.transaction_id",
        "Receipt.checkout_hash",
    ),
    "the instrument's token": ("Instrument",),
    "the passkey's assertion over a payment": ("PaymentInstruction.sca",),
    "the card: number, expiry, holder": ("CardData",),
}
COLUMNS = tuple(Party)
_SPEAKS_AS = {
    Role.CARDHOLDER: Party.WALLET,
    Role.MERCHANT: Party.MERCHANT,
    Role.GATEWAY: Party.GATEWAY,
}


@cache
def _records() -> Mapping[str, type[Any]]:
    modules = (purchase, operations, codes, enrolment, parts)
    return {
        name: kind
        for module in modules
        for name, kind in vars(module).items()
        if isinstance(kind, type)
        and kind.__module__ == module.__name__
        and hasattr(kind, "__dataclass_fields__")
    }


def messages() -> list[type[SignedMessage] | type[PlainMessage]]:
    """Return every message that travels between parties, in the order of a purchase's life."""
    return [kind for kind in _records().values() if issubclass(kind, SignedMessage | PlainMessage)]


def seen_by(party: Party) -> frozenset[str]:
    """Return every field (`Record.field`) that `party` could read in a message it has."""
    found: set[str] = set()
    for kind in messages():
        if party in kind.READERS | writers(kind):
            _collect(kind, party, found)
    return frozenset(found)


def writers(kind: type[SignedMessage] | type[PlainMessage]) -> frozenset[Party]:
    """Return who sends a message: for a signed one, who signs it."""
    if issubclass(kind, SignedMessage):
        return frozenset({_SPEAKS_AS[kind.SIGNER]})
    return kind.WRITERS


def _collect(record: type[Any], party: Party, found: set[str]) -> None:
    for slot in schema.slots_of(record):
        place = f"{record.__name__}.{slot.name}"
        if place in found:
            continue
        found.add(place)
        for inner in _inside(slot, party):
            _collect(inner, party, found)


def _inside(slot: schema.Slot, party: Party) -> Iterator[type[Any]]:
    if slot.record is not None:
        yield slot.record
    elif isinstance(slot.kind, Signed):
        yield _records()[slot.kind.message]
    elif isinstance(slot.kind, Disclosed) or (
        isinstance(slot.kind, Sealed) and party in {slot.kind.reader, slot.kind.writer}
    ):
        yield _records()[slot.kind.record]


def told_about(party: Party, about: About) -> frozenset[str]:
    """Return the fields marked as telling `about` that `party` could read."""
    marked = {
        f"{name}.{slot.name}"
        for name, record in _records().items()
        for slot in schema.slots_of(record)
        if slot.about is about
    }
    return seen_by(party) & marked


def table() -> str:
    """Return who sees what as a Markdown table."""
    lines = [
        "| | " + " | ".join(party.value for party in COLUMNS) + " |",
        "|---|" + ":-:|" * len(COLUMNS),
    ]
    for subject, places in SUBJECTS.items():
        marks = ["yes" if _sees(party, places) else "no" for party in COLUMNS]
        lines.append(f"| {subject} | " + " | ".join(marks) + " |")
    return "\n".join(lines)


def _sees(party: Party, places: tuple[str, ...]) -> bool:
    seen = seen_by(party)
    return any(place in seen or any(s.startswith(f"{place}.") for s in seen) for place in places)


def message_table() -> str:
    """Return every message as a Markdown table: its type, from whom to whom, its greatest size."""
    lines = ["| message | `typ` | from | to | bytes | |", "|---|---|---|---|--:|---|"]
    for kind in messages():
        purpose = (kind.__doc__ or "").strip().splitlines()[0]
        typ = f"`{kind.TYPE}`" if issubclass(kind, SignedMessage) else "(JSON)"
        senders, readers = (
            ", ".join(sorted(party.value for party in side))
            for side in (writers(kind), kind.READERS)
        )
        size = f"{kind.MAX_BYTES:,}".replace(",", " ")
        lines.append(f"| {kind.__name__} | {typ} | {senders} | {readers} | {size} | {purpose} |")
    return "\n".join(lines)
