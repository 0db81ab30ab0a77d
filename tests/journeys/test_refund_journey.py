"""Money goes back, in real browsers: shown first, then done by seller and operator, seen by all."""

from dataclasses import dataclass

import pytest
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from niaga.flows.documents.models import Document
from niaga.flows.money.models import Refund
from niaga.kernel.money import Money
from niaga.parties.models import Person
from niaga.stages.ordering.models import Order, Purchase
from tests.support.audit import assert_flows_agree
from tests.support.browser import chromium, sign_in, window
from tests.support.card_town import wait_until
from tests.support.market import RunningMarket
from tests.support.worlds import (
    deliver,
    make_basket,
    make_company,
    make_goods,
    make_person,
    orders_of,
    pay,
    place,
    ship_all,
)

PASSWORD = "rahasia-123"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LOCAL_MAIL = "django.core.mail.backends.locmem.EmailBackend"


@dataclass(frozen=True)
class Sold:
    """A paid and delivered order of two spoons, and who its seller is."""

    order: Order
    purchase: Purchase
    seller: str


@pytest.fixture
def sold(transactional_db: None) -> Sold:
    """Two spoons of 40,000 and a delivery of 15,000; a commission of 2.5 %."""
    owner = make_person("sendok@contoh.id")
    company = make_company(name="Toko Sendok", owner=owner)
    Person.objects.create_superuser("pengelola@contoh.id", PASSWORD, name="Pengelola")
    placed = place(make_basket((make_goods(company, price=40_000, name="Sendok Kayu"), 2)))
    pay(placed)
    [order] = orders_of(placed)
    deliver(ship_all(order))
    return Sold(order, Purchase.objects.get(pk=placed.purchase_id), owner.email)


@pytest.mark.browser
@pytest.mark.slow
def test_seller_and_operator_give_back_and_the_buyer_sees_it(
    sold: Sold, live_market: RunningMarket
) -> None:
    with (
        chromium() as browser,
        window(browser, live_market.url, **PHONE) as buyer,
        window(browser, live_market.url, **PHONE) as seller,
        window(browser, live_market.url) as operator,
    ):
        wait_until(Document.objects.filter(kind="invoice").exists)  # else its credit is put off
        sign_in(seller, sold.seller, PASSWORD)
        _seller_gives_a_spoon_back(seller, sold)
        address = reverse("purchase", args=[sold.purchase.reference])
        buyer.goto(f"{address}?t={sold.purchase.token}")
        buyer.get_by_role("link", name="Follow this order").first.click()
        expect(buyer.locator("main")).to_contain_text("Satu sendok retak")
        expect(buyer.locator("main")).to_contain_text("40.000")
        sign_in(operator, "pengelola@contoh.id", PASSWORD)
        _operator_gives_the_rest_back(operator, sold)
        buyer.reload()
        expect(buyer.locator("main")).to_contain_text("Maaf sekali")
        seller.goto(reverse("seller:order", args=[sold.order.id]))
        expect(seller.locator("main")).to_contain_text("Your part of refunds")
    assert sum(Refund.objects.values_list("amount_minor", flat=True)) == sold.order.total_minor
    with override_settings(MAILERS={"default": {"BACKEND": LOCAL_MAIL}}):
        assert_flows_agree()


def _seller_gives_a_spoon_back(page: Page, sold: Sold) -> None:
    page.goto(reverse("seller:order", args=[sold.order.id]))
    page.get_by_role("link", name="Give money back").click()
    page.get_by_label("Some of the units").check()
    page.locator("input[name^=units_]").fill("1")
    page.get_by_label("Reason").fill("Satu sendok retak")
    page.get_by_role("button", name="See what it does").click()
    shown = page.locator("main")
    expect(shown).to_contain_text("Toko Sendok, from its share")
    expect(shown).to_contain_text("39.000")
    expect(shown).to_contain_text("1.000")
    assert not Refund.objects.exists(), "showing it must do nothing"
    page.get_by_role("button", name="Give back").click()
    expect(page.locator("main")).to_contain_text("Satu sendok retak")
    assert Refund.objects.get().amount_minor == Money.of(40_000).minor


def _operator_gives_the_rest_back(page: Page, sold: Sold) -> None:
    page.goto(reverse("office:order", args=[sold.order.id]))
    page.get_by_role("link", name="Give money back").click()
    page.get_by_label("All that is left").check()
    page.get_by_label("Reason").fill("Maaf sekali")
    page.get_by_role("button", name="See what it does").click()
    expect(page.locator(".refund-sum")).to_contain_text("55.000")
    page.get_by_role("button", name="Give back").click()
    expect(page.locator("main")).to_contain_text("Maaf sekali")
