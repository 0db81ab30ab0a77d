"""A buyer asks a seller to quote what of it lies in the basket."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.information.models import Product
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.sharing.events import QuotationAsked
from niaga.stages.sharing.models import Basket, BasketLine, Quotation, QuotationLine
from niaga.stages.sharing.states import QuotationState


@dataclass(eq=False)
class NothingToQuote(Refusal):
    """Nothing of this seller lies in the basket that could be quoted: a time is booked as it is."""

    code: ClassVar[str] = "nothing_to_quote"


@dataclass(eq=False)
class QuotationUnderWay(Refusal):
    """The seller was asked already and has not answered yet."""

    code: ClassVar[str] = "quotation_under_way"
    quotation_id: UUID


@command
def ask_quotation(*, actor: Actor, seller_id: UUID, note: str) -> UUID:
    """Ask the seller to quote the goods of it in the person's basket; return the quotation's id.

    Raises:
        NothingToQuote: the basket holds none of its goods that are on sale.
        QuotationUnderWay: one was asked and not answered yet.
    """
    assert actor.person_id is not None, "a quotation is a person's"
    # Two that ask at once wait for each other here.
    Basket.objects.select_for_update().filter(person_id=actor.person_id).first()
    asked = Quotation.objects.filter(
        person_id=actor.person_id, seller_id=seller_id, state=QuotationState.ASKED
    ).first()
    if asked:
        raise QuotationUnderWay(asked.id)
    wanted = list(
        BasketLine.objects.filter(
            basket__person_id=actor.person_id,
            slot=None,
            variant__active=True,
            variant__offer__seller_id=seller_id,
            variant__product__state=Product.State.PUBLISHED,
        )
        .select_related("variant__offer")
        .order_by("added_at", "id")
    )
    if not wanted:
        raise NothingToQuote
    quotation = Quotation.objects.create(
        id=new_id(),
        person_id=actor.person_id,
        seller_id=seller_id,
        note=note.strip()[:500],
        currency=wanted[0].variant.offer.currency,
        asked_at=clock.now(),
    )
    QuotationLine.objects.bulk_create(
        QuotationLine(
            id=new_id(),
            quotation=quotation,
            position=position,
            variant=line.variant,
            quantity=line.quantity,
            list_price_minor=line.variant.offer.price_minor,
        )
        for position, line in enumerate(wanted, start=1)
    )
    record(QuotationAsked(subject_id=quotation.id, seller_id=seller_id), actor=actor)
    return quotation.id
