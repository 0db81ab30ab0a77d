"""A product's page: what can be chosen, what is left, when it can be booked, what buyers say."""

import json
import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from niaga.flows.information.models import Product, Variant
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.plumbing.worker import drain
from niaga.stages.aftersales.commands.write_review import write_review
from niaga.stages.sharing.indexing import index_products
from niaga.stages.sharing.models import Offer
from tests.support.buyers import browser, buy
from tests.support.worlds import Goods, deliver, make_company, make_goods, make_slot, ship_all

pytestmark = pytest.mark.django_db

MOST_STATEMENTS = 8


@pytest.fixture
def shop() -> Client:
    """A visitor who reads English."""
    return browser()


def shown(goods: Goods) -> str:
    """Put the product on its shelf; return its page's address."""
    index_products([goods.product.id])
    return f"/p/{goods.product.slug}/"


def shirt() -> Goods:
    """A shirt in two sizes and two colours; the large red one is not made."""
    goods = make_goods(make_company(), price=100_000, stock=9)
    goods.variant.options = {"size": "M", "colour": "Red"}
    goods.variant.sku = "M-RED"
    goods.variant.save()
    for n, (size, colour, price) in enumerate([("M", "Blue", 110_000), ("L", "Blue", 120_000)]):
        variant = Variant.objects.create(
            product=goods.product,
            seller_id=goods.product.seller_id,
            sku=f"{size}-{colour.upper()}",
            options={"size": size, "colour": colour},
            position=n + 2,
        )
        Offer.objects.create(
            variant=variant,
            seller_id=goods.product.seller_id,
            price_minor=Money.of(price).minor,
        )
    return goods


def text(response: HttpResponse) -> str:
    return response.content.decode()


def test_the_page_says_what_it_is_and_costs(shop: Client) -> None:
    goods = make_goods(make_company(name="Kopi Aroma"), price=92_000)
    page = shop.get(shown(goods))
    assert page.status_code == 200
    for words in (goods.product.name_en, "Rp92.000", "Kopi Aroma", "In stock", "Kota Bandung"):
        assert words in text(page), words
    assert "Delivery from Rp15.000" in text(page)


def test_products_that_are_not_on_sale_are_not_found(shop: Client) -> None:
    goods = make_goods(make_company())
    address = shown(goods)
    Product.objects.update(state=Product.State.HIDDEN)
    index_products([goods.product.id])
    for unknown in (address, "/p/nothing/", "/p/nothing/reviews/"):
        assert shop.get(unknown).status_code == 404, unknown


def test_each_value_leads_to_a_variant_with_its_own_price(shop: Client) -> None:
    address = shown(shirt())
    page = text(shop.get(address))
    assert "Rp100.000" in page
    chips = re.findall(r'<a class="chip ([^"]*)" rel="nofollow" href="([^"]+)"', page)
    assert ("", "?v=M-RED") in chips
    large = [(css, href) for css, href in chips if href == "?v=L-BLUE"]
    assert large == [("chip-gone", "?v=L-BLUE")], "not made in red"
    other = text(shop.get(address + "?v=M-BLUE"))
    assert "Rp110.000" in other
    assert 'rel="canonical" href="https://localhost:8443' + address + '"' in other


@pytest.mark.parametrize("sku", ["", "NOTHING", "%00", "x" * 3000, "<b>"])
def test_an_unknown_variant_shows_the_first_one_to_be_had(shop: Client, sku: str) -> None:
    page = shop.get(f"{shown(shirt())}?v={sku}")
    assert page.status_code == 200
    assert "Rp100.000" in text(page)
    assert "<b>" not in text(page)


@pytest.mark.parametrize(
    ("stock", "words"), [(0, "Sold out"), (1, "Only 1 left"), (5, "Only 5 left"), (6, "In stock")]
)
def test_it_says_how_much_is_left(shop: Client, stock: int, words: str) -> None:
    page = text(shop.get(shown(make_goods(make_company(), stock=stock))))
    assert words in page
    assert ('action="/basket/add/"' in page) is (stock > 0)
    if stock:
        assert f'max="{stock}"' in page


def test_a_service_shows_its_times_by_day(shop: Client) -> None:
    service = make_goods(make_company(), kind="service")
    slots = [make_slot(service, capacity=2, days_ahead=days) for days in (2, 3)]
    page = text(shop.get(shown(service)))
    assert page.count('<div class="slot-day">') == 2
    for slot in slots:
        assert f'name="slot" value="{slot.id}"' in page
    assert "2 places" in page


def test_a_service_without_times_cannot_be_booked(shop: Client) -> None:
    page = text(shop.get(shown(make_goods(make_company(), kind="service"))))
    assert "Fully booked at the moment" in page
    assert 'action="/basket/add/"' not in page


def test_a_download_has_neither_stock_nor_delivery(shop: Client) -> None:
    page = text(shop.get(shown(make_goods(make_company(), kind="digital"))))
    assert "Download right after payment" in page
    assert "Delivery from" not in page


def test_search_engines_read_the_product(shop: Client) -> None:
    goods = make_goods(make_company(name="Kopi </script> Aroma"), price=92_000)
    page = text(shop.get(shown(goods)))
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    data = json.loads(found[1])
    assert data["name"] == goods.product.name_en
    assert data["offers"]["price"] == "92000.00"
    assert data["offers"]["priceCurrency"] == "IDR"
    assert data["offers"]["availability"] == "https://schema.org/InStock"
    assert data["offers"]["seller"]["name"] == "Kopi </script> Aroma"
    assert '<meta property="og:type" content="product">' in page


def test_reviews_and_their_stars_are_shown(shop: Client) -> None:
    goods = make_goods(make_company(), stock=9)
    for stars in (5, 4, 4):
        bought = buy(goods)
        deliver(ship_all(bought.order))
        drain()
        write_review(
            actor=Actor("buyer", bought.buyer.id),
            line_id=bought.order.lines.get().id,
            stars=stars,
            title="Good",
            body="<i>As</i> described.",
            language="en",
        )
    drain()
    address = shown(goods)
    for page in (text(shop.get(address)), text(shop.get(address + "reviews/"))):
        assert "4.3" in page
        assert "3 reviews" in page
        assert '<meter min="0" max="3" value="2">' in page
        assert page.count("&lt;i&gt;As&lt;/i&gt; described.") == 3
    for odd in ("?page=abc", "?page=99999", "?page=%00"):
        assert shop.get(f"{address}reviews/{odd}").status_code == 200, odd


def test_nobody_said_anything_yet(shop: Client) -> None:
    address = shown(make_goods(make_company()))
    assert "Nobody has reviewed this yet" in text(shop.get(address))
    assert "No reviews yet" in text(shop.get(address + "reviews/"))


@pytest.mark.parametrize("others", [10, 200])
def test_the_page_takes_few_statements_however_much_there_is(shop: Client, others: int) -> None:
    company = make_company()
    goods = make_goods(company)
    more = [make_goods(company, kind="digital") for _ in range(others)]
    index_products([g.product.id for g in more])
    address = shown(goods)
    shop.get("/c/")  # the shelves: read once, not once a page
    with CaptureQueriesContext(connection) as asked:
        assert shop.get(address).status_code == 200
    assert len(asked) <= MOST_STATEMENTS
