"""A buyer takes a quotation: its lines go into the basket, at the quoted prices."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db.models import Sum

from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.stages.sharing.commands.answer_quotation import QuotationUnknown
from niaga.stages.sharing.commands.take_purchase_order import FilledBasket
from niaga.stages.sharing.models import Basket, BasketLine, Quotation
from niaga.stages.sharing.states import QuotationState


@dataclass(eq=False)
class QuotationOver(Refusal):
    """Its prices hold no more: the day is over, it was declined, or all of it was ordered."""

    code: ClassVar[str] = "quotation_over"


@command
def take_quotation(*, actor: Actor, quotation_id: UUID) -> FilledBasket:
    """Put what is left of a quotation into the person's basket, in the quoted quantities.

    A line that is there already takes that quantity; a second call changes nothing.

    Raises:
        QuotationUnknown: it is another buyer's.
        QuotationOver: nothing of it can be ordered at these prices any more.
    """
    assert actor.person_id is not None, "a quotation is a person's"
    quotation = Quotation.objects.filter(pk=quotation_id, person_id=actor.person_id).first()
    if quotation is None:
        raise QuotationUnknown(quotation_id)
    left = list(quotation.lines.filter(order_id=None).order_by("position"))
    holds = quotation.valid_until is not None and clock.now() < quotation.valid_until
    if quotation.state != QuotationState.OFFERED or not holds or not left:
        raise QuotationOver
    basket, _ = Basket.objects.get_or_create(person_id=actor.person_id, defaults={"id": new_id()})
    Basket.objects.filter(pk=basket.pk).update(touched_at=clock.now())
    BasketLine.objects.bulk_create(
        [
            BasketLine(
                id=new_id(),
                basket=basket,
                variant_id=line.variant_id,
                quantity=line.quantity,
                quoted=line,
            )
            for line in left
        ],
        update_conflicts=True,
        unique_fields=["basket", "variant", "slot"],
        update_fields=["quantity", "quoted"],
    )
    count = BasketLine.objects.filter(basket=basket).aggregate(all=Sum("quantity"))["all"]
    return FilledBasket(basket.id, int(count))
