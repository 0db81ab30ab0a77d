"""Checkout: what the buyer fills in, what it comes to, and that it is placed once or not at all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from niaga.doors.storefront.basket_cookie import COUNT
from niaga.flows.goods.commands.keep_delivery import DeliveryTerms, keep_delivery
from niaga.flows.goods.models import DeliveryService, StockLevel
from niaga.flows.information.models import Product
from niaga.flows.money.models import Payment
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.parties.commands.keep_address import PostalAddress, keep_address
from niaga.parties.models import Address, Person
from niaga.stages.ordering.models import Order, Purchase
from niaga.stages.sharing.models import BasketLine, Offer
from tests.support.audit import assert_flows_agree
from tests.support.buyers import browser
from tests.support.worlds import (
    ADDRESS,
    Goods,
    make_company,
    make_goods,
    make_person,
    make_slot,
    make_voucher,
)

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
PLACE = {"place": "1"}
MOST_STATEMENTS = 8

SAID = {
    "name": "Dewi Lestari",
    "phone": "0812 3456 7890",
    "email": "dewi@contoh.id",
    "kept": "new",
    "street": "Jl. Margonda Raya 100",
    "postal_code": "16423",
    "method": "bank_transfer",
    "note": "Please ring twice.",
}


@dataclass
class Till:
    """A browser with a checkout page open: its hidden fields, and what the buyer says."""

    client: Client
    said: dict[str, Any] = field(default_factory=lambda: dict(SAID))

    def look(self, **changes: Any) -> HttpResponse:
        """Look again, as a button but `place` does; keeps what the page then shows."""
        self.said |= changes
        answer: Any = self.client.post(reverse("checkout"), self.said)
        return self.read(answer)

    def open(self) -> HttpResponse:
        answer: Any = self.client.get(reverse("checkout"))
        return self.read(answer)

    def place(self, **changes: Any) -> HttpResponse:
        self.said |= changes
        answer: Any = self.client.post(reverse("checkout"), {**self.said, **PLACE})
        return self.read(answer)

    def read(self, page: HttpResponse) -> HttpResponse:
        """Keep what the page's hidden fields and ticked deliveries say."""
        html = text(page)
        hidden = r'<input type="hidden" name="(key|parcel|expected_total_minor)" value="([^"]*)"'
        self.said |= dict(re.findall(hidden, html))
        ticked = r'name="(delivery-[^"]+)" id="[^"]*" value="([^"]+)" checked'
        self.said |= dict(re.findall(ticked, html))
        region = re.search(r'<option value="([^"]+)" selected', html) or re.search(
            r'<select name="region".*?<option value="([^"]+)"', html, re.DOTALL
        )
        self.said["region"] = region[1] if region else ""
        return page


def text(response: HttpResponse) -> str:
    return response.content.decode()


def at_the_till(*goods: Goods, person: Person | None = None, quantity: int = 1) -> Till:
    """A visitor who put these things into the basket, and filled in the postal code."""
    client = browser(person)
    for thing in goods:
        fields = {"variant": thing.variant.id, "quantity": quantity}
        client.post(reverse("basket_add"), fields)
    till = Till(client)
    till.open()
    till.look()
    return till


@pytest.fixture
def coffee() -> Goods:
    """Goods of one seller, ten in stock."""
    return make_goods(make_company(name="Kopi Aroma"), price=80_000)


@pytest.fixture
def nothing_happens() -> Iterator[None]:
    """Nothing is placed, promised or opened by a refused checkout."""
    yield
    assert not Purchase.objects.exists()
    assert not Order.objects.exists()
    assert not Payment.objects.exists()
    assert BasketLine.objects.exists()
    assert not StockLevel.objects.filter(reserved__gt=0).exists()


# Placing


def test_a_guest_orders_and_is_led_to_the_purchase(coffee: Goods) -> None:
    till = at_the_till(coffee)
    placed = till.place()
    purchase = Purchase.objects.get()
    assert placed.status_code == 302
    assert placed["Location"] == f"/purchases/{purchase.reference}/?t={purchase.token}"
    assert (purchase.email, purchase.phone) == ("dewi@contoh.id", "+6281234567890")
    assert (purchase.recipient, purchase.village) == ("Dewi Lestari", "Kemiri Muka")
    assert purchase.total_minor == Money.of(95_000).minor
    assert purchase.language == "en"
    assert Order.objects.get().buyer_note == "Please ring twice."
    assert till.client.cookies[COUNT].value == "0"
    assert "Your basket is empty" in text(till.client.get("/basket/"))  # type: ignore[arg-type]
    assert_flows_agree()


