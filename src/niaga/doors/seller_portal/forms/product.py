"""How a product is described: words, the category's attributes, variants as rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from niaga.doors.look.forms import add_refusal, refusal_words
from niaga.flows.information.catalogue import Shelf, TypedAttribute, ancestry, shelves
from niaga.flows.information.descriptions import (
    DescriptionInvalid,
    ProductDescription,
    VariantDescription,
)
from niaga.flows.information.models import Product
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.stages.sharing.commands.list_product import Price, PriceInvalid
from niaga.stages.sharing.models import Offer
from niaga.stages.sharing.own_product_queries import OwnProduct

AXES = 3
MOST_ROWS = 100


def category_choices(language: str) -> list[tuple[str, str]]:
    """Return every shelf with its way from the top."""
    known = shelves()
    return [
        (path, " › ".join(known[p].name(language) for p in ancestry(path) if p in known))
        for path in sorted(
            known, key=lambda path: [known[p].name(language) for p in ancestry(path)]
        )
    ]


class StartForm(forms.Form):
    """What is to be listed, and on which shelf."""

    kind = forms.ChoiceField(
        label=_("What is it?"), choices=Product.Kind.choices, initial=Product.Kind.GOODS
    )
    category = forms.ChoiceField(label=_("Category"))

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category = self.fields["category"]
        assert isinstance(category, forms.ChoiceField)
        category.choices = [("", _("Choose …")), *category_choices(language)]


class ProductForm(StartForm):
    """A product's words; fields `attr_<code>` follow from the category."""

    name_id = forms.CharField(label=_("Name (Indonesian)"), max_length=140)
    name_en = forms.CharField(label=_("Name (English)"), max_length=140, required=False)
    description_id = forms.CharField(
        label=_("Description (Indonesian)"), required=False, widget=forms.Textarea
    )
    description_en = forms.CharField(
        label=_("Description (English)"), required=False, widget=forms.Textarea
    )
    brand = forms.CharField(label=_("Brand"), max_length=60, required=False)
    tags = forms.CharField(
        label=_("Tags"), max_length=400, required=False, help_text=_("Separated by commas.")
    )
    tax = forms.ChoiceField(
        label="PPN",
        choices=[
            (Offer.Tax.STANDARD.value, _("Standard")), (Offer.Tax.EXEMPT.value, _("Exempt"))
        ],
        help_text=_("Your prices include it."),
    )  # fmt: skip
    axis1 = forms.CharField(label=_("First option"), max_length=40, required=False)
    axis2 = forms.CharField(label=_("Second option"), max_length=40, required=False)
    axis3 = forms.CharField(label=_("Third option"), max_length=40, required=False)

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, language=language, **kwargs)
        self.shelf: Shelf | None = shelves().get(str(self["category"].value() or ""))
        for attribute in self.shelf.attributes if self.shelf else ():
            self.fields[f"attr_{attribute.code}"] = _attribute_field(attribute, language)

    def attribute_fields(self) -> list[forms.BoundField]:
        """Return the fields of the category's attributes."""
        return [self[name] for name in self.fields if name.startswith("attr_")]

    def axes(self) -> list[str]:
        """Return the options' names as filled in."""
        return [str(self.cleaned_data[f"axis{n}"]).strip() for n in range(1, AXES + 1)]


def _attribute_field(attribute: TypedAttribute, language: str) -> forms.Field:
    label = attribute.name(language) + (f" ({attribute.unit})" if attribute.unit else "")
    if attribute.kind == "choice":
        choices = [("", "—"), *((c[0], attribute.label(c[0], language)) for c in attribute.choices)]
        return forms.ChoiceField(label=label, choices=choices, required=False)
    if attribute.kind == "boolean":
        answers = [("", "—"), ("true", _("Yes")), ("false", _("No"))]
        return forms.ChoiceField(label=label, choices=answers, required=False)
    widget = forms.TextInput(attrs={"inputmode": "decimal"} if attribute.kind == "number" else {})
    return forms.CharField(label=label, max_length=200, required=False, widget=widget)


class VariantForm(forms.Form):
    """One sellable form; a row without a SKU counts for nothing."""

    sku = forms.CharField(label="SKU", max_length=60, required=False)
    value1 = forms.CharField(label=_("First option"), max_length=60, required=False)
    value2 = forms.CharField(label=_("Second option"), max_length=60, required=False)
    value3 = forms.CharField(label=_("Third option"), max_length=60, required=False)
    price = forms.IntegerField(label=_("Price (Rp)"), required=False, min_value=0)
    compare_at = forms.IntegerField(label=_("Former price (Rp)"), required=False, min_value=0)
    weight_g = forms.IntegerField(label=_("Weight (g)"), required=False, min_value=0)
    gtin = forms.CharField(label=_("Barcode (GTIN)"), max_length=20, required=False)
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        """Ask for a SKU where something else was filled in."""
        data = super().clean() or {}
        said = any(data.get(n) for n in ("value1", "value2", "value3", "price", "gtin"))
        if said and not data.get("sku"):
            self.add_error("sku", _("Please fill this in."))
        return data


