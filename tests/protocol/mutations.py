"""Every way to alter one field of a message, read off its schema."""

from collections.abc import Iterator, Mapping
from typing import Any

from niaga.protocol.errors import SchemaError
from niaga.protocol.formats import base64url
from niaga.protocol.messages import schema
from niaga.protocol.messages.schema import (
    Bits,
    Blob,
    Chain,
    Disclosed,
    Kind,
    Number,
    OneOf,
    Sealed,
    Signed,
    Slot,
    Text,
)

type Place = tuple[str | int, ...]
type Mutation = tuple[str, dict[str, Any]]

_TEXTS = (
    "https://other.example",
    "https://other.example/pay",
    "USD",
    "XTS",
    "123412341234",
    "2031-11",
    "Another",
)
# Of no kind that any field has.
NONSENSE: tuple[Any, ...] = (
    None, True, 1.5, "", [], {}, [[]], "\x00", "\u2028", -(10**18), "A" * 2_000_000,
)  # fmt: skip


def another(kind: Kind, value: Any, foreign: Any = None) -> Any:
    """Return a value of the same kind that is not `value`; None when the kind has no other."""
    if isinstance(kind, Bits | Blob):
        content = bytearray(base64url.decode(value))
        content[0] ^= 1
        return base64url.encode(bytes(content))
    if isinstance(kind, Number):
        return value + 1 if value < kind.most else value - 1
    if isinstance(kind, OneOf):
        return next((word for word in kind.words if word != value), None)
    if isinstance(kind, Text):
        return next(text for text in _TEXTS if text != value and _fits(kind, text))
    if isinstance(kind, Signed | Disclosed | Sealed):
        return foreign or _swap_sign(value)
    assert isinstance(kind, Chain)
    return [value[0], value[2], value[1]]


def _fits(kind: Kind, value: Any) -> bool:
    try:
        kind.check(value)
    except SchemaError:
        return False
    return True


def _swap_sign(token: str) -> str:
    middle = len(token) // 2
    return token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]


def places(record: Any) -> Iterator[tuple[Place, Slot]]:
    """Yield where each field of `record` is found in its JSON form, and what it may hold."""
    for slot in schema.slots_of(type(record)):
        value = getattr(record, slot.field)
        yield (slot.name,), slot
        if value is None or slot.record is None:
            continue
        items = enumerate(value) if slot.counts else [(None, value)]
        for index, item in items:
            above: Place = (slot.name,) if index is None else (slot.name, index)
            for place, inner in places(item):
                yield (*above, *place), inner


def get(fields: Any, place: Place) -> Any:
    for step in place:
        if isinstance(fields, dict) and step not in fields:
            return None
        fields = fields[step]
    return fields


def put(fields: Any, place: Place, value: Any) -> Any:
    """Return a copy of `fields` with `value` at `place`, or without it where value is `...`."""
    step, *rest = place
    if isinstance(fields, list):
        assert isinstance(step, int)
        return [*fields[:step], put(fields[step], tuple(rest), value), *fields[step + 1 :]]
    if rest:
        return {**fields, step: put(fields[step], tuple(rest), value)}
    if value is ...:
        return {name: item for name, item in fields.items() if name != step}
    return {**fields, step: value}


def plausible(record: Any, foreign: Mapping[str, Any] | None = None) -> Iterator[Mutation]:
    """Yield the JSON form of `record` with one field altered within its kind, field by field.

    `foreign` holds, by field, the token of another transaction to put in a token's place. Lists
    lose an item or turn round; optional fields go or, if `foreign` has them, come.
    """
    fields = schema.write(record)
    for place, slot in places(record):
        name = ".".join(map(str, place))
        value = get(fields, place)
        if slot.optional:
            changed = ... if value is not None else (foreign or {}).get(name)
            if changed is not None:
                yield f"{name} gone or come", put(fields, place, changed)
        if value is None:
            continue
        if slot.counts:
            yield f"{name} shortened", put(fields, place, value[:-1])
            if len(value) > 1:
                yield f"{name} turned round", put(fields, place, value[::-1])
            for index, item in enumerate(value if slot.kind else []):
                assert slot.kind
                changed = [*value[:index], another(slot.kind, item), *value[index + 1 :]]
                yield f"{name}.{index}", put(fields, place, changed)
        elif slot.kind:
            changed = another(slot.kind, value, (foreign or {}).get(name))
            if changed is not None:
                yield name, put(fields, place, changed)


def impossible(record: Any) -> Iterator[Mutation]:
    """Yield the JSON form of `record` altered so that no schema can accept it."""
    fields = schema.write(record)
    yield "an unknown field", {**fields, "surplus": "4000001234567899"}
    for place, slot in places(record):
        name = ".".join(map(str, place))
        if get(fields, place) is None:
            continue
        if not slot.optional:
            yield f"{name} missing", put(fields, place, ...)
        if slot.record and not slot.counts:
            inner = {**get(fields, place), "surplus": "4000001234567899"}
            yield f"{name} with an unknown field", put(fields, place, inner)
        for index, value in enumerate(NONSENSE):
            if not (slot.counts and value == []):
                yield f"{name} nonsense {index}", put(fields, place, value)
        if slot.counts:
            most = slot.counts[1]
            item = (get(fields, place) or [1])[0]
            yield f"{name} too many", put(fields, place, [item] * (most + 1))
        elif isinstance(slot.kind, Text):
            yield f"{name} too long", put(fields, place, "a" * (slot.kind.longest + 1))
        elif isinstance(slot.kind, Number):
            yield f"{name} too small", put(fields, place, slot.kind.least - 1)
            yield f"{name} too large", put(fields, place, slot.kind.most + 1)
