"""The demo market's content keeps its promises: counts, numbers, names, words and pictures."""

import itertools
import re
from collections import Counter
from io import BytesIO

import lokal
import pytest
from biip.gtin import Gtin
from PIL import Image

from niaga.parties.identity import checked_nib, checked_npwp, checked_phone
from niaga.parties.regions import find_by_postal_code, provinces
from niaga.project.demo import pictures
from niaga.project.demo.content import market
from niaga.project.demo.content.schema import Attribute, AttributeValue, Place, Product
from niaga.project.demo.picture_parts import EMOJI, MOTIFS, rgb
from niaga.project.demo.picture_shapes import SHAPES

PRODUCTS = market.products()
VARIANTS = [variant for product in PRODUCTS for variant in product.variants]


def test_the_market_is_as_large_as_promised() -> None:
    kinds = Counter(product.kind for product in PRODUCTS)
    leaves = {product.category for product in PRODUCTS}
    assert len(market.companies()) == 14
    assert len(leaves) >= 28
    assert len({leaf.partition("/")[0] for leaf in leaves}) >= 9
    assert len(PRODUCTS) >= 420
    assert kinds["service"] >= 12
    assert kinds["digital"] >= 12
    assert len(market.reviews()) >= 200
    assert len(market.buyers()) == 8


def test_slugs_skus_and_gtins_are_unique() -> None:
    slugs = [product.slug for product in PRODUCTS]
    skus = [variant.sku for variant in VARIANTS]
    gtins = [variant.gtin for variant in VARIANTS if variant.gtin]
    assert len(set(slugs)) == len(slugs)
    assert len(set(skus)) == len(skus)
    assert len(set(gtins)) == len(gtins) > 300
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) for slug in slugs)


def test_gtins_have_valid_check_digits() -> None:
    for variant in VARIANTS:
        if variant.gtin:
            assert Gtin.parse(variant.gtin).value == variant.gtin
            assert variant.gtin.startswith("899")


def test_companies_have_valid_identities() -> None:
    companies = market.companies()
    for company in companies:
        assert checked_nib(company.nib) == company.nib
        assert checked_npwp(company.npwp) == company.npwp
        assert checked_phone(company.phone) == company.phone
        assert company.bank_account.isdigit()
    for field in ("nib", "npwp", "bank_account", "owner_email", "slug"):
        assert len({getattr(company, field) for company in companies}) == 14
    logins = {company.slug: company.owner_email for company in companies}
    assert logins["kopi-nusantara"] == "kopi@niaga.localhost"
    assert logins["batik-laweyan"] == "batik@niaga.localhost"


def _places() -> list[Place]:
    companies = market.companies()
    homes = [company.place for company in companies]
    stores = [location.place for company in companies for location in company.locations]
    return homes + stores + [buyer.place for buyer in market.buyers()]


def test_places_exist() -> None:
    for place in _places():
        known = {
            (region.village, region.district, region.city, region.province)
            for region in find_by_postal_code(place.postal_code)
        }
        assert (place.village, place.district, place.city, place.province) in known


def test_delivery_reaches_every_province_once() -> None:
    for company in market.companies():
        codes = [service.code for service in company.delivery]
        assert len(set(codes)) == len(codes) >= 3
        for service in company.delivery:
            if service.kind == "zone":
                reached = list(itertools.chain(*(zone.provinces for zone in service.zones)))
                assert sorted(reached) == list(provinces())
                assert all(zone.first_kg_idr > 0 for zone in service.zones)
                assert all(0 < zone.days_min <= zone.days_max for zone in service.zones)
            assert set(service.provinces) <= set(provinces())


def test_words_are_there_in_both_languages() -> None:
    for product in PRODUCTS:
        assert product.name_id
        assert product.name_en
        assert len(product.name_id) <= 140
        assert product.description_id != product.description_en
        for text in (product.description_id, product.description_en):
            assert 2 <= len(re.findall(r"[.?!](?:\s|$)", text)) <= 6, text
            assert "{" not in text
    assert len({product.description_en for product in PRODUCTS}) == len(PRODUCTS)
    for company in market.companies():
        assert company.story_id != company.story_en
        assert company.tagline_id != company.tagline_en


