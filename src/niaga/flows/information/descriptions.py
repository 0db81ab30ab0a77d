"""What a seller says of a product, and the rules it must keep. Pure but for the shelves."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from stdnum import ean

from niaga.flows.information.catalogue import Shelf, TypedAttribute, shelves
from niaga.flows.information.models import Product
from niaga.flows.information.text import clean
from niaga.kernel.refusal import Refusal

LONGEST = {"name_id": 140, "name_en": 140, "brand": 60, "description_id": 20_000}
LONGEST |= {"description_en": LONGEST["description_id"]}
MOST_VARIANTS = 100
MOST_TAGS = 20
HEAVIEST_G = 1_000_000


@dataclass(eq=False)
class DescriptionInvalid(Refusal):
    """A field breaks a rule. `field` is its path (`name_id`, `attributes.roast`, `sku`).

    Rules: `required`, `too_long`, `too_many`, `unknown`, `not_a_number`, `not_a_choice`,
    `not_yes_or_no`, `twice`, `taken`, `check_digit`, `out_of_range`, `options_differ`, `fixed`.
    """

    code: ClassVar[str] = "description_invalid"
    field: str
    rule: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class VariantDescription:
    """One sellable form; `options` keep their order, such as {"Ukuran": "M"}."""

    sku: str
    options: Mapping[str, str] = field(default_factory=dict)
    gtin: str = ""
    weight_g: int = 0


@dataclass(frozen=True, slots=True)
class ProductDescription:
    """A product as its seller describes it; `attributes` by code, texts as typed or typed values.

    `kind` is goods, digital or service.
    """

    category_path: str
    kind: str
    name_id: str
    variants: tuple[VariantDescription, ...]
    name_en: str = ""
    description_id: str = ""
    description_en: str = ""
    brand: str = ""
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)


def checked_description(said: ProductDescription) -> ProductDescription:
    """Return the description cleaned and typed.

    Raises:
        DescriptionInvalid: a field breaks a rule; the first found is named.
    """
    shelf = shelves().get(said.category_path)
    if shelf is None:
        raise DescriptionInvalid("category", "unknown", said.category_path)
    if said.kind not in Product.Kind.values:
        raise DescriptionInvalid("kind", "unknown", said.kind)
    texts = {name: clean(getattr(said, name)).strip() for name in LONGEST}
    for name, text in texts.items():
        if len(text) > LONGEST[name]:
            raise DescriptionInvalid(name, "too_long", text[:40])
    if not texts["name_id"]:
        raise DescriptionInvalid("name_id", "required")
    return replace(
        said,
        **texts,
        tags=_tags(said.tags),
        attributes=_attributes(said.attributes, shelf),
        variants=_variants(said.variants),
    )


def _tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(t for tag in tags if (t := clean(tag).strip().lower())))
    if len(found) > MOST_TAGS:
        raise DescriptionInvalid("tags", "too_many", str(len(found)))
    if long := next((t for t in found if len(t) > 40), None):
        raise DescriptionInvalid("tags", "too_long", long[:40])
    return found


def _attributes(stated: Mapping[str, Any], shelf: Shelf) -> dict[str, Any]:
    known = {a.code: a for a in shelf.attributes}
    values: dict[str, Any] = {}
    for code, value in stated.items():
        text = clean(str(value)).strip()
        if value is None or not text:
            continue
        if code not in known:
            raise DescriptionInvalid(f"attributes.{code}", "unknown", text[:40])
        values[code] = checked_attribute(known[code], text)
    return values


def checked_attribute(attribute: TypedAttribute, text: str) -> str | int | float | bool:
    """Return the value of the attribute's type that `text` (not empty) states.

    Raises:
        DescriptionInvalid: it states none; a choice may be given by code or by either label.
    """
    where = f"attributes.{attribute.code}"
    if attribute.kind == "number":
        return _number(where, text)
    if attribute.kind == "boolean":
        if text.lower() in {"true", "1", "ya", "yes", "y"}:
            return True
        if text.lower() in {"false", "0", "tidak", "no", "t", "n"}:
            return False
        raise DescriptionInvalid(where, "not_yes_or_no", text[:40])
    if attribute.kind == "choice":
        for choice in attribute.choices:
            if text.lower() in {part.lower() for part in choice}:
                return choice[0]
        raise DescriptionInvalid(where, "not_a_choice", text[:40])
    if len(text) > 200:
        raise DescriptionInvalid(where, "too_long", text[:40])
    return text


def _number(where: str, text: str) -> int | float:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise DescriptionInvalid(where, "not_a_number", text[:40])
    if abs(number) > 10**12:
        raise DescriptionInvalid(where, "out_of_range", text[:40])
    return int(number) if number == number.to_integral_value() else float(number)


def _variants(variants: tuple[VariantDescription, ...]) -> tuple[VariantDescription, ...]:
    if not variants:
        raise DescriptionInvalid("variants", "required")
    if len(variants) > MOST_VARIANTS:
        raise DescriptionInvalid("variants", "too_many", str(len(variants)))
    made = tuple(_variant(v) for v in variants)
    axes = tuple(made[0].options)
    seen: set[str] = set()
    forms: set[tuple[str, ...]] = set()
    for variant in made:
        if variant.sku in seen:
            raise DescriptionInvalid("sku", "twice", variant.sku)
        if set(variant.options) != set(axes):
            raise DescriptionInvalid("options", "options_differ", variant.sku)
        form = tuple(variant.options[axis] for axis in axes)
        if form in forms:
            raise DescriptionInvalid("options", "twice", ", ".join(form)[:40])
        seen.add(variant.sku)
        forms.add(form)
    return made


def _variant(said: VariantDescription) -> VariantDescription:
    sku = clean(said.sku).strip()
    if not sku:
        raise DescriptionInvalid("sku", "required")
    if len(sku) > 60:
        raise DescriptionInvalid("sku", "too_long", sku[:40])
    options = {clean(k).strip(): clean(v).strip() for k, v in said.options.items()}
    for name, value in options.items():
        if not name or not value:
            raise DescriptionInvalid("options", "required", name or value)
        if len(name) > 40 or len(value) > 60:
            raise DescriptionInvalid("options", "too_long", value[:40])
    gtin = said.gtin.strip()
    if gtin and not ean.is_valid(gtin):
        raise DescriptionInvalid("gtin", "check_digit", gtin[:40])
    if not 0 <= said.weight_g <= HEAVIEST_G:
        raise DescriptionInvalid("weight_g", "out_of_range", str(said.weight_g))
    return VariantDescription(sku, options, ean.compact(gtin) if gtin else "", said.weight_g)
