"""A buyer's purchase order becomes a basket: looked at first, confirmed once, and never wrong."""

import html
import io
import re

import pytest
from django.test import Client
from django.urls import reverse
from lxml import etree

from niaga.doors.storefront.views.purchase_order import RULES
from niaga.flows.documents.models import Document
from niaga.flows.documents.purchase_orders import read_purchase_order
from niaga.flows.information.models import Product, Variant
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.parties.models import Company, Person
from niaga.plumbing.worker import drain
from niaga.stages.sharing.models import Basket, BasketLine, Offer
from tests.flows.test_purchase_orders import GTIN, HOSTILE, a_line, an_order
from tests.support.buyers import browser
from tests.support.markup import faults
from tests.support.statements import count_statements
from tests.support.worlds import (
    Goods,
    make_company,
    make_goods,
    make_person,
    orders_of,
    pay,
    place,
)

pytestmark = pytest.mark.django_db

NUMBER = "PO-4711"
EAN, OTHER_EAN = "4006381333931", "8991102100014"


@pytest.fixture
def buyer() -> Person:
    return make_person()


def upload(client: Client, xml: bytes) -> tuple[int, str]:
    file = io.BytesIO(xml)
    file.name = "order.xml"
    answer = client.post(reverse("purchase_order"), {"order": file})
    return answer.status_code, html.unescape(answer.content.decode())


def wish(page: str) -> str:
    return re.search(r'name="wish" value="([^"]+)"', page)[1]  # type: ignore[index]


def confirm(client: Client, signed: str) -> str:
    answer = client.post(reverse("purchase_order_confirm"), {"wish": signed}, follow=True)
    return answer.redirect_chain[-1][0]


def in_basket(person: Person) -> dict[str, int]:
    lines = BasketLine.objects.filter(basket__person=person)
    return dict(lines.values_list("variant__sku", "quantity"))


def with_gtin(goods: Goods, gtin: str) -> Goods:
    Variant.objects.filter(pk=goods.variant.pk).update(gtin=gtin)
    return goods


def by_sku(goods: Goods, **changes: str) -> str:
    return a_line(sku=goods.variant.sku, **changes)


def of(company: Company) -> str:
    return (f"<cac:PartyLegalEntity><cbc:CompanyID>{company.nib}</cbc:CompanyID>"
            "</cac:PartyLegalEntity>")  # fmt: skip


def test_an_order_is_looked_at_and_becomes_the_basket(buyer: Person) -> None:
    company = make_company(name="Kopi Satu")
    coffee = make_goods(company, price=85_000, name="Kopi Gayo")
    tea = with_gtin(make_goods(company, price=20_000, name="Teh Hijau"), EAN)
    xml = an_order(
        by_sku(coffee, quantity="2"),
        a_line(2, sku="", gtin=GTIN.format(EAN), quantity="5", price="20000"),
        seller=of(company),
    )
    client = browser(buyer)
    status, page = upload(client, xml)
    assert status == 200
    assert faults(page) == []
    for word in ("PO-4711", "Thing", "Kopi Satu", "Rp85.000", "Rp20.000", "Rp270.000"):
        assert word in page, word
    assert "differs" not in page
    assert in_basket(buyer) == {}
    assert confirm(client, wish(page)) == reverse("basket")
    assert in_basket(buyer) == {coffee.variant.sku: 2, tea.variant.sku: 5}


def test_confirming_twice_or_beside_other_things_changes_nothing_more(buyer: Person) -> None:
    goods = make_goods(make_company())
    client = browser(buyer)
    _, page = upload(client, an_order(by_sku(goods, quantity="4")))
    basket = Basket.objects.create(person=buyer)
    BasketLine.objects.create(basket=basket, variant=goods.variant, quantity=1)
    other = make_goods(make_company())
    BasketLine.objects.create(basket=basket, variant=other.variant, quantity=7)
    for _ in range(2):
        confirm(client, wish(page))
        assert in_basket(buyer) == {goods.variant.sku: 4, other.variant.sku: 7}


def references(document: Document) -> dict[str, str]:
    root = etree.fromstring(document.xml.encode())
    [found] = root.iter("{*}OrderReference")
    return {child.tag.split("}")[1]: child.text or "" for child in found}


