"""Finding in the shop: front page, shelves, search, sellers; every choice is an address."""

import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from niaga.flows.information.catalogue import forget_catalogue
from niaga.stages.sharing.indexing import index_products
from niaga.stages.sharing.models import Offer
from tests.support.buyers import browser
from tests.support.worlds import Goods, make_company, make_goods

pytestmark = pytest.mark.django_db

SHELF = "/c/lain/"
MOST_STATEMENTS = 8


@pytest.fixture
def shop() -> Client:
    """A visitor who reads English."""
    return browser()


def shelved(*prices: int, kind: str = "digital") -> list[Goods]:
    """Products of one company on the shelf, one a price."""
    company = make_company(name="Kopi Aroma")
    goods = [make_goods(company, price=price, kind=kind) for price in prices]
    index_products([g.product.id for g in goods])
    return goods


def text(response: HttpResponse) -> str:
    return response.content.decode()


def links(response: HttpResponse, containing: str) -> list[str]:
    found = re.findall(r'href="([^"]+)"', text(response))
    return [link.replace("&amp;", "&") for link in found if containing in link]


def cards(response: HttpResponse) -> int:
    return text(response).count('<article class="product-card">')


# Pages


def test_every_page_opens_in_both_languages() -> None:
    shelved(10_000)
    addresses = ("/", "/c/", SHELF, "/search/", "/search/?q=thing", "/s/", f"/s/{company_slug()}/")
    for language in ("id", "en"):
        client = Client(headers={"accept-language": language})
        for address in addresses:
            response = client.get(address)
            assert response.status_code == 200, address
            assert f'<html lang="{language}"' in text(response)


def company_slug() -> str:
    return str(Offer.objects.select_related("seller").first().seller.slug)  # type: ignore[union-attr]


def test_an_empty_market_is_a_page_too(shop: Client) -> None:
    for address in ("/", "/c/", "/search/", "/search/?q=kopi", "/s/"):
        assert shop.get(address).status_code == 200, address


def test_the_front_page_shows_what_is_sold(shop: Client) -> None:
    goods = shelved(10_000)[0]
    make_goods(make_company(name="Batik Kirana"))  # never indexed: on no shelf
    page = text(shop.get("/"))
    assert f'href="/p/{goods.product.slug}/"' in page
    assert "Kopi Aroma" in page


def test_unknown_shelves_and_sellers_are_not_found(shop: Client) -> None:
    for address in ("/c/nothing/", "/c/lain/nothing/", "/s/nobody/", "/c/lain%00/x/"):
        assert shop.get(address).status_code == 404, address


def test_only_reading_is_allowed(shop: Client) -> None:
    for name in ("home", "categories", "search", "sellers", "suggest"):
        assert shop.post(reverse(name)).status_code == 405, name


# Choices


def test_a_price_band_narrows_the_list_and_its_chip_takes_it_away(shop: Client) -> None:
    shelved(20_000, 30_000, 60_000)
    page = shop.get(SHELF)
    narrowed = shop.get(next(link for link in links(page, "price=") if link.endswith("=-50000")))
    assert cards(narrowed) == 2
    assert "2 products" in text(narrowed)
    chip = re.search(r'<a class="chip chip-on" href="([^"]+)"', text(narrowed))
    assert chip
    assert chip[1] == SHELF
    assert cards(shop.get(chip[1])) == 3


def test_prices_as_typed_narrow_the_list_and_stay_in_the_form(shop: Client) -> None:
    shelved(20_000, 30_000, 60_000)
    page = shop.get(SHELF, {"price_min": "Rp25.000", "price_max": "30000"})
    assert cards(page) == 1
    assert 'name="price_min" value="25000"' in text(page)
    assert 'name="price_max" value="30000"' in text(page)


def test_filters_join_and_all_are_cleared_at_once(shop: Client) -> None:
    shelved(20_000, 30_000)
    page = shop.get(SHELF, {"stock": "1", "price": "-50000"})
    assert text(page).count('class="chip chip-on"') == 2
    assert 'content="noindex, follow"' in text(page)
    assert "noindex" not in text(shop.get(SHELF))
    assert f'<a class="chip chip-clear" href="{SHELF}">' in text(page)


def test_an_unknown_filter_value_empties_the_list_but_not_the_page(shop: Client) -> None:
    shelved(20_000)
    page = shop.get(SHELF, {"city": "Atlantis"})
    assert page.status_code == 200
    assert cards(page) == 0
    assert "Atlantis" in text(page)
    assert "Clear all filters" in text(page)


def test_the_order_is_the_buyers(shop: Client) -> None:
    cheap, dear = shelved(20_000, 90_000)
    for sort, first in (("price_up", cheap), ("price_down", dear)):
        found = links(shop.get(SHELF, {"sort": sort}), "/p/")
        assert found[0] == f"/p/{first.product.slug}/"
        assert f'<option value="{sort}" selected>' in text(shop.get(SHELF, {"sort": sort}))


