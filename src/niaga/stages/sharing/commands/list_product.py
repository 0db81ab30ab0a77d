"""A seller lists a product: words, variants and prices at once."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.information.commands.describe_product import DescribedProduct, describe_product
from niaga.flows.information.descriptions import ProductDescription
from niaga.kernel.actor import Actor
from niaga.kernel.money import CURRENCIES, Money
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.sharing.events import ProductListed
from niaga.stages.sharing.models import Offer

CURRENCY = "IDR"
DEAREST = Money.of(100_000_000_000)


@dataclass(eq=False)
class PriceInvalid(Refusal):
    """A price breaks a rule.

    Rules: `unknown_sku`, `twice`, `negative`, `too_high`, `not_a_whole_step` (rupiah have no
    sen), `currency`, `compare_at_not_above`, `tax`.
    """

    code: ClassVar[str] = "price_invalid"
    sku: str
    rule: str


@dataclass(frozen=True, slots=True)
class Price:
    """What a variant costs, tax included; `compare_at` is the former, higher price."""

    sku: str
    price: Money
    compare_at: Money | None = None
    tax: str = Offer.Tax.STANDARD.value


@command
def list_product(
    *,
    actor: Actor,
    seller_id: UUID,
    description: ProductDescription,
    prices: tuple[Price, ...],
    product_id: UUID | None = None,
) -> DescribedProduct:
    """Describe the product and set its variants' prices; a new one is a draft.

    A variant without a price is not on sale; one that had a price and is given none loses it.

    Raises:
        DescriptionInvalid: a field breaks a rule.
        ProductUnknown: `product_id` is not the seller's.
        PriceInvalid: a price breaks a rule.
    """
    described = write_listing(
        actor=actor,
        seller_id=seller_id,
        description=description,
        prices=prices,
        product_id=product_id,
    )
    record(ProductListed(subject_id=described.product_id, seller_id=seller_id), actor=actor)
    return described


@command
def write_listing(
    *,
    actor: Actor,
    seller_id: UUID,
    description: ProductDescription,
    prices: tuple[Price, ...],
    product_id: UUID | None = None,
) -> DescribedProduct:
    """Do what `list_product` does, for a caller that rewrites the cards of many itself."""
    for price in prices:
        check_price(price)
    described = describe_product(
        actor=actor, seller_id=seller_id, description=description, product_id=product_id
    )
    _write_offers(seller_id, described, prices)
    return described


def check_price(price: Price) -> None:
    """Refuse a price that breaks a rule.

    Raises:
        PriceInvalid: see there.
    """
    if price.tax not in Offer.Tax.values:
        raise PriceInvalid(price.sku, "tax")
    for amount in (price.price, price.compare_at):
        if amount is None:
            continue
        if amount.currency != CURRENCY:
            raise PriceInvalid(price.sku, "currency")
        if amount.minor < 0:
            raise PriceInvalid(price.sku, "negative")
        if amount > DEAREST:
            raise PriceInvalid(price.sku, "too_high")
        if amount.minor % CURRENCIES[CURRENCY].step_minor:
            raise PriceInvalid(price.sku, "not_a_whole_step")
    if price.compare_at is not None and price.compare_at <= price.price:
        raise PriceInvalid(price.sku, "compare_at_not_above")


def _write_offers(seller_id: UUID, described: DescribedProduct, prices: tuple[Price, ...]) -> None:
    seen: set[str] = set()
    for price in prices:
        if price.sku not in described.variant_ids:
            raise PriceInvalid(price.sku, "unknown_sku")
        if price.sku in seen:
            raise PriceInvalid(price.sku, "twice")
        seen.add(price.sku)
    ids = [described.variant_ids[p.sku] for p in prices]
    Offer.objects.filter(variant__product_id=described.product_id).exclude(
        variant_id__in=ids
    ).delete()
    Offer.objects.bulk_create(
        [
            Offer(
                variant_id=variant_id,
                seller_id=seller_id,
                price_minor=price.price.minor,
                compare_at_minor=price.compare_at.minor if price.compare_at else None,
                currency=price.price.currency,
                tax=price.tax,
            )
            for variant_id, price in zip(ids, prices, strict=True)
        ],
        update_conflicts=True,
        unique_fields=["variant"],
        update_fields=["price_minor", "compare_at_minor", "currency", "tax"],
    )
