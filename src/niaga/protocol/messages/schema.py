"""The grammar of messages: frozen dataclasses whose annotations say what each field may hold.

A field is `Annotated[type, Kind(...)]`, or a nested record, or a tuple of records; `| None` makes
it one that may be left out. Reading refuses unknown names, missing names and every value outside
its kind, so that nothing can travel for which no field was declared.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, dataclass, fields
from enum import Enum
from functools import cache, partial
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin, get_type_hints

from niaga.protocol.errors import SchemaError
from niaga.protocol.formats import base64url

_PART = re.compile(r"[A-Za-z0-9_-]+")
_SIGNED = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}")
_SEALED = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){4}")


class Party(Enum):
    """Who takes part, and so may read."""

    WALLET = "wallet page"
    WALLET_ORIGIN = "wallet's server"
    MERCHANT = "merchant"
    GATEWAY = "gateway"
    ISSUER = "issuer"
    AUTHORITY = "authority"


class About(Enum):
    """What a field tells, where that matters to need-to-know."""

    ORDER = "order"
    INSTRUMENT = "instrument"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class Wire:
    """The field's name on the wire where Python could not spell it."""

    name: str


class Kind:
    """What values a field may hold; subclasses check one."""

    def check(self, value: Any) -> None:
        """Return if `value` (as JSON gives it) is of this kind, else raise SchemaError."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """A text of 1 to `longest` characters, without control characters, matching `pattern` whole."""

    longest: int
    pattern: str = r"[^\x00-\x1f\x7f\u2028\u2029]+"

    def check(self, value: Any) -> None:
        """See `Kind`."""
        if not isinstance(value, str) or len(value) > self.longest:
            raise SchemaError("not a text of the allowed length")
        if not _form(self.pattern).fullmatch(value):
            raise SchemaError("a text of another form")


@dataclass(frozen=True, slots=True)
class Bits(Kind):
    """Exactly so many bits (a multiple of 8) in base64url: nonces, identifiers, digests."""

    bits: int

    def check(self, value: Any) -> None:
        """See `Kind`."""
        _check_base64url(value, self.bits // 8, self.bits // 8)


@dataclass(frozen=True, slots=True)
class Blob(Kind):
    """One to `longest` bytes in base64url."""

    longest: int

    def check(self, value: Any) -> None:
        """See `Kind`."""
        _check_base64url(value, 1, self.longest)


@dataclass(frozen=True, slots=True)
class Number(Kind):
    """A whole number between two bounds, both allowed."""

    least: int
    most: int

    def check(self, value: Any) -> None:
        """See `Kind`."""
        if type(value) is not int or not self.least <= value <= self.most:
            raise SchemaError("not a whole number within its bounds")


@dataclass(frozen=True, slots=True)
class OneOf(Kind):
    """One of a few words."""

    words: tuple[str, ...]

    def check(self, value: Any) -> None:
        """See `Kind`."""
        if not isinstance(value, str) or value not in self.words:
            raise SchemaError("not one of the words allowed")


@dataclass(frozen=True, slots=True)
class Chain(Kind):
    """A certificate chain as `x5c` has it; certificates are judged when they are used."""

    length: ClassVar[int] = 3
    longest: ClassVar[int] = 4096

    def check(self, value: Any) -> None:
        """See `Kind`."""
        if not isinstance(value, list) or len(value) != self.length:
            raise SchemaError("not a chain of three")
        for text in value:
            if not isinstance(text, str) or not 0 < len(text) <= self.longest:
                raise SchemaError("not a chain of certificates")


@dataclass(frozen=True, slots=True)
class Signed(Kind):
    """Another message, signed; whoever reads this field reads that message."""

    message: str
    longest: int

    def check(self, value: Any) -> None:
        """See `Kind`."""
        _check_token(value, self.longest, _SIGNED)


@dataclass(frozen=True, slots=True)
class Disclosed(Kind):
    """A disclosure of a record; whoever reads this field reads the record."""

    record: str
    longest: int

    def check(self, value: Any) -> None:
        """See `Kind`."""
        _check_token(value, self.longest, _PART)


@dataclass(frozen=True, slots=True)
class Sealed(Kind):
    """Another record, encrypted by `writer`; only `reader` reads it, whoever carries it."""

    record: str
    reader: Party
    longest: int
    writer: Party = Party.WALLET

    def check(self, value: Any) -> None:
        """See `Kind`."""
        _check_token(value, self.longest, _SEALED)


def _check_token(value: Any, longest: int, form: re.Pattern[str]) -> None:
    if not isinstance(value, str) or len(value) > longest or not form.fullmatch(value):
        raise SchemaError("not a token of the allowed form and length")


def _check_base64url(value: Any, least: int, most: int) -> None:
    if not isinstance(value, str) or len(value) > most * 4 // 3 + 2:
        raise SchemaError("not base64url of the allowed length")
    if not base64url.is_canonical(value):
        raise SchemaError("not base64url")
    if not least <= len(value) * 3 // 4 <= most:
        raise SchemaError("not base64url of the allowed length")


@cache
def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@dataclass(frozen=True, slots=True)
class Slot:
    """One field of a record, as its annotation describes it.

    Attributes:
        field: its name in Python.
        name: its name on the wire.
        kind: what a plain value may be; None where `record` is set.
        record: the nested record's class, or None.
        counts: for a list, the least and the greatest number of items; None for a single value.
        optional: whether it may be left out.
        about: what it tells.
    """

    field: str
    name: str
    kind: Kind | None
    record: type[Any] | None
    counts: tuple[int, int] | None
    optional: bool
    about: About | None


@dataclass(frozen=True, slots=True)
class Many:
    """Least and greatest number of items of a list."""

    least: int
    most: int


_known: dict[type[Any], tuple[Slot, ...]] = {}


def slots_of(record: type[Any]) -> tuple[Slot, ...]:
    """Return the fields of a record class in their order on the wire."""
    if record not in _known:
        hints = get_type_hints(record, include_extras=True)
        _known[record] = tuple(_slot(item, hints[item.name]) for item in fields(record))
    return _known[record]


def _slot(item: Field[Any], hint: Any) -> Slot:
    optional = False
    if get_origin(hint) in {Union, UnionType}:
        (hint,) = (part for part in get_args(hint) if part is not NoneType)
        optional = True
        assert item.default is None
    else:
        assert item.default is MISSING
    marks: tuple[Any, ...] = ()
    while get_origin(hint) is Annotated:
        hint, *more = get_args(hint)
        marks = (*marks, *more)
    counts = next(((mark.least, mark.most) for mark in marks if isinstance(mark, Many)), None)
    if counts:
        hint = get_args(hint)[0]
        while get_origin(hint) is Annotated:
            hint, *more = get_args(hint)
            marks = (*marks, *more)
    kind = next((mark for mark in marks if isinstance(mark, Kind)), None)
    return Slot(
        field=item.name,
        name=next((mark.name for mark in marks if isinstance(mark, Wire)), item.name),
        kind=kind,
        record=None if kind else hint,
        counts=counts,
        optional=optional,
        about=next((mark for mark in marks if isinstance(mark, About)), None),
    )


def read[R](record: type[R], value: Any) -> R:
    """Return `value` (as JSON gives it) as a `record`.

    Raises:
        SchemaError: an unknown or missing name, or a value outside its kind; the text names the
            place but not the value.
    """
    try:
        made: R = _read(record, value)
    except SchemaError as error:
        raise SchemaError(f"{record.__name__}{error}") from error
    return made


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a record is read: the names it may and must have, and what is done with each value.

    A step is (name on the wire, field, check, make): a plain value is checked, another is made.
    """

    names: frozenset[str]
    needed: frozenset[str]
    steps: tuple[tuple[str, str, Callable[[Any], None] | None, Callable[[Any], Any] | None], ...]