def test_several_sellers_are_one_purchase_each_with_its_delivery(coffee: Goods) -> None:
    other = make_goods(make_company(name="Batik Kirana"), price=200_000)
    DeliveryService.objects.create(
        seller_id=other.product.seller_id, code="kilat", name="Kilat", kind="flat",
        flat_minor=Money.of(40_000).minor,
    )  # fmt: skip
    till = at_the_till(coffee, other)
    till.look(**{f"delivery-{other.product.seller_id}": "kilat"})
    till.place()
    assert Purchase.objects.get().total_minor == Money.of(80_000 + 200_000 + 15_000 + 40_000).minor
    assert sorted(Order.objects.values_list("delivery_name", flat=True)) == ["Kilat", "Reguler"]


def test_cash_is_offered_where_a_courier_brings_everything(coffee: Goods) -> None:
    till = at_the_till(coffee)
    assert till.place(method="cash_on_delivery").status_code == 302
    assert Payment.objects.get().method == "cash_on_delivery"


def test_nothing_to_ship_needs_no_address() -> None:
    till = at_the_till(make_goods(make_company(), kind="digital"))
    assert "Where to?" not in text(till.open())
    for name in ("street", "postal_code", "region"):
        till.said.pop(name, None)
    assert till.place().status_code == 302
    assert Purchase.objects.get().street == ""


def test_a_booked_time_is_held() -> None:
    service = make_goods(make_company(), kind="service")
    slot = make_slot(service)
    client = browser()
    fields = {"variant": service.variant.id, "quantity": 1, "slot": slot.id}
    client.post(reverse("basket_add"), fields)
    till = Till(client)
    till.open()
    assert till.place().status_code == 302
    slot.refresh_from_db()
    assert slot.booked == 1


# Once


def test_the_same_form_sent_again_is_the_same_purchase(coffee: Goods) -> None:
    till = at_the_till(coffee)
    form = {**till.said, **PLACE}
    first = till.client.post(reverse("checkout"), form)
    again = till.client.post(reverse("checkout"), form)
    assert Purchase.objects.count() == 1
    assert again["Location"] == first["Location"]


def test_an_old_form_with_other_words_places_nothing_more(coffee: Goods) -> None:
    till = at_the_till(coffee)
    form = {**till.said, **PLACE}
    till.client.post(reverse("checkout"), form)
    again = till.client.post(reverse("checkout"), {**form, "note": "Something else"})
    assert again["Location"] == "/basket/"
    assert "it may be ordered already" in text(till.client.get("/basket/"))  # type: ignore[arg-type]
    assert Purchase.objects.count() == 1


def test_a_reused_key_with_a_filled_basket_gets_a_new_one(coffee: Goods) -> None:
    till = at_the_till(coffee)
    form = {**till.said, **PLACE}
    till.client.post(reverse("checkout"), form)
    fields = {"variant": coffee.variant.id, "quantity": 2}
    till.client.post(reverse("basket_add"), fields)
    old: Any = till.client.post(reverse("checkout"), {**form, "note": "More"})
    assert old.status_code == 422
    till.read(old)
    assert till.said["key"] != form["key"]
    assert till.place(note="More").status_code == 302
    assert Purchase.objects.count() == 2


# Refused


@pytest.mark.usefixtures("nothing_happens")
def test_a_changed_price_is_shown_and_asked_again(coffee: Goods) -> None:
    till = at_the_till(coffee)
    Offer.objects.filter(variant=coffee.variant).update(price_minor=Money.of(90_000).minor)
    page = till.place()
    assert page.status_code == 422
    assert "Prices have changed" in text(page)
    assert "Rp105.000" in text(page)
    assert "Please ring twice." in text(page)
    assert till.said["expected_total_minor"] == str(Money.of(105_000).minor)


