"""Choosing a form of a product: each value of each axis is a link to the variant it leads to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from niaga.stages.sharing.results import ProductPage, SlotView, VariantView

# Sellers write an axis as a code; the usual ones have words.
AXES: dict[str, Promise] = {
    "size": _("Size"),
    "colour": _("Colour"),
    "weight": _("Weight"),
    "grind": _("Grind"),
    "finish": _("Finish"),
    "glaze": _("Glaze"),
    "length": _("Length"),
    "shade": _("Shade"),
    "volume": _("Volume"),
}
FEW_LEFT = 5


@dataclass(frozen=True, slots=True)
class ValueChoice:
    """A value of an axis, and the address of the variant that has it."""

    label: str
    href: str
    chosen: bool
    available: bool


@dataclass(frozen=True, slots=True)
class AxisChoices:
    """A choice to make, such as the size."""

    name: str
    chosen: str
    values: tuple[ValueChoice, ...]


@dataclass(frozen=True, slots=True)
class Choosing:
    """The variant that is looked at, and the ways to the others."""

    variant: VariantView | None
    axes: tuple[AxisChoices, ...]


@dataclass(frozen=True, slots=True)
class SlotDay:
    """The bookable times of a day."""

    day: date
    slots: tuple[SlotView, ...]


def choosing(page: ProductPage, sku: str) -> Choosing:
    """Return the choice with the variant `sku`; the first one to be had where there is none."""
    chosen = _chosen(page.variants, sku)
    if chosen is None:
        return Choosing(None, ())
    axes = tuple(
        AxisChoices(
            name=str(AXES.get(axis.name, axis.name.replace("_", " ").capitalize())),
            chosen=dict(chosen.options).get(axis.name, ""),
            values=tuple(_value(page.variants, chosen, axis.name, value) for value in axis.values),
        )
        for axis in page.axes
    )
    return Choosing(chosen, axes or _by_sku(page.variants, chosen))


def slot_days(slots: Sequence[SlotView]) -> tuple[SlotDay, ...]:
    """Return the times by day, in the market's time zone."""
    by_day = groupby(slots, key=lambda slot: localtime(slot.starts_at).date())
    return tuple(SlotDay(day, tuple(those)) for day, those in by_day)


def most_of(variant: VariantView) -> int:
    """Return how many can be ordered at most."""
    return 999 if variant.available is None else max(1, min(variant.available, 999))


def _chosen(variants: Sequence[VariantView], sku: str) -> VariantView | None:
    by_sku = next((v for v in variants if v.sku == sku), None)
    to_be_had = next((v for v in variants if _to_be_had(v)), None)
    return by_sku or to_be_had or next(iter(variants), None)


def _to_be_had(variant: VariantView) -> bool:
    return variant.on_sale and variant.available != 0


def _value(
    variants: Sequence[VariantView], chosen: VariantView, axis: str, value: str
) -> ValueChoice:
    """Return the way to the variant with `value` that else is most like the chosen one."""
    now = dict(chosen.options)
    those = [v for v in variants if dict(v.options).get(axis) == value]

    def likeness(variant: VariantView) -> tuple[int, bool]:
        same = sum(now.get(name) == v for name, v in variant.options if name != axis)
        return same, _to_be_had(variant)

    nearest = max(those, key=likeness)
    alike = likeness(nearest)[0] == len(nearest.options) - 1
    return ValueChoice(
        label=value,
        href=address(nearest),
        chosen=now.get(axis) == value,
        available=alike and _to_be_had(nearest),
    )


def _by_sku(variants: Sequence[VariantView], chosen: VariantView) -> tuple[AxisChoices, ...]:
    if len(variants) == 1:
        return ()
    values = tuple(
        ValueChoice(v.sku, address(v), v.id == chosen.id, _to_be_had(v)) for v in variants
    )
    return (AxisChoices(str(_("Kind")), chosen.sku, values),)


def address(variant: VariantView) -> str:
    """Return the query string under which the product's page shows this variant."""
    return "?" + urlencode({"v": variant.sku})
