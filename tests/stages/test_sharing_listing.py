"""Sellers describe, price, show and hide; refusals change nothing."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from niaga.flows.information.catalogue import forget_catalogue
from niaga.flows.information.commands.describe_product import ProductUnknown
from niaga.flows.information.commands.keep_media import TooManyPictures, add_media, remove_media
from niaga.flows.information.descriptions import (
    DescriptionInvalid,
    ProductDescription,
    VariantDescription,
)
from niaga.flows.information.models import Attribute, Category, ListingCard, Media, Product, Variant
from niaga.flows.information.queries import NO_FILTERS, search_page
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.parties.commands.decide_company import suspend_company
from niaga.parties.models import Company
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.relay import relay
from niaga.plumbing.states import TransitionRefused
from niaga.stages.sharing.commands.change_price import change_price
from niaga.stages.sharing.commands.list_product import Price, PriceInvalid, list_product
from niaga.stages.sharing.commands.show_listing import (
    CompanyNotApproved,
    NothingToSell,
    hide_listing,
    publish_listing,
)
from niaga.stages.sharing.indexing import (
    add_sold,
    apply_rating,
    index_products,
    index_services,
    index_stock,
)
from niaga.stages.sharing.models import Offer
from niaga.stages.sharing.queries import product_page
from tests.support.worlds import OPERATOR, make_company, make_goods, make_slot

pytestmark = pytest.mark.django_db

COFFEE = ProductDescription(
    category_path="makanan/kopi",
    kind="goods",
    name_id="Kopi Gayo",
    name_en="Gayo Coffee",
    brand="Gayo",
    tags=("Arabika",),
    attributes={"roast": "Gelap", "halal": "ya", "altitude": "1400"},
    variants=(
        VariantDescription("GAYO-250", {"Berat": "250 g"}, weight_g=250),
        VariantDescription("GAYO-1000", {"Berat": "1 kg"}, weight_g=1000),
    ),
)
PRICES = (
    Price("GAYO-250", Money.of(85_000)),
    Price("GAYO-1000", Money.of(300_000), Money.of(340_000)),
)


@pytest.fixture
def shelves() -> None:
    food = Category.objects.create(path="makanan", name_id="Makanan", name_en="Food")
    coffee = Category.objects.create(
        path="makanan/kopi", parent=food, name_id="Kopi", name_en="Coffee"
    )
    Attribute.objects.create(
        category=food, code="halal", name_id="Halal", name_en="Halal", kind="boolean"
    )
    Attribute.objects.create(
        category=coffee,
        code="roast",
        name_id="Sangrai",
        name_en="Roast",
        kind="choice",
        choices=[["light", "Terang", "Light"], ["dark", "Gelap", "Dark"]],
    )
    Attribute.objects.create(
        category=coffee, code="altitude", name_id="Tinggi", name_en="Altitude", kind="number"
    )
    forget_catalogue()


@pytest.fixture
def company(shelves: None) -> Company:
    return make_company()


def listed(company: Company, **changes: Any) -> UUID:
    actor = Actor("seller", seller_id=company.id)
    values: dict[str, Any] = {"description": COFFEE, "prices": PRICES} | changes
    return list_product(actor=actor, seller_id=company.id, **values).product_id


def published(company: Company) -> UUID:
    product_id = listed(company)
    publish_listing(actor=Actor("seller"), seller_id=company.id, product_id=product_id)
    relay()
    return product_id


def test_a_published_listing_is_found_and_shown(company: Company) -> None:
    product_id = published(company)

    found = search_page("gayo", filters=NO_FILTERS, sort="", page=1, language="en").listing
    (card,) = found.cards
    assert (card.name, card.price, card.price_from) == ("Gayo Coffee", Money.of(85_000), True)
    assert not card.in_stock
    page = product_page(card.slug, "id")
    assert page is not None
    assert page.id == product_id
    assert [v.options_text for v in page.variants] == ["250 g", "1 kg"]
    assert {a.code: a.value for a in page.attributes} == {
        "halal": "Ya",
        "roast": "Gelap",
        "altitude": "1400",
    }
    assert [c.name for c in page.breadcrumbs] == ["Makanan", "Kopi"]
    assert page.axes[0].values == ("250 g", "1 kg")


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"category_path": "tak-ada"}, "category", "unknown"),
        ({"kind": "animal"}, "kind", "unknown"),
        ({"name_id": "  "}, "name_id", "required"),
        ({"name_id": "x" * 141}, "name_id", "too_long"),
        ({"tags": ("y" * 41,)}, "tags", "too_long"),
        ({"attributes": {"colour": "red"}}, "attributes.colour", "unknown"),
        ({"attributes": {"roast": "burnt"}}, "attributes.roast", "not_a_choice"),
        ({"attributes": {"halal": "maybe"}}, "attributes.halal", "not_yes_or_no"),
        ({"attributes": {"altitude": "high"}}, "attributes.altitude", "not_a_number"),
        ({"attributes": {"altitude": "NaN"}}, "attributes.altitude", "not_a_number"),
        ({"variants": ()}, "variants", "required"),
        ({"variants": (VariantDescription(" "),)}, "sku", "required"),
        ({"variants": (VariantDescription("A"), VariantDescription("A"))}, "sku", "twice"),
        ({"variants": (VariantDescription("A", gtin="8991234567890"),)}, "gtin", "check_digit"),
        ({"variants": (VariantDescription("A", weight_g=-1),)}, "weight_g", "out_of_range"),
        (
            {"variants": (VariantDescription("A", {"Warna": "Biru"}), VariantDescription("B"))},
            "options",
            "options_differ",
        ),
    ],
)
def test_a_description_that_breaks_a_rule_is_refused(
    company: Company, changes: dict[str, Any], field: str, rule: str
) -> None:
    events = StoredEvent.objects.count()
    with pytest.raises(DescriptionInvalid) as no:
        listed(company, description=replace(COFFEE, **changes), prices=())

    assert (no.value.field, no.value.rule) == (field, rule)
    assert not Product.objects.exists()
    assert StoredEvent.objects.count() == events


@pytest.mark.parametrize(
    ("price", "rule"),
    [
        (Price("GAYO-250", Money(-100)), "negative"),
        (Price("GAYO-250", Money(150)), "not_a_whole_step"),
        (Price("GAYO-250", Money(100, "USD")), "currency"),
        (Price("GAYO-250", Money.of(10), Money.of(10)), "compare_at_not_above"),
        (Price("OTHER", Money.of(10)), "unknown_sku"),
        (Price("GAYO-250", Money.of(10), tax="none"), "tax"),
        (Price("GAYO-250", Money.of(10**12)), "too_high"),
    ],
)
def test_a_price_that_breaks_a_rule_is_refused(company: Company, price: Price, rule: str) -> None:
    with pytest.raises(PriceInvalid) as no:
        listed(company, prices=(price,))

    assert no.value.rule == rule
    assert not Product.objects.exists()
    assert not Offer.objects.exists()


def test_listing_anew_keeps_the_slug_and_puts_missing_variants_out_of_use(
    company: Company,
) -> None:
    product_id = listed(company)
    slug = Product.objects.get(pk=product_id).slug
    listed(
        company,
        product_id=product_id,
        description=replace(COFFEE, name_id="Kopi Baru", variants=COFFEE.variants[:1]),
        prices=PRICES[:1],
    )

    product = Product.objects.get(pk=product_id)
    assert (product.slug, product.name_id) == (slug, "Kopi Baru")
    assert Variant.objects.filter(active=True).count() == 1
    assert Offer.objects.count() == 1


def test_a_sku_belongs_to_one_product_of_a_seller(company: Company) -> None:
    listed(company)
    with pytest.raises(DescriptionInvalid) as no:
        listed(company)
    assert (no.value.field, no.value.rule) == ("sku", "taken")
    assert Product.objects.count() == 1


def test_another_sellers_product_cannot_be_touched(company: Company) -> None:
    product_id = published(company)
    thief = make_company()
    with pytest.raises(ProductUnknown):
        listed(thief, product_id=product_id)
    with pytest.raises(ProductUnknown):
        hide_listing(actor=Actor("seller"), seller_id=thief.id, product_id=product_id)
    assert Product.objects.get(pk=product_id).state == "published"


def test_publishing_needs_an_approved_company_and_a_price(company: Company) -> None:
    waiting = make_company(approved=False)
    bare = listed(waiting)
    with pytest.raises(CompanyNotApproved):
        publish_listing(actor=Actor("seller"), seller_id=waiting.id, product_id=bare)
    unpriced = listed(company, prices=())
    with pytest.raises(NothingToSell):
        publish_listing(actor=Actor("seller"), seller_id=company.id, product_id=unpriced)
    assert set(Product.objects.values_list("state", flat=True)) == {"draft"}


def test_hidden_suspended_and_shown_again_with_its_stars(company: Company) -> None:
    product_id = published(company)
    apply_rating(product_id, 5)
    add_sold([(Variant.objects.get(sku="GAYO-250").id, 3)])
    hide_listing(actor=Actor("seller"), seller_id=company.id, product_id=product_id)
    relay()
    assert (
        search_page("gayo", filters=NO_FILTERS, sort="", page=1, language="id").listing.total == 0
    )
    with pytest.raises(TransitionRefused):
        hide_listing(actor=Actor("seller"), seller_id=company.id, product_id=product_id)

    publish_listing(actor=Actor("seller"), seller_id=company.id, product_id=product_id)
    relay()
    (card,) = search_page("gayo", filters=NO_FILTERS, sort="", page=1, language="id").listing.cards
    assert (card.rating, card.review_count, card.sold_count) == (5.0, 1, 3)

    suspend_company(actor=OPERATOR, company_id=company.id, note="-")
    relay()
    assert not ListingCard.objects.filter(listed=True).exists()


def test_prices_change_cards(company: Company) -> None:
    product_id = published(company)
    variant = Variant.objects.get(sku="GAYO-250")
    change_price(
        actor=Actor("seller"),
        seller_id=company.id,
        variant_id=variant.id,
        price=Money.of(70_000),
        compare_at=Money.of(85_000),
    )
    relay()
    card = ListingCard.objects.get(pk=product_id)
    assert (card.price_minor, card.compare_at_minor) == (70_000_00, 85_000_00)
    with pytest.raises(PriceInvalid):
        change_price(
            actor=Actor("seller"), seller_id=company.id, variant_id=variant.id, price=Money(1)
        )
    assert Offer.objects.get(pk=variant.id).price_minor == 70_000_00


def test_stock_moves_the_card(company: Company) -> None:
    goods = make_goods(company, stock=0)
    index_products([goods.product.id])
    assert not ListingCard.objects.get().in_stock
    more = make_goods(company, stock=2)
    assert index_products([more.product.id]) == 1
    assert ListingCard.objects.get(pk=more.product.id).in_stock
    assert index_stock([more.variant.id]) == 0


def test_a_service_whose_times_passed_is_not_on_offer(company: Company) -> None:
    service = make_goods(company, kind="service")
    slot = make_slot(service)
    index_products([service.product.id])
    assert ListingCard.objects.get().in_stock
    with clock.at(slot.starts_at):
        assert index_services() == 1
    assert not ListingCard.objects.get().in_stock
    assert index_services() == 1


def test_pictures_come_last_and_go(company: Company) -> None:
    product_id = published(company)
    actor = Actor("seller")
    ids = [
        add_media(
            actor=actor, seller_id=company.id, product_id=product_id, file=f"{n}", thumbnail=f"t{n}"
        )
        for n in range(12)
    ]
    with pytest.raises(TooManyPictures):
        add_media(actor=actor, seller_id=company.id, product_id=product_id, file="x", thumbnail="x")
    relay()
    assert ListingCard.objects.get().picture == "t0"
    assert remove_media(actor=actor, seller_id=make_company().id, media_id=ids[0]) is None
    gone = remove_media(actor=actor, seller_id=company.id, media_id=ids[0])
    assert gone is not None
    assert gone.file == "0"
    relay()
    assert ListingCard.objects.get().picture == "t1"
    assert Media.objects.count() == 11