@cache
def _plan_of(record: type[Any]) -> _Plan:
    slots = slots_of(record)
    return _Plan(
        names=frozenset(slot.name for slot in slots),
        needed=frozenset(slot.name for slot in slots if not slot.optional),
        steps=tuple((slot.name, slot.field, *_ways(slot)) for slot in slots),
    )


def _ways(slot: Slot) -> tuple[Callable[[Any], None] | None, Callable[[Any], Any] | None]:
    """Return how a slot's value is checked, or (where it is not what JSON gives) made."""
    if slot.counts is not None:
        return None, partial(_read_many, slot)
    if slot.record is not None:
        return None, partial(_read, slot.record)
    assert slot.kind is not None
    if isinstance(slot.kind, Chain):
        return None, partial(_read_one, slot)
    return slot.kind.check, None


def _read(record: type[Any], value: Any) -> Any:
    """Return the record; the text of an error begins with its place inside of it."""
    if not isinstance(value, dict):
        raise SchemaError(": not an object")
    plan = _plan_of(record)  # type: ignore[arg-type]  # mypy doubts that classes have hashes
    if unknown := value.keys() - plan.names:
        raise SchemaError(f": {len(unknown)} unknown names")
    if missing := plan.needed - value.keys():
        raise SchemaError(f".{min(missing)}: missing")
    made: dict[str, Any] = {}
    name = ""
    try:
        for name, field, check, make in plan.steps:
            if name in value:
                made[field] = item = value[name]
                if check is not None:
                    check(item)
                elif make is not None:
                    made[field] = make(item)
    except SchemaError as error:
        raise SchemaError(f".{name}{_placed(error)}") from error
    return record(**made)


def _read_many(slot: Slot, value: Any) -> tuple[Any, ...]:
    assert slot.counts is not None
    least, most = slot.counts
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise SchemaError("not a list of the allowed length")
    made = []
    for place, item in enumerate(value):
        try:
            made.append(_read_one(slot, item))
        except SchemaError as error:
            raise SchemaError(f"[{place}]{_placed(error)}") from error
    return tuple(made)


def _read_one(slot: Slot, value: Any) -> Any:
    if slot.record is not None:
        return _read(slot.record, value)
    assert slot.kind is not None
    slot.kind.check(value)
    return tuple(value) if isinstance(value, list) else value


def _placed(error: SchemaError) -> str:
    """Return the text of an error, which may begin with a place of its own."""
    text = str(error)
    return text if text.startswith((".", "[", ":")) else f": {text}"


def write(record: Any) -> dict[str, Any]:
    """Return a record as JSON values; what is None is left out."""
    made = {}
    for slot in slots_of(type(record)):
        value = getattr(record, slot.field)
        if value is not None:
            made[slot.name] = _write_value(slot, value)
    return made


def _write_value(slot: Slot, value: Any) -> Any:
    if slot.counts is not None:
        return [write(item) if slot.record else item for item in value]
    if slot.record is not None:
        return write(value)
    return list(value) if isinstance(value, tuple) else value


def walk(record: type[Any], place: str = "") -> Iterator[tuple[str, Slot]]:
    """Yield every field of `record` and of the records nested in it, with its place."""
    for slot in slots_of(record):
        here = f"{place}{slot.name}"
        yield here, slot
        if slot.record is not None:
            yield from walk(slot.record, f"{here}.")
