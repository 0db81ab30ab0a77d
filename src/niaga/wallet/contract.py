"""What the protocol fixes, as JSON for the page: one description of the messages, not two."""

from typing import Any

from niaga.protocol import envelope
from niaga.protocol.dual_signature import LIFETIME_S
from niaga.protocol.formats.x509 import LONGEST_LIFE, STATUS_INDEX, Role
from niaga.protocol.messages import enrolment, purchase, schema
from niaga.protocol.messages.parts import SignedMessage

MESSAGES: tuple[type[SignedMessage], ...] = (
    purchase.Offer,
    purchase.Checkout,
    purchase.DualSignature,
    purchase.Receipt,
    purchase.PaymentResponse,
    enrolment.CardholderRenewal,
)
RECORDS = (
    purchase.PurchaseInit,
    purchase.OfferAnswer,
    purchase.CheckoutMandate,
    purchase.PaymentMandate,
    purchase.PaymentInstruction,
    purchase.PaymentRequest,
    enrolment.EnrolmentChallenge,
    enrolment.CardData,
    enrolment.EnrolmentRequest,
    enrolment.EnrolmentAnswer,
    enrolment.CertificateAnswer,
)


def contract() -> dict[str, Any]:
    """Return the closed schemas, roles, sizes and lifetimes the page reads and writes by."""
    records: dict[str, Any] = {}
    for record in (*MESSAGES, *RECORDS):
        _describe(record, records)
    return {
        "records": records,
        "messages": {
            kind.__name__: {
                "typ": kind.TYPE,
                "signer": kind.SIGNER.name.lower(),
                "max_bytes": kind.MAX_BYTES,
            }
            for kind in MESSAGES
        },
        "roles": {
            role.name.lower(): {
                "oid": role.value.dotted_string,
                "longest_life_s": int(LONGEST_LIFE[role].total_seconds()),
            }
            for role in Role
        },
        "status_index": STATUS_INDEX.dotted_string,
        "skew_s": envelope.SKEW_S,
        "lifetime_s": LIFETIME_S,
        "pi_bytes": purchase.PI_BYTES,
        "card_bytes": enrolment.CARD_BYTES,
    }


def _describe(record: type[Any], records: dict[str, Any]) -> None:
    if record.__name__ in records:
        return
    described = records[record.__name__] = {}
    for slot in schema.slots_of(record):
        described[slot.name] = _slot(slot)
        if slot.record is not None:
            _describe(slot.record, records)


def _slot(slot: schema.Slot) -> dict[str, Any]:
    told: dict[str, Any] = {"optional": True} if slot.optional else {}
    if slot.counts is not None:
        told["counts"] = list(slot.counts)
    if slot.record is not None:
        return {**told, "record": slot.record.__name__}
    assert slot.kind is not None
    return {**told, **_kind(slot.kind)}


def _kind(kind: schema.Kind) -> dict[str, Any]:
    for known, (name, fields) in _KINDS.items():
        if isinstance(kind, known):
            return {"kind": name} | {field: getattr(kind, field) for field in fields}
    raise AssertionError(f"{type(kind).__name__} is unknown to the page")


_KINDS: dict[type[schema.Kind], tuple[str, tuple[str, ...]]] = {
    schema.Text: ("text", ("longest", "pattern")),
    schema.Bits: ("bits", ("bits",)),
    schema.Blob: ("blob", ("longest",)),
    schema.Number: ("number", ("least", "most")),
    schema.OneOf: ("one_of", ("words",)),
    schema.Chain: ("chain", ()),
    schema.Signed: ("signed", ("longest",)),
    schema.Disclosed: ("disclosed", ("longest",)),
    schema.Sealed: ("sealed", ("longest",)),
}