def test_the_order_s_number_stands_on_the_order_and_its_documents(buyer: Person) -> None:
    owner = make_person()
    company, neighbour = make_company(owner=owner), make_company()
    ordered, beside = make_goods(company), make_goods(neighbour)
    client = browser(buyer)
    _, page = upload(client, an_order(by_sku(ordered)))
    confirm(client, wish(page))
    basket = Basket.objects.get(person=buyer)
    BasketLine.objects.create(id=new_id(), basket=basket, variant=beside.variant, quantity=1)
    placed = place(basket.id, actor=Actor("buyer", buyer.id))
    pay(placed)
    drain()
    numbers = {order.seller_id: order for order in orders_of(placed)}
    order, other = numbers[company.id], numbers[neighbour.id]
    assert (order.purchase_order, other.purchase_order) == (NUMBER, "")
    for kind in ("order_confirmation", "invoice"):
        told = Document.objects.get(cause_id=order.id, kind=kind)
        assert references(told) == {"ID": NUMBER, "SalesOrderID": order.reference}
        assert NUMBER in [value for _, value in told.content["references"]]
        plain = Document.objects.get(cause_id=other.id, kind=kind)
        assert references(plain) == {"ID": other.reference}
    for reader, name in (
        (buyer, "order"),
        (owner, "seller:order"),
        (make_person(is_staff=True), "office:order"),
    ):
        seen = browser(reader).get(reverse(name, args=[order.id])).content.decode()
        assert NUMBER in seen, name


def test_another_price_is_shown_and_today_s_counts(buyer: Person) -> None:
    goods = make_goods(make_company(), price=90_000)
    _, page = upload(browser(buyer), an_order(by_sku(goods, quantity="2", price="85000")))
    assert "1 price differs from your order" in page
    assert all(word in page for word in ("differs", "Rp85.000", "Rp90.000", "Rp180.000"))


def test_lines_of_the_same_thing_are_put_together(buyer: Person) -> None:
    goods = with_gtin(make_goods(make_company()), EAN)
    client = browser(buyer)
    both = (by_sku(goods, quantity="2"), a_line(2, sku="", gtin=GTIN.format(EAN), quantity="3"))
    _, page = upload(client, an_order(*both))
    confirm(client, wish(page))
    assert in_basket(buyer) == {goods.variant.sku: 5}
    many = (by_sku(goods, quantity="600"), by_sku(goods, quantity="400"))
    _, page = upload(client, an_order(*many))
    assert page.count("LINE-QUANTITY") == 2
    assert 'name="wish"' not in page


def test_what_is_not_found_is_named_and_the_rest_can_be_taken(buyer: Person) -> None:
    company, rival = make_company(), make_company()
    good = make_goods(company)
    hidden, service = make_goods(company), make_goods(company, kind="service")
    Product.objects.filter(pk=hidden.product.pk).update(state=Product.State.HIDDEN)
    coded = with_gtin(make_goods(company), EAN)
    with_gtin(make_goods(rival), OTHER_EAN)
    with_gtin(make_goods(company), OTHER_EAN)
    lines = {
        "": by_sku(good),
        "LINE-UNKNOWN /OrderLine[2]/LineItem/Item": by_sku(hidden),
        "LINE-SERVICE /OrderLine[3]/LineItem/Item": by_sku(service),
        "LINE-AMBIGUOUS /OrderLine[4]/LineItem/Item": a_line(sku="", gtin=GTIN.format(OTHER_EAN)),
        "LINE-MISMATCH /OrderLine[5]/LineItem/Item": by_sku(good, gtin=GTIN.format(EAN)),
    }
    client = browser(buyer)
    _, page = upload(client, an_order(*lines.values()))
    assert [fault for fault in lines if fault and fault not in page] == []
    assert "4 lines cannot be taken" in page
    assert coded.variant.sku not in page
    confirm(client, wish(page))
    assert in_basket(buyer) == {good.variant.sku: 2}


def test_a_named_seller_is_the_only_one_asked(buyer: Person) -> None:
    company, rival = make_company(name="Satu"), make_company(name="Dua")
    for owner in (company, rival):
        with_gtin(make_goods(owner), EAN)
    line = a_line(sku="", gtin=GTIN.format(EAN.zfill(14)))
    _, page = upload(browser(buyer), an_order(line, seller=of(rival)))
    assert ">Dua<" in page
    assert ">Satu<" not in page
    nobody = of(rival).replace(rival.nib, "9999999999999")
    status, page = upload(browser(buyer), an_order(line, seller=nobody))
    assert status == 422
    assert "ORDER-SELLER" in page
    assert "9999999999999" in page
    assert 'name="wish"' not in page


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_by_name(what: str, buyer: Person) -> None:
    status, page = upload(browser(buyer), HOSTILE[what])
    assert status == 422
    assert "XML-DOCTYPE" in page
    assert "root:" not in page
    assert faults(page) == []
    assert not Basket.objects.exists()


