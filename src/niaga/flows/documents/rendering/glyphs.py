"""Texts made printable: PDF/A refuses a character that the document's font cannot draw."""

import re
import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from anyascii import anyascii

FONTS = Path(__file__).parent / "fonts"

_BREAK = "\u200b"
_LONG_WORD = re.compile(r"[^\s/-]{25,}")
_STEP = 12


def printable(text: str) -> str:
    """Return `text` in characters that the document's font can draw.

    Letters of other scripts are romanised (`张伟` is `ZhangWei`), emoji and control characters
    are left out, and words longer than a column get places to break.
    """
    known = _drawable()
    normal = unicodedata.normalize("NFC", text)
    words = "".join(c if c.isspace() else _drawn(c, known) for c in normal)
    return _LONG_WORD.sub(_breakable, " ".join(words.split()))


def _drawn(character: str, known: frozenset[int]) -> str:
    category = unicodedata.category(character)
    if ord(character) in known and category != "Cf":
        return character
    if category[0] in "CM" or category in {"So", "Sk"}:
        return ""
    return "".join(c for c in anyascii(character) if ord(c) in known)


def _breakable(match: re.Match[str]) -> str:
    word = match[0]
    return _BREAK.join(word[i : i + _STEP] for i in range(0, len(word), _STEP))


@cache
def _drawable() -> frozenset[int]:
    """Return the code points that every weight of the font has."""
    weights = [frozenset(_code_points(path.read_bytes())) for path in sorted(FONTS.glob("*.ttf"))]
    return frozenset.intersection(*weights)


def _code_points(font: bytes) -> Iterator[int]:
    """Yield what the font's `cmap` table maps (OpenType, segment mapping: format 4)."""
    (tables,) = struct.unpack_from(">H", font, 4)
    records = (struct.unpack_from(">4s4xI", font, 12 + 16 * i) for i in range(tables))
    cmap = next(offset for tag, offset in records if tag == b"cmap")
    (encodings,) = struct.unpack_from(">H", font, cmap + 2)
    offsets = (struct.unpack_from(">4xI", font, cmap + 4 + 8 * i)[0] for i in range(encodings))
    for start in {cmap + offset for offset in offsets}:
        if struct.unpack_from(">H", font, start) == (4,):
            yield from _segments(font, start)


def _segments(font: bytes, start: int) -> Iterator[int]:
    (double,) = struct.unpack_from(">H", font, start + 6)
    row = f">{double // 2}H"
    ends = struct.unpack_from(row, font, start + 14)
    starts, deltas, ranges = (
        struct.unpack_from(row, font, start + 16 + double * i) for i in (1, 2, 3)
    )
    for i, (first, last, delta, shift) in enumerate(zip(starts, ends, deltas, ranges, strict=True)):
        base = start + 16 + double * 3 + 2 * i + shift
        for code in range(first, last + 1):
            glyph = (
                code if not shift else struct.unpack_from(">H", font, base + 2 * (code - first))[0]
            )
            if (glyph + delta if glyph else 0) % 0x10000 and code != 0xFFFF:
                yield code