def test_the_new_price_can_then_be_accepted(coffee: Goods) -> None:
    till = at_the_till(coffee)
    Offer.objects.filter(variant=coffee.variant).update(price_minor=Money.of(90_000).minor)
    till.place()
    assert till.place().status_code == 302
    assert Purchase.objects.get().total_minor == Money.of(105_000).minor


@pytest.mark.usefixtures("nothing_happens")
def test_what_is_gone_is_said_and_nothing_typed_is_lost(coffee: Goods) -> None:
    till = at_the_till(coffee)
    StockLevel.objects.update(on_hand=0)
    page = till.place()
    assert page.status_code == 422
    assert "There is not enough left" in text(page)
    for typed in ("dewi@contoh.id", "Jl. Margonda Raya 100", "16423", "Please ring twice."):
        assert typed in text(page)


@pytest.mark.usefixtures("nothing_happens")
def test_what_is_sold_no_more_is_said_and_nothing_typed_is_lost(coffee: Goods) -> None:
    till = at_the_till(coffee)
    Product.objects.update(state=Product.State.HIDDEN)
    page = till.place()
    assert page.status_code == 422
    assert "no longer sold" in text(page)
    assert "Jl. Margonda Raya 100" in text(page)
    assert "Order and pay" not in text(page)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": ""}, "This field is required"),
        ({"email": "dewi"}, "valid email"),
        ({"name": "\0"}, "Null characters"),
        ({"phone": "123"}, "This number is not well formed."),
        ({"street": ""}, "This field is required"),
        ({"postal_code": ""}, "This field is required"),
        ({"postal_code": "99999"}, "We do not know this postal code."),
        ({"postal_code": "abcde"}, "We do not know this postal code."),
        ({"region": "Atlantis | Sea"}, "Select a valid choice"),
        ({"method": ""}, "Choose how to pay."),
        ({"method": "gold"}, "Choose how to pay."),
        ({"voucher": "NOTHING"}, "We do not know this voucher."),
        ({"voucher": "%00"}, "We do not know this voucher."),
        ({"key": "x"}, "Please correct"),
        ({"expected_total_minor": "x"}, "Please correct"),
        ({"note": "x" * 301}, "at most 300"),
    ],
)
@pytest.mark.usefixtures("nothing_happens")
def test_what_is_wrong_is_said_beside_it(
    coffee: Goods, changes: dict[str, str], words: str
) -> None:
    till = at_the_till(coffee)
    page = till.place(**changes)
    assert page.status_code == 422
    assert words in text(page)
    assert "Please ring twice." in text(page) or "note" in changes


def test_who_fetches_everything_is_asked_for_no_address(coffee: Goods) -> None:
    seller_id = coffee.product.seller_id
    terms = DeliveryTerms("Ambil di toko", "pickup", Money.of(0), 0, 1, 9, True, ())
    keep_delivery(seller_id=seller_id, terms=terms)
    till = at_the_till(coffee)
    unknown = {"street": "", "postal_code": "", f"delivery-{seller_id}": ""}
    page = text(till.look(**unknown))
    assert till.said["parcel"] == "1"
    assert "Ambil di toko" in page
    assert till.place().status_code == 422
    till.look(**{f"delivery-{seller_id}": "ambil-di-toko"})
    assert till.said["parcel"] == ""
    assert till.place().status_code == 302
    order = Order.objects.select_related("purchase").get()
    assert (order.delivery_kind, order.purchase.street) == ("pickup", "")
    assert order.total_minor == Money.of(80_000).minor


@pytest.mark.usefixtures("nothing_happens")
def test_a_delivery_that_is_not_offered_is_refused(coffee: Goods) -> None:
    till = at_the_till(coffee)
    page = till.place(**{f"delivery-{coffee.product.seller_id}": "teleport"})
    assert page.status_code == 422
    assert "Kopi Aroma does not deliver to this address that way." in text(page)


@pytest.mark.usefixtures("nothing_happens")
def test_cash_is_not_for_services() -> None:
    till = at_the_till(make_goods(make_company(), kind="digital"))
    page = till.place(method="cash_on_delivery")
    assert page.status_code == 422
    assert "cannot be paid in cash on delivery" in text(page)


@pytest.mark.usefixtures("nothing_happens")
def test_hiding_that_something_is_shipped_does_not_help(coffee: Goods) -> None:
    till = at_the_till(coffee)
    assert till.place(parcel="").status_code == 422


