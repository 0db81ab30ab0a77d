"""A buyer gathers things: lines are added, changed and taken out of a basket."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db import connection

from niaga.flows.goods.models import Slot
from niaga.flows.information.models import Product
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.parties.states import CompanyState
from niaga.plumbing.command import command
from niaga.stages.sharing.models import Basket, BasketLine, Offer

MOST = 999

# The basket's row is locked by then, so what `before` reads is what the line grows from.
_GROW = """
WITH before AS (SELECT quantity FROM sharing_basketline
                WHERE basket_id = %(basket)s AND variant_id = %(variant)s
                  AND slot_id IS NOT DISTINCT FROM %(slot)s)
INSERT INTO sharing_basketline AS line (id, basket_id, variant_id, slot_id, quantity, added_at)
VALUES (%(id)s, %(basket)s, %(variant)s, %(slot)s, %(quantity)s, %(now)s)
ON CONFLICT (basket_id, variant_id, slot_id)
DO UPDATE SET quantity = least(999, line.quantity + excluded.quantity)
RETURNING id, quantity, coalesce((SELECT quantity FROM before), 0)
"""


@dataclass(eq=False)
class VariantNotOnSale(Refusal):
    """The variant is unknown, hidden, without a price, or its seller may not sell."""

    code: ClassVar[str] = "variant_not_on_sale"
    variant_id: UUID


@dataclass(eq=False)
class QuantityOutOfRange(Refusal):
    """A line holds from one to `most` of a thing."""

    code: ClassVar[str] = "quantity_out_of_range"
    quantity: int
    most: int = MOST


@dataclass(eq=False)
class SlotNotBookable(Refusal):
    """A service needs one of its own future times with room: `rule` says what is wrong.

    Rules: `missing`, `not_a_service`, `unknown`, `past`, `full`.
    """

    code: ClassVar[str] = "slot_not_bookable"
    rule: str
    places_left: int = 0


@dataclass(eq=False)
class BasketLineUnknown(Refusal):
    """The basket has no such line."""

    code: ClassVar[str] = "basket_line_unknown"
    line_id: UUID


@dataclass(frozen=True, slots=True)
class BasketLineNow:
    """A line after the action, and what it was before: enough to undo.

    A `quantity` of 0 means that the line is gone.
    """

    basket_id: UUID
    line_id: UUID
    variant_id: UUID
    slot_id: UUID | None
    quantity: int
    quantity_before: int
    item_count: int


@command
def add_to_basket(
    *,
    actor: Actor,
    basket_id: UUID | None,
    variant_id: UUID,
    quantity: int = 1,
    slot_id: UUID | None = None,
) -> BasketLineNow:
    """Add to the basket; without one (or with an unknown one) a basket is made.

    A signed-in buyer always fills his own basket. A line already there grows, to 999 at most.

    Raises:
        QuantityOutOfRange: `quantity` is not 1..999.
        VariantNotOnSale: nobody may buy the variant now.
        SlotNotBookable: a service without a future time with room.
    """
    if not 1 <= quantity <= MOST:
        raise QuantityOutOfRange(quantity)
    _check_on_sale(variant_id, slot_id, quantity)
    basket = _own_basket(actor, basket_id)
    fresh = BasketLine(id=new_id(), basket=basket, variant_id=variant_id, slot_id=slot_id)
    with connection.cursor() as cursor:
        cursor.execute(
            _GROW,
            {
                "id": fresh.id,
                "basket": basket.id,
                "variant": variant_id,
                "slot": slot_id,
                "quantity": quantity,
                "now": clock.now(),
            },
        )
        row = cursor.fetchone()
    assert row is not None
    fresh.id, fresh.quantity, before = row
    return _now(fresh, before)


@command
def change_basket_line(
    *, actor: Actor, basket_id: UUID, line_id: UUID, quantity: int
) -> BasketLineNow:
    """Set a line's quantity.

    Raises:
        QuantityOutOfRange: `quantity` is not 1..999.
        BasketLineUnknown: the basket has no such line.
    """
    if not 1 <= quantity <= MOST:
        raise QuantityOutOfRange(quantity)
    line = _line(actor, basket_id, line_id)
    before, line.quantity = line.quantity, quantity
    line.save(update_fields=["quantity"])
    return _now(line, before)


@command
def remove_from_basket(*, actor: Actor, basket_id: UUID, line_id: UUID) -> BasketLineNow:
    """Take a line out; the answer's variant, slot and former quantity put it back.

    Raises:
        BasketLineUnknown: the basket has no such line.
    """
    line = _line(actor, basket_id, line_id)
    line.delete()
    before, line.id, line.quantity = line.quantity, line_id, 0
    return _now(line, before)


def _check_on_sale(variant_id: UUID, slot_id: UUID | None, quantity: int) -> None:
    kind = (
        Offer.objects.filter(
            variant_id=variant_id,
            variant__active=True,
            variant__product__state=Product.State.PUBLISHED,
            seller__state=CompanyState.APPROVED,
        )
        .values_list("variant__product__kind", flat=True)
        .first()
    )
    if kind is None:
        raise VariantNotOnSale(variant_id)
    if kind == Product.Kind.SERVICE:
        _check_slot(variant_id, slot_id, quantity)
    elif slot_id is not None:
        raise SlotNotBookable("not_a_service")


def _check_slot(variant_id: UUID, slot_id: UUID | None, quantity: int) -> None:
    if slot_id is None:
        raise SlotNotBookable("missing")
    slot = Slot.objects.filter(pk=slot_id, sku_id=variant_id).first()
    if slot is None:
        raise SlotNotBookable("unknown")
    if slot.starts_at <= clock.now():
        raise SlotNotBookable("past")
    if slot.capacity - slot.booked < quantity:
        raise SlotNotBookable("full", slot.capacity - slot.booked)


def _own_basket(actor: Actor, basket_id: UUID | None) -> Basket:
    """Return the person's basket, or the guest's named one, made where absent; touched."""
    if actor.person_id is not None:
        basket, _ = Basket.objects.get_or_create(
            person_id=actor.person_id, defaults={"id": new_id()}
        )
    else:
        found = Basket.objects.filter(pk=basket_id, person=None).first() if basket_id else None
        basket = found or Basket.objects.create(id=new_id())
    Basket.objects.filter(pk=basket.pk).update(touched_at=clock.now())
    return basket


def _line(actor: Actor, basket_id: UUID, line_id: UUID) -> BasketLine:
    mine = Basket.objects.filter(pk=basket_id)
    owned = mine.filter(person_id=actor.person_id) if actor.person_id else mine.filter(person=None)
    line = BasketLine.objects.select_for_update().filter(pk=line_id, basket__in=owned).first()
    if line is None:
        raise BasketLineUnknown(line_id)
    Basket.objects.filter(pk=basket_id).update(touched_at=clock.now())
    return line


def _now(line: BasketLine, before: int) -> BasketLineNow:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(quantity), 0) FROM sharing_basketline WHERE basket_id = %s",
            [line.basket_id],
        )
        row = cursor.fetchone()
    assert row is not None
    return BasketLineNow(
        basket_id=line.basket_id,
        line_id=line.id,
        variant_id=line.variant_id,
        slot_id=line.slot_id,
        quantity=line.quantity,
        quantity_before=before,
        item_count=int(row[0]),
    )