VariantRows = forms.formset_factory(
    VariantForm, extra=0, min_num=1, max_num=MOST_ROWS, validate_max=True
)


def product_initial(product: OwnProduct) -> dict[str, Any]:
    """Return what the form shows of a product."""
    axes = _axes(product)
    return {
        "kind": product.kind,
        "category": product.category_path,
        "name_id": product.name_id,
        "name_en": product.name_en,
        "description_id": product.description_id,
        "description_en": product.description_en,
        "brand": product.brand,
        "tags": ", ".join(product.tags),
        "tax": product.tax,
        **{f"axis{n}": axis for n, axis in enumerate(axes, start=1)},
        **{f"attr_{code}": _typed(value) for code, value in product.attributes.items()},
    }


def _typed(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _axes(product: OwnProduct) -> list[str]:
    return list(dict.fromkeys(axis for v in product.variants if v.active for axis in v.options))[
        :AXES
    ]


def variants_initial(product: OwnProduct) -> list[dict[str, Any]]:
    """Return what the rows show of a product's variants."""
    axes = _axes(product)
    return [
        {
            "sku": v.sku,
            "price": int(v.price.major) if v.price else None,
            "compare_at": int(v.compare_at.major) if v.compare_at else None,
            "weight_g": v.weight_g,
            "gtin": v.gtin,
            "active": v.active,
            **{f"value{n}": v.options.get(axis, "") for n, axis in enumerate(axes, start=1)},
        }
        for v in product.variants
    ]


def described(form: ProductForm, rows: Any) -> tuple[ProductDescription, tuple[Price, ...]]:
    """Return what was filled in: the description and the prices; both forms are valid."""
    data = form.cleaned_data
    axes = form.axes()
    used = [r.cleaned_data for r in rows if r.cleaned_data.get("sku") and r.cleaned_data["active"]]
    description = ProductDescription(
        category_path=data["category"],
        kind=data["kind"],
        name_id=data["name_id"],
        name_en=data["name_en"],
        description_id=data["description_id"],
        description_en=data["description_en"],
        brand=data["brand"],
        tags=tuple(data["tags"].split(",")),
        attributes={f.name.removeprefix("attr_"): data[f.name] for f in form.attribute_fields()},
        variants=tuple(_variant(row, axes) for row in used),
    )
    prices = tuple(
        Price(
            row["sku"].strip(),
            Money.of(row["price"]),
            None if row["compare_at"] is None else Money.of(row["compare_at"]),
            data["tax"],
        )
        for row in used
        if row["price"] is not None
    )
    return description, prices


def _variant(row: Mapping[str, Any], axes: Sequence[str]) -> VariantDescription:
    options = {axis: str(row[f"value{n}"]).strip() for n, axis in enumerate(axes, start=1) if axis}
    return VariantDescription(row["sku"], options, row["gtin"], row["weight_g"] or 0)


def add_product_refusal(form: ProductForm, rows: Any, refusal: Refusal) -> None:
    """Put the refusal's words beside the field or the row it speaks of."""
    words = refusal_words(refusal)[1]
    if isinstance(refusal, PriceInvalid):
        name = "compare_at" if refusal.rule == "compare_at_not_above" else "price"
        for row in rows:
            if row.cleaned_data.get("sku", "").strip() == refusal.sku:
                row.add_error(name, words)
                return
    if isinstance(refusal, DescriptionInvalid):
        name = refusal.field.replace("attributes.", "attr_")
        if name in form.fields:
            form.add_error(name, words)
            return
        hit = [
            row
            for row in rows
            if refusal.value
            and refusal.value in {row.cleaned_data.get("sku", ""), row.cleaned_data.get("gtin", "")}
        ]
        if hit and name in hit[-1].fields:
            hit[-1].add_error(name, words)
        else:
            form.add_error(None, f"{_VARIANT_FIELDS.get(name, name)}: {words}")
        return
    add_refusal(form, refusal)


_VARIANT_FIELDS = {
    "variants": _("Variants"),
    "options": _("Options of the variants"),
    "sku": "SKU",
    "gtin": _("Barcode (GTIN)"),
}
