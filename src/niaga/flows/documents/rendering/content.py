"""What a document says, complete and in plain values, so that it can be printed again."""

import dataclasses
import types
import typing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

type Kind = Literal["order_confirmation", "delivery_note", "invoice", "receipt", "credit_note"]


@dataclass(frozen=True, slots=True)
class Party:
    """Who issues or receives the document. `nib` and `npwp` are empty for people."""

    name: str
    legal_name: str
    address_lines: tuple[str, ...]
    phone: str
    email: str
    npwp: str = ""
    nib: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One row; the money fields are None on a delivery note."""

    description: str
    detail: str
    sku: str
    quantity: int
    unit_price_minor: int | None = None
    discount_minor: int | None = None
    total_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums; prices include tax, `tax_base_minor` and `tax_minor` are what is inside.

    PPN: 12 % of 11/12 of the price before tax (PMK 131/2024); `tax_other_base_minor` is that
    11/12. All three are zero for a seller that is not taxable.
    """

    currency: str
    items_minor: int
    discount_minor: int
    delivery_minor: int
    grand_total_minor: int
    tax_base_minor: int = 0
    tax_other_base_minor: int = 0
    tax_minor: int = 0


@dataclass(frozen=True, slots=True)
class DocumentContent:
    """A document. `references` are (label, value) pairs in the document's language."""

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


def to_json(content: DocumentContent) -> dict[str, Any]:
    """Return the content as JSON values; instants in UTC, ISO 8601."""
    values: dict[str, Any] = dataclasses.asdict(content)
    values["issued_at"] = content.issued_at.astimezone(UTC).isoformat()
    return values


def from_json(values: dict[str, Any]) -> DocumentContent:
    """Return the content again: `from_json(to_json(c)) == c`.

    Raises:
        KeyError, TypeError: a field is missing or has another type.
    """
    return typing.cast("DocumentContent", _build(DocumentContent, values))


def _build(hint: Any, value: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        wanted = next(a for a in arguments if a is not type(None))
        return None if value is None else _build(wanted, value)
    if origin is tuple:
        inner = arguments[0] if arguments[-1] is Ellipsis else None
        if inner is not None:
            return tuple(_build(inner, v) for v in value)
        return tuple(_build(h, v) for h, v in zip(arguments, value, strict=True))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = typing.get_type_hints(hint)
        return hint(**{key: _build(hints[key], v) for key, v in value.items()})
    if hint is datetime:
        return datetime.fromisoformat(value)
    return value
