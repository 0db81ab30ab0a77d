"""What is sold out may be ordered ahead where its seller says so, and buyers see from when."""

from datetime import date

import pytest
from django.urls import reverse

from niaga.flows.goods.commands.keep_policy import Policy, keep_policy
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.worker import drain
from niaga.stages.sharing.indexing import index_products
from niaga.stages.sharing.queries import basket_view, product_page
from tests.support.worlds import OPERATOR, make_basket, make_company, make_goods, orders_of, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def goods():
    goods = make_goods(make_company(), stock=1)
    index_products([goods.product.id])
    return goods


def decide(goods, **decided):
    keep_policy(
        actor=OPERATOR,
        seller_id=goods.product.seller_id,
        sku_id=goods.variant.id,
        policy=Policy(**decided),
    )
    drain()


def test_the_page_tells_from_when_a_preorder_ships(client, goods):
    place(make_basket((goods, 1)))
    drain()
    page = client.get(reverse("product", args=[goods.product.slug])).content.decode()
    assert "2099" not in page
    decide(goods, when_out="preorder", most_waiting=3, available_date=date(2099, 5, 4))
    shown = product_page(goods.product.slug, "en")
    assert shown.in_stock
    assert shown.variants[0].available == 3
    page = client.get(reverse("product", args=[goods.product.slug])).content.decode()
    assert "4 Mei 2099" in page or "4 May 2099" in page


def test_the_basket_and_the_order_tell_what_waits(goods):
    basket = make_basket((goods, 3))
    [problem] = basket_view(basket, "en").sellers[0].lines[0].problems
    assert problem.code == "only_left"
    decide(goods, when_out="backorder", most_waiting=2, lead_days=9)
    [line] = basket_view(basket, "en").sellers[0].lines
    assert (line.problems, line.awaited, line.available) == ((), 2, 3)
    [order] = orders_of(place(basket))
    told = StoredEvent.objects.get(type="StockAwaited", subject_id=order.id)
    assert told.payload["quantity"] == 2
    assert StoredEvent.objects.get(type="StockReserved").payload["quantity"] == 1
    assert product_page(goods.product.slug, "en").variants[0].available == 0