def test_a_refused_file_names_field_and_rule(buyer: Person) -> None:
    xml = an_order(a_line(quantity="1.5"), a_line(2, unit="<b>".replace("<b>", "KGM")))
    status, page = upload(browser(buyer), xml)
    assert status == 422
    assert "1.5 is no whole number from 1 to 999." in page
    assert "/OrderLine[1]/LineItem/Quantity" in page
    assert "LINE-UNIT" in page
    assert 'name="wish"' not in page


def test_what_a_file_says_is_shown_as_text(buyer: Person) -> None:
    xml = an_order(a_line(sku="&lt;script&gt;alert(1)&lt;/script&gt;{value}{0}"))
    answer = browser(buyer).post(reverse("purchase_order"), {"order": named(xml)})
    page = answer.content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def named(xml: bytes) -> io.BytesIO:
    file = io.BytesIO(xml)
    file.name = "order.xml"
    return file


def test_only_who_is_signed_in_uploads_and_only_its_own_wish_is_taken(buyer: Person) -> None:
    goods = make_goods(make_company())
    for name in ("purchase_order", "purchase_order_confirm"):
        answer = browser().post(reverse(name), {"order": named(an_order(by_sku(goods)))})
        assert answer.status_code == 302
        assert "/login/" in answer["Location"]
    _, page = upload(browser(buyer), an_order(by_sku(goods)))
    stranger = make_person()
    for signed in (wish(page), wish(page)[:-2], "", "x:y:z"):
        assert confirm(browser(stranger), signed) == reverse("purchase_order")
    assert not Basket.objects.filter(lines__isnull=False).exists()


def test_what_went_off_sale_meanwhile_takes_nothing_at_all(buyer: Person) -> None:
    first, second = make_goods(make_company()), make_goods(make_company())
    client = browser(buyer)
    _, page = upload(client, an_order(by_sku(first), by_sku(second)))
    Offer.objects.filter(variant=second.variant).delete()
    assert confirm(client, wish(page)) == reverse("purchase_order")
    assert in_basket(buyer) == {}


def test_the_example_can_be_taken_at_once(buyer: Person) -> None:
    company = make_company()
    prices = [make_goods(company, price=price) for price in (10_000, 20_000)]
    xml = browser().get(reverse("purchase_order_example")).content
    order = read_purchase_order(xml)
    assert {line.sku for line in order.lines} == {goods.variant.sku for goods in prices}
    assert {line.unit_price_minor for line in order.lines} == {
        Money.of(10_000).minor, Money.of(20_000).minor
    }  # fmt: skip
    status, page = upload(browser(buyer), xml)
    assert status == 200
    assert "cannot be taken" not in page
    assert "differs" not in page


def test_without_anything_on_sale_there_is_no_example() -> None:
    assert browser().get(reverse("purchase_order_example")).status_code == 404


def test_a_long_order_costs_no_more_statements(
    buyer: Person, django_assert_max_num_queries: object
) -> None:
    company = make_company()
    goods = [make_goods(company, stock=0) for _ in range(30)]
    client = browser(buyer)
    client.get(reverse("purchase_order"))
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        _, page = upload(client, an_order(*map(by_sku, goods), seller=of(company)))
    assert "Put 30 lines into the basket" in page
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        client.post(reverse("purchase_order_confirm"), {"wish": wish(page)})
    assert len(in_basket(buyer)) == 30
    assert count_statements(client, reverse("purchase_order")) <= 8


def test_the_basket_leads_there_once_signed_in(buyer: Person) -> None:
    address = reverse("purchase_order")
    assert address in browser(buyer).get(reverse("basket")).content.decode()
    assert address not in browser().get(reverse("basket")).content.decode()


def test_every_rule_has_words_with_its_own_places() -> None:
    limits = {"most_kb": 1, "most_lines": 1, "most_units": 1, "value": "x"}
    assert all(str(words).format(**limits) for words in RULES.values())
