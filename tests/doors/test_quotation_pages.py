"""A quotation at the doors: asked from the basket, answered in the portal, taken, and found."""

import html
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from niaga.flows.documents.models import Bundle, Document
from niaga.flows.information.models import Mail
from niaga.kernel.actor import Actor
from niaga.parties.models import Person
from niaga.plumbing.worker import drain
from niaga.stages.sharing.commands.fill_basket import add_to_basket
from niaga.stages.sharing.models import BasketLine, Quotation, QuotationLine
from tests.doors.conftest import Desk
from tests.support.buyers import browser
from tests.support.markup import faults
from tests.support.statements import count_statements
from tests.support.worlds import Goods, make_goods, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def goods(desk: Desk) -> Goods:
    return make_goods(desk.company, price=100_000, stock=99)


@pytest.fixture
def buyer(goods: Goods) -> Person:
    person = make_person(name="Ratna Kusuma")
    add_to_basket(
        actor=Actor("buyer", person.id), basket_id=None, variant_id=goods.variant.id, quantity=10
    )
    return person


def read(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200, name
    page = answer.content.decode()
    assert not faults(page)
    return html.unescape(page)


def ask(buyer: Person, desk: Desk) -> UUID:
    client = browser(buyer)
    address = reverse("quotation_ask", args=[desk.company.id])
    assert address in read(client, "basket")
    assert "10 ×" in read(client, "quotation_ask", desk.company.id)
    assert not Quotation.objects.exists()
    assert client.post(address, {"note": "For the shop."}).status_code == 302
    return Quotation.objects.get().id


def offer(desk: Desk, quotation_id: UUID, price: object = 80_000) -> tuple[int, str]:
    line = QuotationLine.objects.get(quotation_id=quotation_id)
    until = str(localdate() + timedelta(days=7))
    data = {f"price_{line.id.hex}": price, "until": until, "words": "Gladly."}
    return desk.post("quotation", quotation_id, **data)


def test_from_the_basket_to_the_quoted_price(desk: Desk, buyer: Person) -> None:
    quotation_id = ask(buyer, desk)
    client = browser(buyer)
    assert "For the shop." in read(desk.client, "seller:quotation", quotation_id)
    assert "Ratna Kusuma" in read(desk.client, "seller:quotations")
    for wrong in ("", "0", "-1", "12.5", "much"):
        assert offer(desk, quotation_id, wrong)[0] == 422
    assert Quotation.objects.get().state == "asked"
    assert offer(desk, quotation_id)[0] == 302
    drain()
    paper = Document.objects.get(kind="quotation")
    page = read(client, "quotation", quotation_id)
    assert paper.number in page
    assert "Rp80.000" in page
    assert "Gladly." in page
    assert paper.number in read(client, "quotations")
    assert reverse("quotation_take", args=[quotation_id]) in page
    assert client.post(reverse("quotation_take", args=[quotation_id])).status_code == 302
    basket = read(client, "basket")
    assert "Rp800.000" in basket
    assert "Quoted price, until" in basket
    BasketLine.objects.update(quantity=9)
    assert "holds for 10" in read(client, "basket")


def test_the_paper_is_found_opened_mailed_and_packed_by_both_sides(
    desk: Desk, buyer: Person
) -> None:
    quotation_id = ask(buyer, desk)
    offer(desk, quotation_id)
    drain()
    paper = Document.objects.get(kind="quotation")
    office = browser(make_person(is_staff=True))
    sides = (
        (browser(buyer), "documents", "document", "document_mail"),
        (desk.client, "seller:documents", "seller:document_pdf", "seller:document_mail"),
        (office, "office:documents", "office:document_pdf", "office:document_mail"),
    )
    for client, listed, pdf, mail in sides:
        assert f">{paper.number}<" in read(client, listed)
        assert client.get(reverse(pdf, args=[paper.id])).content.startswith(b"%PDF")
        Mail.objects.filter(template="document").delete()
        assert client.post(reverse(mail, args=[paper.id])).status_code == 302
        sent = Mail.objects.get(template="document")
        assert sent.to == buyer.email
        assert reverse("quotation", args=[quotation_id]) in sent.text
        client.post(reverse(listed) + "?kind=quotation")
        assert Bundle.objects.order_by("-asked_at")[0].document_ids == [str(paper.id)]
    assert reverse("quotation", args=[quotation_id]) in read(browser(buyer), "documents")


def test_what_is_another_s_is_not_found(desk: Desk, buyer: Person) -> None:
    quotation_id = ask(buyer, desk)
    offer(desk, quotation_id)
    drain()
    paper = Document.objects.get(kind="quotation")
    stranger = browser(make_person())
    for name in ("quotation", "quotation_decline"):
        assert stranger.get(reverse(name, args=[quotation_id])).status_code == 404
    assert stranger.post(reverse("quotation_decline", args=[quotation_id])).status_code == 404
    stranger.post(reverse("quotation_take", args=[quotation_id]))
    assert not BasketLine.objects.exclude(basket__person=buyer).exists()
    for client in (stranger, browser()):
        assert client.get(reverse("document", args=[paper.id])).status_code == 404
    assert Quotation.objects.get().state == "offered"
    assert browser().get(reverse("quotations")).status_code == 302


def test_either_side_declines(desk: Desk, buyer: Person) -> None:
    first = ask(buyer, desk)
    assert desk.post("quotation_decline", first, words="Not now.")[0] == 302
    assert Quotation.objects.get().state == "declined"
    assert "Not now." in read(browser(buyer), "quotation", first)
    client = browser(buyer)
    client.post(reverse("quotation_ask", args=[desk.company.id]), {"note": ""})
    second = Quotation.objects.get(state="asked").id
    client.post(reverse("quotation_decline", args=[second]), {"words": "Found it elsewhere."})
    assert not Quotation.objects.filter(state="asked").exists()


def test_pages_cost_few_statements(desk: Desk, buyer: Person) -> None:
    quotation_id = ask(buyer, desk)
    client = browser(buyer)
    for reader, name, args in (
        (client, "quotations", ()),
        (client, "quotation", (quotation_id,)),
        (client, "basket", ()),
        (client, "documents", ()),
        (desk.client, "seller:quotations", ()),
        (desk.client, "seller:quotation", (quotation_id,)),
    ):
        assert count_statements(reader, reverse(name, args=args)) <= 8, name
