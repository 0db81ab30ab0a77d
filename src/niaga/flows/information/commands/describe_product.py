"""A seller writes or rewrites a product: its words, attributes and variants."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.utils.text import slugify

from niaga.flows.information.catalogue import shelves
from niaga.flows.information.descriptions import (
    DescriptionInvalid,
    ProductDescription,
    checked_description,
)
from niaga.flows.information.events import ProductDescribed
from niaga.flows.information.models import Product, Variant
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record


@dataclass(eq=False)
class ProductUnknown(Refusal):
    """The seller has no such product."""

    code: ClassVar[str] = "product_unknown"
    product_id: UUID


@dataclass(frozen=True, slots=True)
class DescribedProduct:
    """The product as written; `variant_ids` by SKU, active ones only."""

    product_id: UUID
    slug: str
    variant_ids: dict[str, UUID]


@command
def describe_product(
    *,
    actor: Actor,
    seller_id: UUID,
    description: ProductDescription,
    product_id: UUID | None = None,
) -> DescribedProduct:
    """Write a product (a draft), or rewrite the seller's product `product_id`.

    Variants are known by their SKU; those no longer described are put out of use, not deleted,
    since orders speak of them. The slug, once given, stays.

    Raises:
        DescriptionInvalid: a field breaks a rule (see there).
        ProductUnknown: `product_id` is not the seller's.
    """
    said = checked_description(description)
    product = _written(seller_id, product_id, said)
    variant_ids = _write_variants(product, said)
    record(ProductDescribed(subject_id=product.id, seller_id=seller_id), actor=actor)
    return DescribedProduct(product.id, product.slug, variant_ids)


def _written(seller_id: UUID, product_id: UUID | None, said: ProductDescription) -> Product:
    values = {
        "category_id": shelves()[said.category_path].id,
        "name_id": said.name_id,
        "name_en": said.name_en,
        "description_id": said.description_id,
        "description_en": said.description_en,
        "brand": said.brand,
        "tags": list(said.tags),
        "attributes": dict(said.attributes),
        "updated_at": clock.now(),
    }
    if product_id is None:
        fresh = new_id()
        return Product.objects.create(
            id=fresh,
            seller_id=seller_id,
            kind=said.kind,
            slug=slug_for(said.name_id, fresh),
            **values,
        )
    product = Product.objects.select_for_update().filter(pk=product_id, seller_id=seller_id).first()
    if product is None:
        raise ProductUnknown(product_id)
    if product.kind != said.kind:
        raise DescriptionInvalid("kind", "fixed", said.kind)
    Product.objects.filter(pk=product_id).update(**values)
    return product


def slug_for(name: str, product_id: UUID) -> str:
    """Return a slug that is unique without asking: the name and six digits of the id."""
    return f"{slugify(name)[:80].strip('-') or 'produk'}-{product_id.hex[-6:]}"


def _write_variants(product: Product, said: ProductDescription) -> dict[str, UUID]:
    skus = [v.sku for v in said.variants]
    known = {v.sku: v for v in Variant.objects.filter(seller_id=product.seller_id, sku__in=skus)}
    if taken := next((v.sku for v in known.values() if v.product_id != product.id), None):
        raise DescriptionInvalid("sku", "taken", taken)
    made = [
        Variant(
            id=known[v.sku].id if v.sku in known else new_id(),
            product=product,
            seller_id=product.seller_id,
            sku=v.sku,
            options=dict(v.options),
            gtin=v.gtin,
            weight_g=v.weight_g,
            position=position,
            active=True,
        )
        for position, v in enumerate(said.variants, start=1)
    ]
    Variant.objects.bulk_create(
        made,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["options", "gtin", "weight_g", "position", "active"],
    )
    Variant.objects.filter(product=product, active=True).exclude(sku__in=skus).update(active=False)
    return {v.sku: v.id for v in made}