def test_an_empty_basket_has_no_checkout() -> None:
    guest = browser()
    for answer in (
        guest.get(reverse("checkout")),
        guest.post(reverse("checkout"), {**SAID, **PLACE}),
        guest.post(reverse("regions"), SAID),
    ):
        assert answer.status_code == 302
        assert answer["Location"] == "/basket/"


def test_a_basket_with_a_problem_is_settled_first(coffee: Goods) -> None:
    client = browser()
    client.post(reverse("basket_add"), {"variant": coffee.variant.id, "quantity": 11})
    assert client.get(reverse("checkout"))["Location"] == "/basket/"


# Looking again


def test_the_postal_code_fills_in_the_rest(coffee: Goods) -> None:
    client = browser()
    client.post(reverse("basket_add"), {"variant": coffee.variant.id, "quantity": 1})
    till = Till(client)
    assert "Give the postal code" in text(till.open())
    page = text(till.look())
    assert "Kemiri Muka, Beji, Kota Depok" in page
    assert "Jawa Barat" in page
    assert "Rp95.000" in page
    part: Any = client.post(reverse("regions"), till.said, headers=HTMX)
    assert "<html" not in text(part)
    assert "Kemiri Muka, Beji, Kota Depok" in text(part)
    assert 'id="summary"' in text(part)
    assert 'id="terms" hx-swap-oob="true"' in text(part)
    odd: Any = client.post(reverse("regions"), {**till.said, "postal_code": "99999"}, headers=HTMX)
    assert "We do not know this postal code." in text(odd)


def test_a_voucher_is_tried_before_ordering(coffee: Goods) -> None:
    make_voucher("HEMAT", amount=10_000)
    till = at_the_till(coffee)
    page = text(till.look(voucher="hemat"))
    assert "Rp10.000 off" in page
    assert "Rp85.000" in page
    assert till.place().status_code == 302
    assert Purchase.objects.get().total_minor == Money.of(85_000).minor


@pytest.mark.usefixtures("nothing_happens")
def test_looking_again_judges_nothing_and_loses_nothing(coffee: Goods) -> None:
    till = at_the_till(coffee)
    page = text(till.look(email="half", street=""))
    assert 'value="half"' in page
    assert "This field is required" not in page


def test_no_answer_is_kept_by_the_browser(coffee: Goods) -> None:
    page = at_the_till(coffee).open()
    assert "no-store" in page["Cache-Control"]


# Address book


def kept(person: Person) -> Address:
    address = PostalAddress(phone="081234567890", **ADDRESS)
    keep_address(actor=Actor("buyer", person.id), address=address, label="Rumah")
    return Address.objects.get()


def test_a_kept_address_is_chosen_with_one_click(coffee: Goods) -> None:
    person = make_person(phone="081234567890")
    address = kept(person)
    till = at_the_till(coffee, person=person)
    page = text(till.open())
    assert f'value="{address.id}" checked' in page
    assert person.email in page
    till.said = {k: v for k, v in till.said.items() if k not in ("street", "postal_code", "region")}
    placed = till.place(kept=str(address.id))
    purchase = Purchase.objects.get()
    assert placed["Location"] == f"/purchases/{purchase.reference}/"
    assert purchase.person == person
    assert purchase.street == ADDRESS["street"]


def test_a_new_address_is_kept_when_wanted(coffee: Goods) -> None:
    person = make_person()
    at_the_till(coffee, person=person).place(keep="on")
    assert Address.objects.get().village == "Kemiri Muka"


def test_a_new_address_is_not_kept_unasked(coffee: Goods) -> None:
    at_the_till(coffee, person=make_person()).place()
    assert not Address.objects.exists()


@pytest.mark.usefixtures("nothing_happens")
def test_anothers_address_cannot_be_chosen(coffee: Goods) -> None:
    address = kept(make_person())
    till = at_the_till(coffee, person=make_person())
    assert till.place(kept=str(address.id)).status_code == 422


# What it costs


def test_placing_takes_few_statements(coffee: Goods) -> None:
    till = at_the_till(coffee)
    with CaptureQueriesContext(connection) as asked:
        assert till.place().status_code == 302
    assert len(asked) <= MOST_STATEMENTS
