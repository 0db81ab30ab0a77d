"""What a merchant asks of its gateway after authorisation, and the gateway's answers."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from niaga.protocol.messages.parts import (
    TOKEN_BYTES,
    Address,
    Amount,
    Answered,
    Asked,
    Digest,
    Minor,
    Reference,
    Seconds,
    SignedMessage,
    Xid,
)
from niaga.protocol.messages.schema import About, Many, Number, OneOf, Signed, Text

BATCH_BYTES = 524_288
MOST_ENTRIES = 2000

SequenceNumber = Annotated[int, Number(1, 9999)]
Currency = Annotated[str, Text(3, r"[A-Z]{3}"), About.PAYMENT]

OPERATIONS = ("capture", "capture_reversal", "reversal", "credit", "credit_reversal")
# What stands in the books of a period: operations, and money that came in by a code.
MOVEMENTS = (*OPERATIONS, "receipt")
# Rules of the books an operation may break, and refusals of messages after authentication.
OPERATION_REASONS = (
    "unknown_reference",
    "sequence_conflict",
    "amount_exceeds_authorised",
    "amount_exceeds_captured",
    "amount_differs",
    "authorization_expired",
    "not_in_this_state",
    "already_reversed",
    "refund_period_over",
)
FAILURE_CODES = (
    "schema_invalid",
    "stale",
    "mismatch",
    "signature_invalid",
    "certificate_invalid",
    "certificate_expired",
    "certificate_revoked",
    "certificate_role",
    "status_unknown",
    "encoding_invalid",
    "too_large",
    "disclosure_invalid",
    "pi_invalid",
    "sca_required",
    "sca_invalid",
    "xid_conflict",
    "jti_conflict",
    "unavailable",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture(Asked):
    """Take `amount` of what is held; several captures may share one hold."""

    TYPE: ClassVar = "dsp-capture+jwt"

    iss: Address
    aud: Address
    jti: Reference
    xid: Xid
    auth_id: Reference
    seq: SequenceNumber
    amount: Amount
    iat: Seconds
    deadline: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureReversal(Asked):
    """Undo a capture whole: the amount is held again."""

    TYPE: ClassVar = "dsp-capture-reversal+jwt"

    iss: Address
    aud: Address
    jti: Reference
    xid: Xid
    capture_id: Reference
    seq: SequenceNumber
    amount: Amount
    iat: Seconds
    deadline: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal(Asked):
    """Give up `amount` of the hold, or without one the whole of it, even one not yet seen."""

    TYPE: ClassVar = "dsp-reversal+jwt"

    iss: Address
    aud: Address
    jti: Reference
    xid: Xid
    seq: SequenceNumber
    amount: Amount | None = None
    iat: Seconds
    deadline: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit(Asked):
    """Pay `amount` of a capture back, to the instrument that paid and to no other."""

    TYPE: ClassVar = "dsp-credit+jwt"

    iss: Address
    aud: Address
    jti: Reference
    xid: Xid
    capture_id: Reference
    seq: SequenceNumber
    amount: Amount
    iat: Seconds
    deadline: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditReversal(Asked):
    """Undo a credit whole."""

    TYPE: ClassVar = "dsp-credit-reversal+jwt"

    iss: Address
    aud: Address
    jti: Reference
    xid: Xid
    credit_id: Reference
    seq: SequenceNumber
    amount: Amount
    iat: Seconds
    deadline: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry(Asked):
    """Ask what became of a purchase."""

    TYPE: ClassVar = "dsp-inquiry+jwt"

    iss: Address
    aud: Address
    jti: Reference
    xid: Xid
    iat: Seconds
    deadline: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One movement of a batch as one side has it in its books."""

    kind: Annotated[str, OneOf(MOVEMENTS), About.PAYMENT]
    id: Reference
    minor: Minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(Asked):
    """The merchant's books of a period in one currency, to be compared."""

    TYPE: ClassVar = "dsp-batch+jwt"
    MAX_BYTES: ClassVar = BATCH_BYTES

    iss: Address
    aud: Address
    jti: Reference
    since: Seconds
    until: Seconds
    currency: Currency
    entries: Annotated[tuple[Entry, ...], Many(0, MOST_ENTRIES)]
    iat: Seconds
    deadline: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Where a purchase stands, in minor units: held, taken and paid back so far."""

    currency: Currency
    authorised_minor: Minor
    captured_minor: Minor
    credited_minor: Minor


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationResponse(Answered):
    """What became of an operation; `id` names the capture, credit or reversal it made."""

    TYPE: ClassVar = "dsp-opres+jwt"

    iss: Address
    aud: Address
    in_reply_to: Digest
    xid: Xid
    op: Annotated[str, OneOf(OPERATIONS), About.PAYMENT]
    result: Annotated[str, OneOf(("done", "refused", "pending")), About.PAYMENT]
    id: Reference | None = None
    reason: Annotated[str, OneOf(OPERATION_REASONS), About.PAYMENT] | None = None
    books: Books | None = None
    iat: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryResponse(Answered):
    """Where a purchase stands, with the gateway's answer to its request if there was one."""

    TYPE: ClassVar = "dsp-inquiry-res+jwt"
    MAX_BYTES: ClassVar = 3 * TOKEN_BYTES

    iss: Address
    aud: Address
    in_reply_to: Digest
    xid: Xid
    state: Annotated[
        str,
        OneOf(("unknown", "pending", "approved", "declined", "voided", "expired")),
        About.PAYMENT,
    ]
    answer: Annotated[str, Signed("AuthorizationResponse", 2 * TOKEN_BYTES)] | None = None
    books: Books | None = None
    iat: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One movement on which the two books differ; `minor` is the gateway's amount."""

    problem: Annotated[str, OneOf(("unknown_to_gateway", "unknown_to_merchant", "amount"))]
    kind: Annotated[str, OneOf(MOVEMENTS), About.PAYMENT]
    id: Reference
    minor: Minor


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResponse(Answered):
    """The comparison of two books: how many movements agree, and which do not."""

    TYPE: ClassVar = "dsp-batch-res+jwt"
    MAX_BYTES: ClassVar = BATCH_BYTES

    iss: Address
    aud: Address
    in_reply_to: Digest
    agreed: Annotated[int, Number(0, MOST_ENTRIES)]
    differences: Annotated[tuple[Difference, ...], Many(0, MOST_ENTRIES)]
    iat: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure(Answered):
    """The request was authentic but can't be acted upon; `code` says why, never more."""

    TYPE: ClassVar = "dsp-error+jwt"

    iss: Address
    aud: Address
    in_reply_to: Digest
    code: Annotated[str, OneOf(FAILURE_CODES)]
    iat: Seconds


type Operation = Capture | CaptureReversal | Reversal | Credit | CreditReversal
OPERATION_NAMES: dict[type[SignedMessage], str] = {
    Capture: "capture",
    CaptureReversal: "capture_reversal",
    Reversal: "reversal",
    Credit: "credit",
    CreditReversal: "credit_reversal",
}
