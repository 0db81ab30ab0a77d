"""The basket: a guest's and a person's, filled, changed, emptied and undone."""

import re
from uuid import UUID

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from niaga.doors.storefront.basket_cookie import BASKET, COUNT
from niaga.flows.information.models import Product
from niaga.kernel.ids import new_id
from niaga.stages.sharing.models import Basket, BasketLine
from tests.support.buyers import browser
from tests.support.worlds import Goods, make_company, make_goods, make_person, make_slot

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
MOST_STATEMENTS = 8


@pytest.fixture
def shop() -> Client:
    """A guest who reads English."""
    return browser()


def fill(client: Client, goods: Goods, quantity: int = 1, **more: object) -> HttpResponse:
    fields = {"variant": goods.variant.id, "quantity": quantity, **more}
    return client.post(reverse("basket_add"), fields)  # type: ignore[return-value]


def line() -> BasketLine:
    return BasketLine.objects.get()


def text(response: HttpResponse) -> str:
    return response.content.decode()


# Filling


def test_a_guest_fills_a_basket_that_only_the_own_cookie_opens(shop: Client) -> None:
    goods = make_goods(make_company(name="Kopi Aroma"), price=40_000)
    added = fill(shop, goods, 2)
    assert added.status_code == 302
    assert added["Location"] == "/basket/"
    page = text(shop.get("/basket/"))
    for words in (goods.product.name_en, "Kopi Aroma", "Rp80.000", "Added to your basket."):
        assert words in page, words
    assert shop.cookies[COUNT].value == "2"
    assert shop.cookies[BASKET]["httponly"]
    assert shop.cookies[BASKET]["secure"]
    other = text(browser().get("/basket/"))  # type: ignore[arg-type]
    assert "Your basket is empty" in other
    assert 'id="basket-count" hidden' in other


def test_a_forged_cookie_opens_nothing(shop: Client) -> None:
    fill(shop, make_goods(make_company()))
    thief = browser()
    for value in (str(line().basket_id), f"{line().basket_id}:x:y", "%00", ""):
        thief.cookies[BASKET] = value
        assert "Your basket is empty" in text(thief.get("/basket/")), value


def test_the_same_thing_again_is_more_of_it(shop: Client) -> None:
    goods = make_goods(make_company())
    fill(shop, goods, 2)
    fill(shop, goods, 3)
    assert line().quantity == 5


def test_a_service_comes_with_its_time(shop: Client) -> None:
    service = make_goods(make_company(), kind="service")
    slot = make_slot(service)
    fill(shop, service)
    assert not BasketLine.objects.exists(), "without a time"
    fill(shop, service, slot=slot.id)
    assert line().slot_id == slot.id


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"variant": "x", "quantity": 1},
        {"variant": "\0", "quantity": 1},
        {"variant": str(new_id()), "quantity": 1},
        {"quantity": 0}, {"quantity": -1}, {"quantity": 1000}, {"quantity": "many"},
        {"quantity": 1, "slot": "x"}, {"quantity": 1, "slot": str(new_id())},
    ],
)  # fmt: skip
def test_nonsense_fills_nothing(shop: Client, fields: dict[str, object]) -> None:
    goods = make_goods(make_company())
    for headers in ({}, HTMX):
        fields = {"variant": goods.variant.id, **fields} if fields else {}
        answer = shop.post(reverse("basket_add"), fields, headers=headers)
        assert answer.status_code == (422 if headers else 302)
    assert not BasketLine.objects.exists()
    assert "notice-error" in text(shop.get("/basket/"))


def test_buying_now_goes_straight_to_the_checkout(shop: Client) -> None:
    goods = make_goods(make_company())
    assert fill(shop, goods, then="checkout")["Location"] == "/checkout/"
    fields = {"variant": goods.variant.id, "quantity": 1, "then": "checkout"}
    answer = shop.post(reverse("basket_add"), fields, headers=HTMX)
    assert answer["HX-Redirect"] == "/checkout/"


# Changing


def test_a_quantity_is_changed(shop: Client) -> None:
    fill(shop, make_goods(make_company()), 2)
    shop.post(reverse("basket_change", args=[line().id]), {"quantity": 7})
    assert line().quantity == 7
    assert shop.cookies[COUNT].value == "7"
    for odd in ("0", "1000", "", "x"):
        shop.post(reverse("basket_change", args=[line().id]), {"quantity": odd})
        assert line().quantity == 7


def test_nobody_changes_or_empties_anothers_basket(shop: Client) -> None:
    fill(shop, make_goods(make_company()), 2)
    other, person = browser(), browser(make_person())
    for visitor in (other, person):
        fill(visitor, make_goods(make_company()))
        mine = line_of(shop)
        visitor.post(reverse("basket_change", args=[mine.id]), {"quantity": 7})
        visitor.post(reverse("basket_remove", args=[mine.id]))
        assert line_of(shop).quantity == 2


