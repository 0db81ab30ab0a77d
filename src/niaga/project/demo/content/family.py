"""Reads a family of products (written as families/README.md says) and builds its products."""

import hashlib
import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from niaga.project.demo.content.schema import (
    Attribute,
    AttributeValue,
    Company,
    DigitalFile,
    Product,
    ProductKind,
    Slots,
    Tax,
    Variant,
)

GS1_INDONESIA = "899"


@dataclass(frozen=True, slots=True)
class Axis:
    """One option of the variants; `factors` and `grams` are empty or as long as `values`."""

    code: str
    values: tuple[str, ...]
    factors: tuple[float, ...]
    grams: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One product of a family as written: its own words, keys and price in rupiah."""

    number: int
    name_id: str
    name_en: str
    price_idr: int
    keys: Mapping[str, str]
    note_id: str
    note_en: str


@dataclass(frozen=True, slots=True)
class Family:
    """Products of one company on one shelf that share a text and a way of varying."""

    company: Company
    category: str
    code: str
    number: int
    kind: ProductKind
    brand: str
    tax: Tax
    emoji: tuple[str, ...]
    props: tuple[str, ...]
    shape: str
    colours: tuple[str, ...]
    tags: tuple[str, ...]
    attributes: Mapping[str, str]
    axes: tuple[Axis, ...]
    grams: int
    stock: int
    has_gtin: bool
    text_id: str
    text_en: str
    slots: Slots | None
    file: Mapping[str, str] | None
    lines: tuple[Line, ...]
    reviews: tuple[tuple[int, int, str, str, str], ...]


def chance(*parts: object) -> int:
    """Return a number that depends on nothing but the parts (32 bits, the same everywhere)."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.blake2s(text.encode(), digest_size=4).digest())


def slug_of(name: str) -> str:
    """Return a name as a slug: ASCII letters, digits and hyphens, at most 80 characters."""
    plain = name.lower().replace("é", "e").replace("&", " dan ")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].rstrip("-")


