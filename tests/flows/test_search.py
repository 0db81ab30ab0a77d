"""Search and lists: facets, sorting, spelling, statements; safe against any text."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niaga.flows.information.catalogue import catalogue_version, forget_catalogue
from niaga.flows.information.models import Attribute, Category, ListingCard, Product
from niaga.flows.information.queries import (
    NO_FILTERS,
    category_page,
    category_tree,
    home_page,
    search_page,
    seller_page,
    suggest,
)
from niaga.flows.information.results import Filters, SearchPage
from niaga.flows.information.search import stem, terms
from niaga.parties.models import Company
from niaga.stages.sharing.indexing import index_products
from niaga.stages.sharing.queries import product_page
from tests.support.worlds import Goods, make_company, make_goods

pytestmark = pytest.mark.django_db


def find(query: str, filters: Filters = NO_FILTERS, sort: str = "relevance") -> SearchPage:
    return search_page(query, filters=filters, sort=sort, page=1, language="id")


def names(query: str, filters: Filters = NO_FILTERS, sort: str = "relevance") -> list[str]:
    return [card.name for card in find(query, filters, sort).listing.cards]


def stocked(company: Company, *named: tuple[str, int]) -> list[Goods]:
    made = [make_goods(company, name=name, price=price) for name, price in named]
    index_products([g.product.id for g in made])
    return made


def test_sastrawi_keeps_a_shirt_a_shirt() -> None:
    assert stem("kemeja") == "kemeja"
    assert stem("pakaian") == "pakai"
    assert terms("Café  KOPI kopi!") == ("cafe", "kopi")


def test_words_are_found_in_both_languages_and_forms() -> None:
    stocked(make_company(), ("Kemeja Batik", 1), ("Meja Jati", 2), ("Leather Shoes", 3))
    assert names("meja") == ["Meja Jati"]
    assert names("kemejanya") == ["Kemeja Batik"]
    assert names("shoe") == ["Leather Shoes"]


def test_all_words_and_the_exact_name_come_first() -> None:
    stocked(make_company(), ("Kopi Gayo Bubuk Kopi Kopi", 1), ("Teh Gayo", 2), ("Kopi Gayo", 3))
    assert names("kopi gayo")[0] == "Kopi Gayo"
    assert names("teh kopi gayo")[-1] != "Teh Gayo"


def test_what_sells_goes_before_slightly_better_words() -> None:
    stocked(make_company(), ("Kopi", 100), ("Kaos Kopi", 100), ("Kopi Gayo Arabika", 100))
    assert names("kopi") == ["Kopi", "Kaos Kopi", "Kopi Gayo Arabika"]
    ListingCard.objects.filter(name_id="Kopi Gayo Arabika").update(sold_count=1_000)
    # The same question would be answered from what is kept: only what is written is told anew.
    assert names("KOPI") == ["Kopi", "Kopi Gayo Arabika", "Kaos Kopi"]


def test_a_typo_is_answered_with_the_nearest_spelling() -> None:
    stocked(make_company(), ("Kemeja Batik", 1))
    found = find("kemja")
    assert found.did_you_mean == "kemeja"
    assert [c.name for c in found.listing.cards] == ["Kemeja Batik"]
    assert find("zzzzqqq").did_you_mean is None


def test_a_facets_own_selection_does_not_narrow_it() -> None:
    bandung, solo = make_company(name="Toko A"), make_company(name="Toko B")
    Company.objects.filter(pk=solo.pk).update(city="Kota Surakarta")
    stocked(bandung, ("Kopi Satu", 40_000), ("Kopi Dua", 70_000))
    stocked(solo, ("Kopi Tiga", 60_000))

    chosen = Filters.of([("city", "Kota Bandung"), ("price_min", "50.000"), ("page", "2")])
    listing = find("kopi", chosen).listing

    assert [c.name for c in listing.cards] == ["Kopi Dua"]
    facets = {f.code: {v.value: (v.count, v.selected) for v in f.values} for f in listing.facets}
    assert facets["city"] == {"Kota Bandung": (1, True), "Kota Surakarta": (1, False)}
    assert facets["price"]["-50000"] == (1, False)
    assert facets["price"]["50000-100000"] == (1, False)
    assert listing.total == 1


def test_typed_attributes_are_facets_of_their_shelf() -> None:
    goods = stocked(make_company(), ("Kopi Gelap", 1), ("Kopi Terang", 2))
    Attribute.objects.create(
        category=Category.objects.get(path="lain"),
        code="roast",
        name_id="Sangrai",
        name_en="Roast",
        kind="choice",
        choices=[["light", "Terang", "Light"], ["dark", "Gelap", "Dark"]],
    )
    for item, roast in zip(goods, ("dark", "light"), strict=True):
        Product.objects.filter(pk=item.product.id).update(attributes={"roast": roast})
    index_products([g.product.id for g in goods])

    page = category_page(
        "lain", filters=Filters.of([("attr.roast", "dark")]), sort="", page=1, language="en"
    )

    assert page is not None
    assert [c.name for c in page.listing.cards] == [goods[0].product.name_en]
    (facet,) = [f for f in page.listing.facets if f.code == "attr.roast"]
    assert [(v.label, v.count, v.selected) for v in facet.values] == [
        ("Dark", 1, True),
        ("Light", 1, False),
    ]


def test_sorting() -> None:
    stocked(make_company(), ("Kopi B", 20), ("Kopi A", 10), ("Kopi C", 30))
    ListingCard.objects.filter(name_id="Kopi B").update(rating_sum=50, rating_count=10)
    ListingCard.objects.filter(name_id="Kopi C").update(rating_sum=5, rating_count=1, sold_count=9)
    assert names("kopi", sort="price_up") == ["Kopi A", "Kopi B", "Kopi C"]
    assert names("kopi", sort="price_down") == ["Kopi C", "Kopi B", "Kopi A"]
    assert names("kopi", sort="best_rated") == ["Kopi B", "Kopi C", "Kopi A"]
    assert names("kopi", sort="most_sold")[0] == "Kopi C"
    assert names("kopi", sort="newest") == ["Kopi C", "Kopi A", "Kopi B"]
    assert len(names("kopi", sort="'; DROP TABLE")) == 3


@pytest.mark.parametrize("count", [3, 60])
def test_pages_cost_the_same_for_few_and_many_products(count: int) -> None:
    company = make_company()
    goods = stocked(company, *((f"Kopi {n}", n) for n in range(count)))

    def cost(page: object) -> int:
        forget_catalogue()
        category_tree("id")
        with CaptureQueriesContext(connection) as statements:
            assert page() is not None  # type: ignore[operator]
        return len(statements)

    args = {"filters": NO_FILTERS, "sort": "", "page": 1, "language": "id"}
    costs = {
        "category": cost(lambda: category_page("lain", **args)),  # type: ignore[arg-type]
        "search": cost(lambda: search_page("kopi", **args)),  # type: ignore[arg-type]
        "seller": cost(lambda: seller_page(company.slug, **args)),  # type: ignore[arg-type]
        "home": cost(lambda: home_page("id")),
        "product": cost(lambda: product_page(goods[0].product.slug, "id")),
        "suggest": cost(lambda: suggest("kop", language="id")),
    }
    assert costs == {
        "category": 2, "search": 2, "seller": 4, "home": 6, "product": 5, "suggest": 1
    }  # fmt: skip


def test_a_page_too_far_is_the_last_one() -> None:
    stocked(make_company(), *((f"Kopi {n}", n) for n in range(30)))
    page = search_page("kopi", filters=NO_FILTERS, sort="", page=99, language="id").listing
    assert (page.page, page.pages, page.total, len(page.cards)) == (2, 2, 30, 6)


def test_lists_are_kept_until_the_catalogue_changes() -> None:
    company = make_company()
    stocked(company, ("Kopi Satu", 1))
    assert len(names("kopi")) == 1
    before = catalogue_version()
    with CaptureQueriesContext(connection) as statements:
        assert len(names("kopi")) == 1
    assert len(statements) == 0
    stocked(company, ("Kopi Dua", 1))
    assert catalogue_version() > before
    assert len(names("kopi")) == 2


@given(
    query=st.text(max_size=60),
    value=st.text(max_size=20),
    language=st.sampled_from(["id", "en"]),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_text_breaks_a_search(query: str, value: str, language: str) -> None:
    codes = ["category", "price", "city", "seller", "kind", "rating", "stock", "attr." + value]
    filters = Filters.of([(code, value) for code in codes] + [("price_min", value)])
    for chosen in (NO_FILTERS, filters):
        page = search_page(query, filters=chosen, sort=value, page=1, language=language)
        assert page.listing.total == 0
    assert isinstance(suggest(query, language=language), tuple)
    assert product_page(query, language) is None
    assert category_page(query, filters=filters, sort="", page=1, language=language) is None
    assert seller_page(query, filters=filters, sort="", page=1, language=language) is None
