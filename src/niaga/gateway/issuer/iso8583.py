"""ISO 8583 (1987) as both sides of the issuer's line read and write it.

Messages are ASCII with a binary-free bitmap, each behind its length in two bytes. The same trace
and retrieval numbers in a repetition (0101, 0221, 0401) tell the other side that it is one.
"""

import struct
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import iso8583
from iso8583.specs import default_ascii

AUTHORIZATION, AUTHORIZATION_RESPONSE = "0100", "0110"
ADVICE, ADVICE_RESPONSE = "0220", "0230"
REVERSAL, REVERSAL_RESPONSE = "0400", "0410"
ENROLMENT, ENROLMENT_RESPONSE = "0600", "0610"
NETWORK, NETWORK_RESPONSE = "0800", "0810"

PURCHASE, REFUND = "000000", "200000"
APPROVED = "00"
ECHO_TEST = "301"

LENGTH_BYTES = 2
MAX_MESSAGE_BYTES = 8192
_LONG_FIELDS = ("48", "120")
_CURRENCY_NUMBERS = {"IDR": "360", "USD": "840", "JPY": "392", "KWD": "414"}
_CURRENCY_CODES = {number: code for code, number in _CURRENCY_NUMBERS.items()}


class FormatError(ValueError):
    """Bytes that are no message of this line."""


def _make_spec() -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = deepcopy(dict(default_ascii))
    # A sealed card and its request are longer than the 999 characters of private fields.
    for field in _LONG_FIELDS:
        made[field] |= {"len_type": 4, "max_len": 4096}
    return made


SPEC = _make_spec()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of the line; what a type does not carry is empty.

    Attributes:
        kind: the message type, such as 0100.
        account: the issuer's reference of the account (field 102), never a card number.
        amount_minor: in minor units of `currency` (fields 4 and 49).
        transmitted: month, day, hour, minute, second (field 7).
        trace: the sender's number of the message (field 11).
        retrieval: one number for everything about one payment (field 37).
        merchant: who is paid (field 42).
        original: type, trace and transmission of the message that is reversed (field 90).
        sealed: card data sealed to the issuer; in its answer, a label for the card (field 48).
        request: the certificate request to which the card is bound, base64url (field 120).
    """

    kind: str
    processing: str = ""
    account: str = ""
    amount_minor: int = 0
    currency: str = ""
    transmitted: str = ""
    trace: str = ""
    retrieval: str = ""
    approval: str = ""
    response: str = ""
    merchant: str = ""
    network: str = ""
    original: str = ""
    sealed: str = ""
    request: str = ""

    @property
    def is_repeat(self) -> bool:
        """Whether the message says that it was sent before."""
        return self.kind.endswith("1")


def original_elements(*, kind: str, trace: str, transmitted: str) -> str:
    """Return field 90: the message a reversal speaks of."""
    return f"{kind}{trace}{transmitted}".ljust(42, "0")


def original_of(message: Message) -> tuple[str, str]:
    """Return type and trace number of the message that is reversed."""
    return message.original[:4], message.original[4:10]


def encode(message: Message) -> bytes:
    """Return the message behind its length."""
    fields = {"t": message.kind}
    texts = {
        "3": message.processing,
        "7": message.transmitted,
        "11": message.trace,
        "37": message.retrieval,
        "38": message.approval,
        "39": message.response,
        "42": message.merchant[:15].ljust(15) if message.merchant else "",
        "48": message.sealed,
        "70": message.network,
        "90": message.original,
        "102": message.account,
        "120": message.request,
    }
    fields |= {name: text for name, text in texts.items() if text}
    if message.currency:
        fields |= {"4": f"{message.amount_minor:012}", "49": _CURRENCY_NUMBERS[message.currency]}
    content, _ = iso8583.encode(fields, SPEC)
    return struct.pack(">H", len(content)) + bytes(content)


def decode(content: bytes) -> Message:
    """Return the message `content` (without its length) spells.

    Raises:
        FormatError: it spells none.
    """
    try:
        found, _ = iso8583.decode(content, SPEC)
        return _message(found)
    except (iso8583.DecodeError, ValueError, KeyError) as error:
        raise FormatError("not a message of this line") from error


def _message(found: Mapping[str, str]) -> Message:
    currency = _CURRENCY_CODES[found["49"]] if "49" in found else ""
    return Message(
        kind=found["t"],
        processing=found.get("3", ""),
        account=found.get("102", ""),
        amount_minor=int(found.get("4", "0")),
        currency=currency,
        transmitted=found.get("7", ""),
        trace=found.get("11", ""),
        retrieval=found.get("37", ""),
        approval=found.get("38", ""),
        response=found.get("39", ""),
        merchant=found.get("42", "").strip(),
        network=found.get("70", ""),
        original=found.get("90", ""),
        sealed=found.get("48", ""),
        request=found.get("120", ""),
    )


def read_message(receive: Callable[[int], bytes]) -> Message | None:
    """Return the next message of a stream; None where the stream has ended between messages.

    `receive(n)` answers with at most n bytes, none at the end.

    Raises:
        FormatError: a length out of bounds, a stream that ends within a message, or no message.
    """
    head = _receive_exactly(receive, LENGTH_BYTES)
    if not head:
        return None
    if len(head) < LENGTH_BYTES:
        raise FormatError("the stream ends within a length")
    (length,) = struct.unpack(">H", head)
    if not 0 < length <= MAX_MESSAGE_BYTES:
        raise FormatError("a length out of bounds")
    content = _receive_exactly(receive, length)
    if len(content) < length:
        raise FormatError("the stream ends within a message")
    return decode(content)


def _receive_exactly(receive: Callable[[int], bytes], count: int) -> bytes:
    content = b""
    while len(content) < count:
        more = receive(count - len(content))
        if not more:
            break
        content += more
    return content