def test_prices_are_whole_and_discounts_are_real() -> None:
    for variant in VARIANTS:
        assert variant.price_idr > 0
        assert variant.price_idr % 500 == 0
        assert variant.compare_at_idr is None or variant.compare_at_idr > variant.price_idr


def test_variants_have_stock_where_their_company_has_places() -> None:
    by_slug = {company.slug: company for company in market.companies()}
    for product in PRODUCTS:
        codes = {location.code for location in by_slug[product.company].locations}
        options = [tuple(sorted(variant.options.items())) for variant in product.variants]
        assert len(set(options)) == len(options) > 0
        for variant in product.variants:
            assert set(variant.stock) == (codes if product.kind == "goods" else set())
            assert (variant.weight_g > 0) == (product.kind == "goods"), product.slug
        if product.kind == "goods":
            assert any(sum(variant.stock.values()) for variant in product.variants), product.slug


def test_services_have_slots_and_digital_goods_have_files() -> None:
    for product in PRODUCTS:
        assert (product.slots is not None) == (product.kind == "service")
        assert (product.file is not None) == (product.kind == "digital")
        if product.slots:
            assert product.slots.opens < product.slots.closes
            assert product.slots.weekdays
            assert product.slots.duration_min > 0
            assert product.slots.capacity > 0
        if product.file:
            assert len(product.file.text) > 150


def _conforms(value: AttributeValue, attribute: Attribute) -> bool:
    if attribute.kind == "choice":
        return value in {code for code, _, _ in attribute.choices}
    kinds = {"text": str, "number": (int, float), "boolean": bool}
    return isinstance(value, kinds[attribute.kind])


def test_attributes_conform_to_their_category() -> None:
    paths = {category.path for category in market.categories()}
    for product in PRODUCTS:
        assert product.category in paths
        known = market.attributes_of(product.category)
        for code, value in product.attributes.items():
            assert _conforms(value, known[code]), (product.slug, code)


def test_reviews_name_products_and_never_repeat() -> None:
    slugs = {product.slug for product in PRODUCTS}
    reviews = market.reviews()
    assert {review.product for review in reviews} <= slugs
    assert {review.stars for review in reviews} >= {2, 3, 4, 5}
    assert len({review.body for review in reviews}) == len(reviews)
    assert len({(review.product, review.author) for review in reviews}) == len(reviews)
    languages = Counter(review.language for review in reviews)
    assert languages["id"] > languages["en"] > 40


def _drawn() -> set[str]:
    codes = {category.emoji for category in market.categories()}
    for thing in (*PRODUCTS, *market.companies()):
        codes |= {thing.emoji, *thing.props}
    return codes


def test_pictures_have_all_they_need_and_nothing_else() -> None:
    assert {path.stem for path in EMOJI.glob("*.webp")} == _drawn()
    assert {product.shape for product in PRODUCTS} - {""} <= set(SHAPES)
    assert {product.motif for product in PRODUCTS} - {""} <= set(MOTIFS)
    for product in PRODUCTS:
        rgb(product.colour)
        rgb(product.tint or "#000000")


@pytest.mark.parametrize("product", PRODUCTS[::60], ids=lambda product: product.slug)
def test_a_product_picture_is_the_same_twice_and_small(product: Product) -> None:
    first = pictures.compose_product(product)
    assert first == pictures.compose_product(product)
    assert first != pictures.compose_product(product, 1)
    assert Image.open(BytesIO(first)).size == (800, 800)
    assert len(first) <= 25_000


def test_the_other_pictures_have_their_sizes() -> None:
    company, category = market.companies()[0], market.categories()[0]
    sizes = {
        (400, 400): pictures.compose_logo(company),
        (1600, 500): pictures.compose_banner(company),
        (600, 600): pictures.compose_category(category),
        (1600, 700): pictures.compose_hero(0),
    }
    for size, data in sizes.items():
        assert Image.open(BytesIO(data)).size == size


def test_every_npwp_is_a_company_number() -> None:
    assert {lokal.parse_npwp(company.npwp).kind for company in market.companies()} == {"npwp16"}