def gtin13(body: str) -> str:
    """Return 12 digits with their GS1 check digit."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def _codes(characters: Iterable[str]) -> tuple[str, ...]:
    return tuple("-".join(f"{ord(point):04x}" for point in text) for text in characters)


def _rows(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in row.split("|")]
        for row in text.strip().splitlines()
        if row.strip()
    ]


def _line(number: int, cells: list[str]) -> Line:
    name_id, name_en, price, keys, note_id, note_en = cells
    pairs = [pair.split("=", 1) for pair in keys.split(";") if pair.strip()]
    return Line(
        number=number,
        name_id=name_id,
        name_en=name_en,
        price_idr=int(price),
        keys={key.strip(): value.strip() for key, value in pairs},
        note_id=note_id,
        note_en=note_en,
    )


def _axis(row: Mapping[str, Any]) -> Axis:
    return Axis(
        row["code"],
        tuple(row["values"]),
        tuple(row.get("factors", ())),
        tuple(row.get("grams", ())),
    )


def read_family(company: Company, row: Mapping[str, Any], number: int) -> Family:
    """Return a family from its TOML table.

    Raises:
        KeyError: a needed key is missing.
        ValueError: an item or review has the wrong number of columns.
    """
    slots = row.get("slots")
    prefix = "".join(word[:2] for word in company.slug.split("-")).upper()
    return Family(
        company=company,
        category=row["category"],
        code=f"{prefix}-{number + 1:02d}",
        number=number + 1,
        kind=row.get("kind", "goods"),
        brand=row.get("brand", company.name),
        tax=row.get("tax", "standard"),
        emoji=_codes(row["emoji"]),
        props=_codes(row.get("props", ())),
        shape=row.get("shape", ""),
        colours=tuple(row["colours"]),
        tags=tuple(row.get("tags", ())),
        attributes=row.get("attributes", {}),
        axes=tuple(_axis(axis) for axis in row.get("axes", ())),
        grams=row.get("grams", 0),
        stock=row.get("stock", 40),
        has_gtin=row.get("gtin", False),
        text_id=row["text_id"],
        text_en=row["text_en"],
        slots=Slots(**{**slots, "weekdays": tuple(slots["weekdays"])}) if slots else None,
        file=row.get("file"),
        lines=tuple(_line(place + 1, cells) for place, cells in enumerate(_rows(row["items"]))),
        reviews=tuple(
            (int(item), int(stars), language, title, body)
            for item, stars, language, title, body in _rows(row.get("reviews", ""))
        ),
    )


def _value(attribute: Attribute, text: str) -> AttributeValue:
    if attribute.kind == "number":
        return float(text) if "." in text else int(text)
    if attribute.kind == "boolean":
        return {"ya": True, "tidak": False}[text]
    return text


def _shown(attribute: Attribute, value: AttributeValue, language: Literal["id", "en"]) -> str:
    if attribute.kind == "choice":
        names = {code: (name_id, name_en) for code, name_id, name_en in attribute.choices}
        return names[str(value)][language == "en"].lower()
    if attribute.kind == "number" and isinstance(value, int | float):
        grouped = f"{value:,}"
        return grouped.replace(",", ".") if language == "id" else grouped
    return str(value)


def build_product(family: Family, line: Line, attributes: Mapping[str, Attribute]) -> Product:
    """Return the product of one line.

    Raises:
        KeyError: the line or text names an attribute that the category lacks.
    """
    keys = {**family.attributes, **line.keys}
    own = {key[1:]: value for key, value in keys.items() if key.startswith("@")}
    values = {
        key: _value(attributes[key], text) for key, text in keys.items() if not key.startswith("@")
    }
    shown_id = {key: _shown(attributes[key], value, "id") for key, value in values.items()}
    shown_en = {key: _shown(attributes[key], value, "en") for key, value in values.items()}
    slug = own.get("slug") or slug_of(line.name_id)
    emoji = _codes([own["emoji"]])[0] if "emoji" in own else _turn(family.emoji, line)
    return Product(
        company=family.company.slug,
        category=family.category,
        slug=slug,
        name_id=line.name_id,
        name_en=line.name_en,
        description_id=f"{line.note_id} {family.text_id.format(**shown_id)}".strip(),
        description_en=f"{line.note_en} {family.text_en.format(**shown_en)}".strip(),
        brand=family.brand,
        kind=family.kind,
        emoji=emoji,
        colour=own.get("backdrop") or _turn(family.colours, line),
        tags=family.tags + tuple(tag for tag in own.get("tags", "").split(",") if tag),
        attributes=values,
        variants=build_variants(family, line, own, slug),
        tax=family.tax,
        slots=family.slots,
        file=_file(family, line, slug),
        tint=own.get("tint"),
        shape=own.get("shape", family.shape),
        motif=own.get("motif", ""),
        props=_codes(own["props"].split(",")) if "props" in own else family.props,
    )


def _turn(values: tuple[str, ...], line: Line) -> str:
    return values[(line.number - 1) % len(values)]


def _file(family: Family, line: Line, slug: str) -> DigitalFile | None:
    if family.file is None:
        return None
    heading = f"{line.name_id}\n{'=' * len(line.name_id)}\n\n{line.note_id}\n\n"
    ending = f"\n\n{family.company.name}\n"
    return DigitalFile(
        file_name=f"{slug}.{family.file['ending']}",
        text=heading + family.file["text"].strip() + ending,
    )


def _choices(axis: Axis, own: Mapping[str, str]) -> list[tuple[str, str, float, int | None]]:
    values = tuple(own[axis.code].split(",")) if axis.code in own else axis.values
    known = dict(zip(axis.values, itertools.count(), strict=False))
    return [
        (
            axis.code,
            value,
            axis.factors[known[value]] if axis.factors and value in known else 1.0,
            axis.grams[known[value]] if axis.grams and value in known else None,
        )
        for value in values
    ]


def build_variants(
    family: Family, line: Line, own: Mapping[str, str], slug: str
) -> tuple[Variant, ...]:
    """Return a line's variants: every combination of the family's axes, priced and stocked."""
    variants = []
    crossed = int(own["was"]) if "was" in own else None
    for place, combination in enumerate(
        itertools.product(*(_choices(axis, own) for axis in family.axes))
    ):
        factor, grams = 1.0, int(own.get("g", family.grams))
        for _, _, step, own_grams in combination:
            factor *= step
            grams = own_grams or grams
        sku = f"{family.code}-{line.number:02d}-{place + 1:02d}"
        variants.append(
            Variant(
                sku=sku,
                options={code: value for code, value, _, _ in combination},
                price_idr=rounded(line.price_idr * factor),
                compare_at_idr=rounded(crossed * factor) if crossed else None,
                weight_g=grams if family.kind == "goods" else 0,
                gtin=_gtin(family, line, place + 1) if family.has_gtin else None,
                stock=_stock(family, sku, slug),
            )
        )
    return tuple(variants)


def rounded(rupiah: float) -> int:
    """Return a price that a shop would write: a multiple of 500, of 1.000 from 100.000 on."""
    step = 1000 if rupiah >= 100_000 else 500
    return max(step, round(rupiah / step) * step)


def _gtin(family: Family, line: Line, place: int) -> str:
    company = (
        sum(ord(letter) * (step + 1) for step, letter in enumerate(family.company.slug)) % 1000
    )
    return gtin13(f"{GS1_INDONESIA}{company:03d}{family.number:02d}{line.number:02d}{place:02d}")


def _stock(family: Family, sku: str, slug: str) -> dict[str, int]:
    if family.kind != "goods":
        return {}
    counts = {}
    for place, location in enumerate(family.company.locations):
        full = max(2, family.stock // (1 + place))
        empty = place > 0 and chance(slug, sku, location.code) % 5 == 0
        counts[location.code] = 0 if empty else 1 + chance(sku, location.code, "n") % full
    return counts