def line_of(shop: Client) -> BasketLine:
    found = re.search(r"/basket/lines/([0-9a-f-]+)/remove/", text(shop.get("/basket/")))
    assert found
    return BasketLine.objects.get(pk=UUID(found[1]))


def test_what_is_taken_out_can_be_put_back(shop: Client) -> None:
    service = make_goods(make_company(), kind="service")
    slot = make_slot(service, capacity=3)
    fill(shop, service, 2, slot=slot.id)
    taken = shop.post(reverse("basket_remove", args=[line().id]))
    assert not BasketLine.objects.exists()
    assert shop.cookies[COUNT].value == "0"
    page = text(shop.get(taken["Location"]))
    hidden = r'<input type="hidden" name="(variant|quantity|slot)" value="([^"]*)"'
    fields = dict(re.findall(hidden, page))
    shop.post(reverse("basket_restore"), fields)
    assert (line().quantity, line().slot_id) == (2, slot.id)


def test_htmx_shows_the_basket_and_the_corner_anew(shop: Client) -> None:
    fill(shop, make_goods(make_company()), 2)
    answer = text(shop.post(reverse("basket_remove", args=[line().id]), headers=HTMX))
    assert "<html" not in answer
    assert "Your basket is empty" in answer
    assert "Undo" in answer
    assert 'id="basket-count" hx-swap-oob="true" hidden' in answer


def test_only_forms_change_a_basket(shop: Client) -> None:
    fill(shop, make_goods(make_company()))
    for name in ("basket_change", "basket_remove"):
        assert shop.get(reverse(name, args=[line().id])).status_code == 405
    for name in ("basket_add", "basket_restore"):
        assert shop.get(reverse(name)).status_code == 405
    forger = Client(enforce_csrf_checks=True)
    goods = make_goods(make_company())
    fields = {"variant": goods.variant.id, "quantity": 1}
    assert forger.post(reverse("basket_add"), fields).status_code == 403


# Problems


def test_each_problem_is_said_at_its_line(shop: Client) -> None:
    company = make_company()
    few, gone = make_goods(company, stock=2), make_goods(company)
    fill(shop, few, 5)
    page = text(shop.get("/basket/"))
    assert "Only 2 left." in page
    assert "Take 2" in page
    assert 'href="/checkout/"' not in page
    fill(shop, gone)
    Product.objects.filter(pk=gone.product.id).update(state=Product.State.HIDDEN)
    assert "This is no longer sold." in text(shop.get("/basket/"))


# Signing in and out


def test_what_a_guest_gathered_joins_the_persons_own_basket(shop: Client) -> None:
    person, goods = make_person(), make_goods(make_company())
    fill(browser(person), goods, 1)
    fill(shop, goods, 2)
    shop.force_login(person)
    page = shop.get("/")
    assert line().quantity == 3
    assert line().basket.person == person
    assert shop.cookies[COUNT].value == "3"
    assert not shop.cookies[BASKET].value
    assert '<span class="count" id="basket-count" >3</span>' in text(page)  # type: ignore[arg-type]


def test_another_browser_learns_the_persons_count(shop: Client) -> None:
    person = make_person()
    fill(browser(person), make_goods(make_company()), 4)
    shop.force_login(person)
    shop.get("/")
    assert shop.cookies[COUNT].value == "4"


def test_after_signing_out_the_persons_basket_is_out_of_sight(shop: Client) -> None:
    person = make_person()
    shop.force_login(person)
    fill(shop, make_goods(make_company()), 4)
    shop.logout()
    shop.cookies[COUNT] = "4"
    assert 'id="basket-count" hidden' in text(shop.get("/"))  # type: ignore[arg-type]
    assert "Your basket is empty" in text(shop.get("/basket/"))
    assert Basket.objects.get(person=person).lines.get().quantity == 4


# What it costs


@pytest.mark.parametrize(("count", "signed_in"), [(10, False), (200, False), (10, True)])
def test_a_basket_takes_few_statements_however_full(
    shop: Client, count: int, *, signed_in: bool
) -> None:
    if signed_in:
        shop.force_login(make_person())
    company = make_company()
    goods = [make_goods(company, kind="digital") for _ in range(count)]
    fill(shop, goods[0])
    basket = line().basket
    BasketLine.objects.bulk_create(
        BasketLine(id=new_id(), basket=basket, variant=g.variant, quantity=1) for g in goods[1:]
    )
    shop.get("/c/")
    with CaptureQueriesContext(connection) as asked:
        page = shop.get("/basket/")
    assert text(page).count('<li class="basket-line') == count  # type: ignore[arg-type]
    assert len(asked) <= MOST_STATEMENTS