def test_pages_follow_each_other_and_keep_the_choices(shop: Client) -> None:
    shelved(*range(1_000, 31_000, 1_000))
    first = shop.get(SHELF, {"sort": "price_up"})
    assert cards(first) == 24
    [following] = set(links(first, "page=2"))
    assert "sort=price_up" in following
    second = shop.get(following)
    assert cards(second) == 6
    assert 'rel="canonical" href="https://localhost:8443/c/lain/?page=2"' in text(second)


@pytest.mark.parametrize(
    "query",
    [
        "page=abc", "page=-1", "page=0", "page=99999999", "page=1e9", "page=%00", "page=²",
        "sort=%00", "sort=DROP", "price=abc", "price=-", "price=9-1", "price=99999999999999999-",
        "price_min=abc", "price_min=%00", "price_max=99999999999999999999",
        "rating=9", "rating=%00", "kind=%00", "city=%00", "seller=%27", "attr.=x", "attr.x=%00",
        "attr.%00=1", "category=%00", "category=a&category=b", "stock=0", "q=%00",
        "x=" + "y" * 5000,
        "&".join(f"city={n}" for n in range(200)),
    ],
)  # fmt: skip
def test_odd_addresses_get_a_page(shop: Client, query: str) -> None:
    shelved(20_000)
    for address in (SHELF, "/search/", f"/s/{company_slug()}/", "/s/", "/search/suggest/"):
        assert shop.get(f"{address}?{query}").status_code == 200, address


# Search


def test_search_finds_and_names_what_was_searched_for(shop: Client) -> None:
    company = make_company()
    goods = [make_goods(company, name=name) for name in ("Kopi Gayo", "Kopi Toraja", "Teh")]
    index_products([g.product.id for g in goods])
    page = shop.get("/search/", {"q": "kopi"})
    assert cards(page) == 2
    assert "Results for “kopi”" in text(page)
    assert '<option value="relevance" selected>' in text(page)


def test_a_misspelt_word_is_understood(shop: Client) -> None:
    goods = make_goods(make_company(), name="Cangkir Keramik")
    index_products([goods.product.id])
    page = shop.get("/search/", {"q": "kramik"})
    assert cards(page) == 1
    assert "We found nothing for “kramik”, but this." in text(page)


def test_nothing_found_still_helps(shop: Client) -> None:
    shelved(10_000)
    page = shop.get("/search/", {"q": "zzzzqqqq"})
    assert "Nothing found for “zzzzqqqq”" in text(page)
    assert 'href="/c/lain/"' in text(page)


def test_words_are_shown_as_words(shop: Client) -> None:
    page = text(shop.get("/search/", {"q": "<script>alert(1)</script>"}))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_suggestions_lead_to_products_and_shelves(shop: Client) -> None:
    goods = make_goods(make_company(), name="Kopi Lainnya")
    index_products([goods.product.id])
    page = shop.get("/search/suggest/", {"q": "lain"})
    assert re.findall(r'<a href="([^"]+)"', text(page)) == ["/c/lain/", f"/p/{goods.product.slug}/"]
    assert not text(shop.get("/search/suggest/", {"q": "l"})).strip()


# In place


def test_htmx_gets_the_list_alone(shop: Client) -> None:
    shelved(20_000)
    part = shop.get(SHELF, headers={"HX-Request": "true", "HX-Target": "listing"})
    assert "<html" not in text(part)
    assert 'id="listing"' in text(part)
    assert "<title>" in text(part)
    for other in ({"HX-History-Restore-Request": "true"}, {"HX-Target": "main"}):
        headers = {"HX-Request": "true", "HX-Target": "listing", **other}
        assert "<html" in text(shop.get(SHELF, headers=headers))
    assert {"HX-Request", "HX-Target"} <= {v.strip() for v in part["Vary"].split(",")}


# What it costs


def statements(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200, address
    return len(asked)


@pytest.mark.parametrize("count", [10, 200])
def test_a_page_takes_few_statements_however_much_there_is(shop: Client, count: int) -> None:
    shelved(*[10_000] * count)
    for address in ("/", SHELF, "/search/?q=thing", f"/s/{company_slug()}/", "/s/"):
        forget_catalogue()
        shop.get("/c/")  # the shelves: read once, not once a page
        assert statements(shop, address) <= MOST_STATEMENTS, address
        # Kept while the catalogue stands; its version is read once a second at most.
        assert statements(shop, address) <= 1, address


def test_looking_around_leaves_no_session(shop: Client) -> None:
    shelved(20_000)
    for address in ("/", SHELF, "/search/?q=thing"):
        shop.get(address)
    assert "sessionid" not in shop.cookies


def test_a_change_of_the_catalogue_shows_at_once(shop: Client) -> None:
    goods = shelved(20_000)[0]
    assert "Rp20.000" in text(shop.get(SHELF))
    Offer.objects.filter(variant=goods.variant).update(price_minor=1_500_000)
    index_products([goods.product.id])
    assert "Rp15.000" in text(shop.get(SHELF))
