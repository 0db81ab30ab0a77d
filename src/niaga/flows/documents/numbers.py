"""Numbers of documents: patterns a seller may choose, such as `INV/{seller}/{year}/{number:05}`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from niaga.flows.documents.rendering.content import Kind
from niaga.kernel.refusal import Refusal

PATTERNS: dict[Kind, str] = {
    "quotation": "PH/{seller}/{year}/{number:05}",
    "order_confirmation": "KP/{seller}/{year}/{number:05}",
    "pro_forma": "PF/{seller}/{year}/{number:05}",
    "delivery_note": "SJ/{seller}/{year}/{number:05}",
    "invoice": "INV/{seller}/{year}/{number:05}",
    "receipt": "KW/{seller}/{year}/{number:05}",
    "credit_note": "NK/{seller}/{year}/{number:05}",
    "return_slip": "RT/{seller}/{year}/{number:05}",
    "commission_invoice": "KOM/{seller}/{year}/{number:05}",
    "commission_credit": "NKK/{seller}/{year}/{number:05}",
    "payout_advice": "PB/{seller}/{year}/{number:05}",
    "withholding_proof": "BP/{seller}/{year}/{number:05}",
}
LONGEST = 60
SELLER_LONGEST = 24

_PARTS = re.compile(r"\{(year|seller|number)(?::0([1-9]))?\}")
_LITERAL = re.compile(r"[A-Za-z/._-]*")


@dataclass(eq=False)
class PatternInvalid(Refusal):
    """A number's pattern would not make numbers that are unique and can be read back."""

    pattern: str

    code: ClassVar[str] = "number_pattern_invalid"


@dataclass(eq=False)
class PatternTaken(Refusal):
    """Two kinds of documents would carry the same numbers."""

    pattern: str

    code: ClassVar[str] = "number_pattern_taken"


def format_number(pattern: str, *, seller: str, year: int, serial: int) -> str:
    """Return the number that `pattern` makes; `seller` is the seller's short name.

    Within a seller's year two serials never make the same number, whichever valid patterns made
    them: the serial stands alone, and no other digits are the pattern's own.

    Raises:
        PatternInvalid: see `check_pattern`.
    """
    check_pattern(pattern)

    def filled(part: re.Match[str]) -> str:
        match part[1]:
            case "year":
                return str(year)
            case "seller":
                return seller[:SELLER_LONGEST]
            case _:
                return str(serial).zfill(int(part[2] or 1))

    return _PARTS.sub(filled, pattern)


def check_pattern(pattern: str) -> None:
    """Accept a pattern with one `{year}`, one `{number}`, at most one `{seller}`, apart.

    Between them stand letters and `/ . - _`; only `{number}` may be padded, as `{number:05}`.

    Raises:
        PatternInvalid: it is not like that, or makes numbers longer than 60 letters.
    """
    names = [part[1] for part in _PARTS.finditer(pattern)]
    padded = [part[1] for part in _PARTS.finditer(pattern) if part[2]]
    literals = _PARTS.split(pattern)[::3]
    fits = (
        names.count("year") == names.count("number") == 1
        and names.count("seller") <= 1
        and set(padded) <= {"number"}
        and all(_LITERAL.fullmatch(literal) for literal in literals)
        and all(literals[1:-1])
        and len("".join(literals)) + 4 + 10 + SELLER_LONGEST <= LONGEST
    )
    if not fits:
        raise PatternInvalid(pattern)


def checked_patterns(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the patterns that differ from the usual ones.

    Raises:
        PatternInvalid: one of them is no pattern.
        PatternTaken: two kinds would share their numbers.
    """
    whole = {kind: chosen.get(kind) or usual for kind, usual in PATTERNS.items()}
    bare: set[str] = set()
    for pattern in whole.values():
        check_pattern(pattern)
        shape = re.sub(r":0\d", "", pattern)
        if shape in bare:
            raise PatternTaken(pattern)
        bare.add(shape)
    return {kind: pattern for kind, pattern in whole.items() if pattern != PATTERNS[kind]}
