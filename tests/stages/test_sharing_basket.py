"""Baskets: filled, changed, emptied, adopted; and what their page says."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from niaga.flows.information.models import Product
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.stages.sharing.commands.adopt_basket import adopt_basket
from niaga.stages.sharing.commands.fill_basket import (
    BasketLineUnknown,
    QuantityOutOfRange,
    SlotNotBookable,
    VariantNotOnSale,
    add_to_basket,
    change_basket_line,
    remove_from_basket,
)
from niaga.stages.sharing.models import Basket, BasketLine
from niaga.stages.sharing.queries import basket_count, basket_view
from tests.support.worlds import make_basket, make_company, make_goods, make_person, make_slot

pytestmark = pytest.mark.django_db

GUEST = Actor.guest()


def test_adding_twice_grows_the_line_up_to_999() -> None:
    goods = make_goods(make_company())
    first = add_to_basket(actor=GUEST, basket_id=None, variant_id=goods.variant.id, quantity=2)
    second = add_to_basket(
        actor=GUEST, basket_id=first.basket_id, variant_id=goods.variant.id, quantity=998
    )
    assert (first.quantity_before, first.quantity) == (0, 2)
    assert (second.quantity_before, second.quantity, second.item_count) == (2, 999, 999)
    assert second.line_id == first.line_id
    assert basket_count(first.basket_id) == 999


def test_removing_tells_what_undoes_it() -> None:
    goods = make_goods(make_company())
    added = add_to_basket(actor=GUEST, basket_id=None, variant_id=goods.variant.id, quantity=3)
    gone = remove_from_basket(actor=GUEST, basket_id=added.basket_id, line_id=added.line_id)
    assert (gone.quantity, gone.quantity_before, gone.item_count) == (0, 3, 0)
    back = add_to_basket(
        actor=GUEST,
        basket_id=gone.basket_id,
        variant_id=gone.variant_id,
        slot_id=gone.slot_id,
        quantity=gone.quantity_before,
    )
    assert (back.basket_id, back.quantity) == (added.basket_id, 3)


@pytest.mark.parametrize("quantity", [0, -1, 1000])
def test_quantities_out_of_range_are_refused(quantity: int) -> None:
    goods = make_goods(make_company())
    with pytest.raises(QuantityOutOfRange):
        add_to_basket(actor=GUEST, basket_id=None, variant_id=goods.variant.id, quantity=quantity)
    assert not Basket.objects.exists()
    added = add_to_basket(actor=GUEST, basket_id=None, variant_id=goods.variant.id)
    with pytest.raises(QuantityOutOfRange):
        change_basket_line(
            actor=GUEST, basket_id=added.basket_id, line_id=added.line_id, quantity=quantity
        )
    assert BasketLine.objects.get().quantity == 1


def test_what_is_not_on_sale_is_refused() -> None:
    hidden = make_goods(make_company())
    Product.objects.update(state="hidden")
    with pytest.raises(VariantNotOnSale):
        add_to_basket(actor=GUEST, basket_id=None, variant_id=hidden.variant.id)
    with pytest.raises(VariantNotOnSale):
        add_to_basket(actor=GUEST, basket_id=None, variant_id=new_id())
    assert not Basket.objects.exists()


def test_a_service_needs_a_future_time_of_its_own_with_room() -> None:
    company = make_company()
    service, other = (make_goods(company, kind="service") for _ in range(2))
    slot, foreign = make_slot(service, capacity=2), make_slot(other)
    goods = make_goods(company)

    def rule(variant: object, slot_id: object, quantity: int = 1) -> str:
        with pytest.raises(SlotNotBookable) as no:
            add_to_basket(
                actor=GUEST,
                basket_id=None,
                variant_id=variant.variant.id,  # type: ignore[attr-defined]
                slot_id=slot_id,  # type: ignore[arg-type]
                quantity=quantity,
            )
        return no.value.rule

    assert rule(service, None) == "missing"
    assert rule(service, foreign.id) == "unknown"
    assert rule(service, slot.id, 3) == "full"
    assert rule(goods, slot.id) == "not_a_service"
    with clock.at(slot.starts_at + timedelta(minutes=1)):
        assert rule(service, slot.id) == "past"
    assert not Basket.objects.exists()
    added = add_to_basket(
        actor=GUEST, basket_id=None, variant_id=service.variant.id, slot_id=slot.id, quantity=2
    )
    assert added.slot_id == slot.id


def test_nobody_reaches_into_anothers_basket() -> None:
    goods = make_goods(make_company())
    owner, other = (Actor("buyer", make_person().id) for _ in range(2))
    mine = add_to_basket(actor=owner, basket_id=None, variant_id=goods.variant.id)
    for stranger in (other, GUEST):
        with pytest.raises(BasketLineUnknown):
            change_basket_line(
                actor=stranger, basket_id=mine.basket_id, line_id=mine.line_id, quantity=5
            )
        with pytest.raises(BasketLineUnknown):
            remove_from_basket(actor=stranger, basket_id=mine.basket_id, line_id=mine.line_id)
        added = add_to_basket(actor=stranger, basket_id=mine.basket_id, variant_id=goods.variant.id)
        assert added.basket_id != mine.basket_id
    assert BasketLine.objects.get(pk=mine.line_id).quantity == 1


def test_signing_in_keeps_the_guests_basket() -> None:
    company = make_company()
    both, only_guest = make_goods(company), make_goods(company)
    actor = Actor("buyer", make_person().id)
    own = add_to_basket(actor=actor, basket_id=None, variant_id=both.variant.id, quantity=600)
    guest = make_basket((both, 500), (only_guest, 2))

    adopted = adopt_basket(actor=actor, basket_id=guest)

    assert adopted == own.basket_id
    lines = dict(BasketLine.objects.values_list("variant_id", "quantity"))
    assert lines == {both.variant.id: 999, only_guest.variant.id: 2}
    assert not Basket.objects.filter(pk=guest).exists()
    assert adopt_basket(actor=actor, basket_id=guest) == own.basket_id
    stranger = Actor("buyer", make_person().id)
    adopt_basket(actor=stranger, basket_id=own.basket_id)
    assert BasketLine.objects.filter(basket_id=own.basket_id).count() == 2


def test_the_page_groups_by_seller_and_names_problems() -> None:
    first, second = make_company(name="Toko A"), make_company(name="Toko B")
    plenty, few = make_goods(first, price=10_000, stock=9), make_goods(first, stock=2)
    none, hidden = make_goods(second, stock=0), make_goods(second)
    digital = make_goods(second, kind="digital", price=5_000)
    basket = make_basket((plenty, 3), (few, 5), (none, 1), (hidden, 1), (digital, 7))
    Product.objects.filter(pk=hidden.product.id).update(state="hidden")

    with CaptureQueriesContext(connection) as statements:
        view = basket_view(basket, "id")

    assert len(statements) == 1
    a, b = view.sellers
    assert [(p.code, p.left) for line in a.lines for p in line.problems] == [("only_left", 2)]
    assert [p.code for line in b.lines for p in line.problems] == ["out_of_stock", "off_sale"]
    assert a.lines[0].line_total == Money.of(30_000)
    assert b.subtotal == Money.of(100_000 + 35_000)
    assert view.subtotal == a.subtotal + b.subtotal
    assert (view.item_count, view.can_order) == (17, False)
    assert basket_view(make_basket((plenty, 1)), "en").can_order
    assert not basket_view(None, "id").can_order
