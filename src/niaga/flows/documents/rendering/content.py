"""What a document says, complete and in plain values, so that it can be printed again."""

import base64
import dataclasses
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from niaga.kernel import clock

_READERS: dict[Any, Callable[[str], Any]] = {
    datetime: clock.parse,
    bytes: partial(base64.b64decode, validate=True),
}

type Kind = Literal[
    "quotation",
    "order_confirmation",
    "pro_forma",
    "delivery_note",
    "invoice",
    "receipt",
    "credit_note",
    "return_slip",
    "commission_invoice",
    "commission_credit",
    "payout_advice",
    "withholding_proof",
]

MARKETS_OWN = frozenset(
    {"commission_invoice", "commission_credit", "payout_advice", "withholding_proof"}
)
"""Kinds that the market issues to a seller: signed by the market, and not for the buyer's eyes."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who issues or receives the document. `nib` is empty for people, whose `npwp` may be a NIK.

    `logo` is a PNG or JPEG; without one the seller's initials are printed.
    """

    name: str
    legal_name: str
    address_lines: tuple[str, ...]
    phone: str
    email: str
    npwp: str = ""
    nib: str = ""
    logo: bytes | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One row; the money fields are None on a delivery note.

    `detail` holds the chosen options or the booked time. `tax_minor` is the PPN inside the total.
    """

    description: str
    detail: str
    sku: str
    quantity: int
    unit_price_minor: int | None = None
    discount_minor: int | None = None
    total_minor: int | None = None
    tax_minor: int | None = None
    gtin: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums; prices include tax, `tax_base_minor` and `tax_minor` are what is inside.

    PPN: 12 % (`tax_rate_bp`) of 11/12 of the price before tax (PMK 131/2024);
    `tax_other_base_minor` is that 11/12. The amounts are zero for a seller that is not taxable.
    """

    currency: str
    items_minor: int
    discount_minor: int
    delivery_minor: int
    grand_total_minor: int
    tax_base_minor: int = 0
    tax_other_base_minor: int = 0
    tax_minor: int = 0
    tax_rate_bp: int = 1200


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """How the order is paid: paid when `paid_at` is known, else to be paid until `due_at`.

    `method` is in the document's language; `pay_to` is an account such as `BCA 8808 1234`.
    """

    method: str
    pay_to: str = ""
    due_at: datetime | None = None
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShipmentInfo:
    """How a parcel travels."""

    carrier: str
    service: str = ""
    tracking_number: str = ""
    weight_g: int | None = None
    dispatched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """How the document looks: its accent colour (#rrggbb), and the issuer's own words on it.

    `logo_sha256` names the kept picture that is printed as the issuer's logo; empty for none.
    """

    accent: str = "#8a3320"
    footer_text: str = ""
    payment_terms: str = ""
    logo_sha256: str = ""


@dataclass(frozen=True, slots=True)
class DocumentContent:
    """A document. `references` are (label, value) pairs in the document's language.

    `issued_at` is aware. `verify_url` is where a reader can check that the document is genuine;
    `corrects` is the number of the invoice that a credit note takes back from; `purchase_order`
    the buyer's own number of the order.
    """

    kind: Kind
    number: str
    issued_at: datetime
    language: str
    seller: Party
    buyer: Party
    order_reference: str
    references: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    totals: Totals | None
    notes: tuple[str, ...] = ()
    payment: PaymentTerms | None = None
    shipment: ShipmentInfo | None = None
    market_name: str = "Niaga"
    verify_url: str | None = None
    style: Style | None = None
    corrects: str = ""
    purchase_order: str = ""


def to_json(content: DocumentContent) -> dict[str, Any]:
    """Return the content as JSON values: keys sorted, instants UTC in ISO 8601, bytes base64.

    Raises:
        ValueError: an instant is not aware.
    """
    values: dict[str, Any] = _plain(content)
    return values


def from_json(values: dict[str, Any]) -> DocumentContent:
    """Return the content again: `from_json(to_json(c)) == c`.

    Fields that came after the content was stored take their defaults.

    Raises:
        KeyError, TypeError, ValueError: a field is missing, unknown or of another type.
    """
    return typing.cast("DocumentContent", _build(DocumentContent, values))


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        names = sorted(field.name for field in dataclasses.fields(value))
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("instant must be aware")
        return value.astimezone(UTC).isoformat()
    return value


def _build(hint: Any, value: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        wanted = next(a for a in arguments if a is not type(None))
        return None if value is None else _build(wanted, value)
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return tuple(_build(arguments[0], v) for v in value)
        return tuple(_build(h, v) for h, v in zip(arguments, value, strict=True))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = typing.get_type_hints(hint)
        return hint(**{key: _build(hints[key], v) for key, v in value.items()})
    read = _READERS.get(hint)
    return read(value) if read else value
