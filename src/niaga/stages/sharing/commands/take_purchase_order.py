"""A buyer's purchase order, looked at and confirmed, becomes lines of the basket."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from niaga.flows.information.models import Product
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.parties.states import CompanyState
from niaga.plumbing.command import command
from niaga.stages.sharing.commands.fill_basket import (
    MOST,
    QuantityOutOfRange,
    SlotNotBookable,
    VariantNotOnSale,
)
from niaga.stages.sharing.models import Basket, BasketLine, Offer


@dataclass(frozen=True, slots=True)
class FilledBasket:
    """The person's basket and how many things lie in it now."""

    basket_id: UUID
    item_count: int


@command
def take_purchase_order(
    *, actor: Actor, quantities: Mapping[UUID, int], number: str
) -> FilledBasket:
    """Put these variants into the person's basket, as many of each as the order says.

    `number` is the buyer's own for it: what is ordered of these lines carries it. A line that is
    there already takes the order's quantity, so that a second confirmation changes nothing. All of
    it or nothing is taken.

    Raises:
        QuantityOutOfRange: a quantity is not 1..999.
        VariantNotOnSale: one of them may not be bought now.
        SlotNotBookable: one is a service, whose time is chosen on its own page.
    """
    assert actor.person_id is not None, "a purchase order is a person's"
    for quantity in quantities.values():
        if not 1 <= quantity <= MOST:
            raise QuantityOutOfRange(quantity)
    kinds = dict(
        Offer.objects.filter(
            variant_id__in=list(quantities),
            variant__active=True,
            variant__product__state=Product.State.PUBLISHED,
            seller__state=CompanyState.APPROVED,
        ).values_list("variant_id", "variant__product__kind")
    )
    for variant_id in quantities:
        if variant_id not in kinds:
            raise VariantNotOnSale(variant_id)
    if Product.Kind.SERVICE in kinds.values():
        raise SlotNotBookable("missing")
    basket, _ = Basket.objects.get_or_create(person_id=actor.person_id, defaults={"id": new_id()})
    Basket.objects.filter(pk=basket.pk).update(touched_at=clock.now())
    BasketLine.objects.bulk_create(
        [
            BasketLine(
                id=new_id(),
                basket=basket,
                variant_id=variant_id,
                quantity=quantity,
                purchase_order=number[:60],
            )
            for variant_id, quantity in sorted(quantities.items())
        ],
        update_conflicts=True,
        unique_fields=["basket", "variant", "slot"],
        update_fields=["quantity", "purchase_order"],
    )
    count = BasketLine.objects.filter(basket=basket).aggregate(all=Sum("quantity"))["all"]
    return FilledBasket(basket.id, int(count))
