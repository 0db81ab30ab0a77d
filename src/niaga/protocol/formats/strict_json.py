"""JSON that means one thing: no duplicate names, no NaN, no lone surrogates, bounded depth."""

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from niaga.protocol.errors import EncodingError, TooLargeError

DEEPEST = 16
_NUMBER_DIGITS = 20
_MAYBE_SURROGATE = re.compile(rb"\\[uU][dD]")


def read(content: bytes, *, max_bytes: int) -> Any:
    """Return the value `content` (UTF-8, no byte order mark) spells.

    Raises:
        TooLargeError: longer than `max_bytes`.
        EncodingError: not JSON as described above.
    """
    if len(content) > max_bytes:
        raise TooLargeError(f"{len(content)} bytes of JSON")
    try:
        value = _DECODER.decode(content.decode("utf-8"))
        if content.count(b"[") + content.count(b"{") > DEEPEST:
            _check_depth(value, 0)
        if _MAYBE_SURROGATE.search(content):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise EncodingError("not strict JSON") from error
    return value


def read_object(content: bytes, *, max_bytes: int) -> dict[str, Any]:
    """Return the object `content` spells; another value is an EncodingError."""
    value = read(content, max_bytes=max_bytes)
    if not isinstance(value, dict):
        raise EncodingError("not a JSON object")
    return value


def write(value: Any) -> bytes:
    """Return `value` as compact UTF-8 JSON, names in the order they are given."""
    return _ENCODER.encode(value).encode()


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name occurs twice")
    return made


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _int(digits: str) -> int:
    if len(digits) > _NUMBER_DIGITS:
        raise ValueError("a number is too long")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if value in {float("inf"), float("-inf")}:
        raise ValueError("a number is too large")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_refuse, parse_int=_int, parse_float=_float
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _check_depth(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        for item in value.values():
            _check_depth(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check_depth(item, depth + 1)
