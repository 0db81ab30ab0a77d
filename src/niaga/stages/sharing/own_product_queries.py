"""A product as its seller edits it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from niaga.flows.information.models import Product
from niaga.kernel.money import Money
from niaga.stages.sharing.models import Offer
from niaga.stages.sharing.queries import options_text


@dataclass(frozen=True, slots=True)
class OwnVariant:
    """A sellable form, also one that is out of use."""

    variant_id: UUID
    sku: str
    options: Mapping[str, str]
    gtin: str
    weight_g: int
    active: bool
    price: Money | None
    compare_at: Money | None

    @property
    def options_text(self) -> str:
        """The options in one line."""
        return options_text(dict(self.options))


@dataclass(frozen=True, slots=True)
class OwnPicture:
    """A picture in its place."""

    media_id: UUID
    file: str
    thumbnail: str
    alt: str


@dataclass(frozen=True, slots=True)
class OwnProduct:
    """A product in full."""

    product_id: UUID
    slug: str
    kind: str
    kind_label: str
    state: str
    label: str
    category_path: str
    name_id: str
    name_en: str
    description_id: str
    description_en: str
    brand: str
    tags: tuple[str, ...]
    attributes: Mapping[str, Any]
    tax: str
    variants: tuple[OwnVariant, ...]
    pictures: tuple[OwnPicture, ...]

    @property
    def sku_ids(self) -> tuple[UUID, ...]:
        """The ids of variants in use."""
        return tuple(v.variant_id for v in self.variants if v.active)


def own_product(seller_id: UUID, product_id: UUID) -> OwnProduct | None:
    """Return one of the seller's products, or None; three statements."""
    row = (
        Product.objects.select_related("category")
        .filter(pk=product_id, seller_id=seller_id)
        .first()
    )
    if row is None:
        return None
    variants = list(row.variants.select_related("offer").order_by("-active", "position", "id"))
    offers = [v.offer for v in variants if hasattr(v, "offer")]
    return OwnProduct(
        product_id=row.id,
        slug=row.slug,
        kind=row.kind,
        kind_label=str(row.get_kind_display()),
        state=row.state,
        label=str(row.get_state_display()),
        category_path=row.category.path,
        name_id=row.name_id,
        name_en=row.name_en,
        description_id=row.description_id,
        description_en=row.description_en,
        brand=row.brand,
        tags=tuple(row.tags),
        attributes=row.attributes,
        tax=offers[0].tax if offers else Offer.Tax.STANDARD,
        variants=tuple(_variant(v, getattr(v, "offer", None)) for v in variants),
        pictures=tuple(
            OwnPicture(m.id, m.file, m.thumbnail, m.alt)
            for m in row.media.order_by("position", "id")
        ),
    )


def _variant(row: Any, offer: Offer | None) -> OwnVariant:
    compare_at = offer.compare_at_minor if offer else None
    return OwnVariant(
        variant_id=row.id,
        sku=row.sku,
        options=row.options,
        gtin=row.gtin,
        weight_g=row.weight_g,
        active=row.active,
        price=Money(offer.price_minor, offer.currency) if offer else None,
        compare_at=None if compare_at is None else Money(compare_at),
    )
