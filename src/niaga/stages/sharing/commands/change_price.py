"""A variant gets another price; what was ordered keeps the price it was ordered at."""

from uuid import UUID

from niaga.flows.information.models import Variant
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.sharing.commands.fill_basket import VariantNotOnSale
from niaga.stages.sharing.commands.list_product import Price, check_price
from niaga.stages.sharing.events import PriceChanged
from niaga.stages.sharing.models import Offer


@command
def change_price(
    *,
    actor: Actor,
    seller_id: UUID,
    variant_id: UUID,
    price: Money,
    compare_at: Money | None = None,
) -> None:
    """Set the price (tax included) of one of the seller's variants.

    Raises:
        VariantNotOnSale: the seller has no such variant in use.
        PriceInvalid: the price breaks a rule.
    """
    variant = Variant.objects.filter(pk=variant_id, seller_id=seller_id, active=True).first()
    if variant is None:
        raise VariantNotOnSale(variant_id)
    check_price(Price(variant.sku, price, compare_at))
    Offer.objects.update_or_create(
        variant_id=variant_id,
        defaults={
            "seller_id": seller_id,
            "price_minor": price.minor,
            "compare_at_minor": compare_at.minor if compare_at else None,
            "currency": price.currency,
        },
    )
    record(
        PriceChanged(
            subject_id=variant.product_id,
            variant_id=variant_id,
            price_minor=price.minor,
            currency=price.currency,
        ),
        actor=actor,
    )
