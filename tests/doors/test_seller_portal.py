"""The seller's door: who may come in, what each sees of others (nothing), and cheap pages."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from niaga.doors.seller_portal.urls import urlpatterns
from niaga.flows.documents.bundling import make_bundle
from niaga.flows.documents.commands.ask_bundle import ask_bundle
from niaga.flows.documents.finding import Reader, Wanted
from niaga.flows.documents.models import Document
from niaga.flows.goods.commands.count_stock import start_count
from niaga.flows.goods.commands.keep_delivery import DeliveryTerms, keep_delivery
from niaga.flows.goods.commands.transfer_stock import send_transfer
from niaga.flows.goods.models import (
    DeliveryService,
    DigitalFile,
    Location,
    Shipment,
    Slot,
    StockLevel,
)
from niaga.flows.information.models import Media, Product
from niaga.flows.money.models import EscrowHold
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.parties.commands.decide_company import refuse_company, suspend_company
from niaga.parties.models import Company, Membership
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.worker import drain
from niaga.stages.aftersales.commands.complain import open_complaint
from niaga.stages.aftersales.commands.take_back import agree_return
from niaga.stages.aftersales.models import Complaint
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.models import Order
from niaga.stages.sharing.commands.ask_quotation import ask_quotation
from niaga.stages.sharing.commands.fill_basket import add_to_basket
from tests.support.buyers import browser, buy, keep_content
from tests.support.markup import faults
from tests.support.worlds import (
    OPERATOR,
    Goods,
    deliver,
    make_basket,
    make_company,
    make_goods,
    make_person,
    make_slot,
    orders_of,
    pay,
    place,
    ship_all,
)

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Shop:
    """A company with one of each thing, its member's browser, and where its pages are."""

    company: Company
    client: Client
    ids: dict[str, UUID]

    def address(self, name: str) -> str:
        """The address of a page, filled with this shop's own things."""
        pattern = next(pattern for pattern in urlpatterns if pattern.name == name)
        # Times and files belong to products of their own kind.
        of_kind = {"slots": "service_id", "slot_close": "service_id", "files": "digital_id",
                   "file_remove": "digital_id", "perform": "service_line_id",
                   "calendar": "service_id", "keys": "digital_id"}  # fmt: skip
        ids = dict(self.ids)
        if name in {"delivery", "rates"}:
            ids["service_id"] = ids[f"{name}_id"]
        elif name in {"perform", "order_time"}:
            ids["line_id"] = ids["service_line_id"]
        elif name in of_kind:
            ids["product_id"] = ids[of_kind[name]]
        kwargs = {key: ids[key] for key in pattern.pattern.converters}
        return reverse(f"seller:{name}", kwargs=kwargs)


def make_shop() -> Shop:
    """A shop that has sold, shipped, and been complained about."""
    owner = make_person()
    company = make_company(owner=owner)
    goods = make_goods(company, stock=20)
    service, digital = make_goods(company, kind="service"), make_goods(company, kind="digital")
    keep_content(digital)
    media = Media.objects.create(
        id=new_id(), product=goods.product, file="x.webp", thumbnail="y.webp"
    )
    bought = buy(goods)
    shipment_id = ship_all(bought.order)
    deliver(shipment_id)
    finished = buy(goods)
    deliver(ship_all(finished.order))
    complete_order(actor=OPERATOR, order_id=finished.order.id)
    line_id = bought.order.lines.get().id
    complaint_id = open_complaint(
        actor=OPERATOR, line_id=line_id, reason="damaged", body="Broken.", author="Dewi"
    )
    slot = make_slot(service)
    buy(goods)  # waits to be picked
    drain()
    reader = Reader(f"seller:{company.id}", seller_id=company.id)
    bundle_id = ask_bundle(reader=reader, wanted=Wanted())
    make_bundle(bundle_id)
    return Shop(
        company,
        browser(owner),
        {
            "order_id": bought.order.id,
            "line_id": line_id,
            "service_line_id": _booked_line(service, slot),
            "shipment_id": shipment_id,
            "product_id": goods.product.id,
            "service_id": service.product.id,
            "digital_id": digital.product.id,
            "media_id": media.id,
            "slot_id": slot.id,
            "file_id": DigitalFile.objects.get(seller_id=company.id).id,
            "location_id": goods.location.id,
            "sku_id": goods.variant.id,
            **_moving(company, goods),
            "delivery_id": DeliveryService.objects.get(seller_id=company.id).id,
            "rates_id": _with_zones(company),
            "document_id": Document.objects.filter(seller_id=company.id)[0].id,
            "bundle_id": bundle_id,
            "complaint_id": complaint_id,
            "quotation_id": _asked(goods),
            "return_id": _agreed_return(goods),
            "hold_id": EscrowHold.objects.get(about_id=complaint_id).id,
        },
    )


def _asked(goods: Goods) -> UUID:
    buyer = Actor("buyer", make_person().id)
    add_to_basket(actor=buyer, basket_id=None, variant_id=goods.variant.id, quantity=10)
    return ask_quotation(actor=buyer, seller_id=goods.product.seller_id, note="For our shop.")


def _agreed_return(goods: Goods) -> UUID:
    bought = buy(goods)
    deliver(ship_all(bought.order))
    complaint_id = open_complaint(
        actor=OPERATOR,
        line_id=bought.order.lines.get().id,
        reason="damaged",
        body="Broken.",
        author="Dewi",
    )
    seller = Actor("seller", seller_id=goods.product.seller_id)
    return agree_return(
        actor=seller, complaint_id=complaint_id, quantity=1, words="To our shop.", author="Toko"
    )


def _with_zones(company: Company) -> UUID:
    terms = DeliveryTerms("Kargo", "zone", Money.of(0), 1, 3, 2, True, ())
    return keep_delivery(seller_id=company.id, terms=terms)


def _moving(company: Company, goods: Goods) -> dict[str, UUID]:
    """A count that is open, and a transfer that is on its way."""
    there = Location.objects.create(
        seller_id=company.id, name="Toko", city="Depok", province="Jawa Barat", postal_code="16423"
    )
    desk: Any = {"actor": OPERATOR, "seller_id": company.id}
    sent = send_transfer(
        sku_id=goods.variant.id,
        origin_id=goods.location.id,
        destination_id=there.id,
        quantity=1,
        **desk,
    )
    sheet = start_count(location_id=goods.location.id, **desk)
    return {"transfer_id": sent.transfer_id, "count_id": sheet.count_id}


def _booked_line(service: Goods, slot: Slot) -> UUID:
    placed = place(make_basket((service, 1), slots={slot.sku_id: slot}))
    pay(placed)
    line_id: UUID = orders_of(placed)[0].lines.get().id
    return line_id


@pytest.fixture
def shop() -> Shop:
    return make_shop()


FOR_PROGRAMS = {"tracking_news"}  # signed, and tested with the tables
NAMES = [pattern.name for pattern in urlpatterns if pattern.name not in FOR_PROGRAMS]
POST_ONLY = {"ship", "track", "arrange", "picture_remove", "slot_close", "file_remove",
             "import_finish", "bank", "logo", "banner", "sourcing", "fetched",
             "carrier_end"}  # fmt: skip
WITH_IDS = [p.name for p in urlpatterns if p.pattern.converters and p.name in NAMES]
FOR_ALL = {"register", "regions", "import_example"}


@pytest.mark.parametrize("name", NAMES)
def test_only_members_of_a_company_come_in(name: str) -> None:
    ids = {key: new_id() for pattern in urlpatterns for key in pattern.pattern.converters}
    ids |= {
        "delivery_id": new_id(),
        "rates_id": new_id(),
        "service_line_id": new_id(),
        "digital_id": new_id(),
    }
    address = Shop(Company(), Client(), ids).address(name)
    method = "post" if name in POST_ONLY else "get"
    anonymous = getattr(browser(), method)(address)
    assert anonymous.status_code == (200 if name == "register" else 302)
    buyer = getattr(browser(make_person()), method)(address)
    if name in {"register", "regions"}:
        assert buyer.status_code == 200
    else:
        assert buyer["Location"] == reverse("seller:register")


def test_every_page_opens(shop: Shop) -> None:
    opened = {
        name: shop.client.get(shop.address(name)).status_code
        for name in NAMES
        if name not in POST_ONLY
    }
    assert opened.pop("register") == 302
    assert {name: status for name, status in opened.items() if status != 200} == {}


def test_every_page_is_well_formed(shop: Shop) -> None:
    found = {}
    for name in NAMES:
        answer = shop.client.get(shop.address(name))
        if "text/html" in answer["Content-Type"] and answer.status_code == 200:
            found[name] = faults(answer.content.decode())
    assert len(found) > 20
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_looking_changes_nothing(shop: Shop) -> None:
    before, state = StoredEvent.objects.count(), _everything()
    answers = {name: shop.client.get(shop.address(name)).status_code for name in POST_ONLY}
    assert set(answers.values()) == {405}
    assert StoredEvent.objects.count() == before
    assert _everything() == state


def test_what_belongs_to_another_seller_is_not_found() -> None:
    shop, other = make_shop(), make_shop()
    before = StoredEvent.objects.count()
    state = _everything()
    for name in WITH_IDS:
        address = other.address(name)
        if name not in POST_ONLY:
            assert shop.client.get(address).status_code == 404, name
        said = {"reason": "x", "body": "x", "words": "x"}
        assert shop.client.post(address, said).status_code == 404, name
    assert StoredEvent.objects.count() == before
    assert _everything() == state


def _everything() -> dict[str, list[object]]:
    """All rows of what a seller can change."""
    models = (Order, Product, Media, Slot, DigitalFile, StockLevel, Shipment, Complaint,
              DeliveryService, EscrowHold)  # fmt: skip
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


@pytest.mark.parametrize("name", WITH_IDS)
def test_what_is_not_there_is_not_found(name: str) -> None:
    owner = make_person()
    make_company(owner=owner)
    ids = {key: new_id() for pattern in urlpatterns for key in pattern.pattern.converters}
    ids |= {
        "delivery_id": new_id(),
        "rates_id": new_id(),
        "service_line_id": new_id(),
        "digital_id": new_id(),
    }
    address = Shop(Company(), Client(), ids).address(name)
    assert browser(owner).post(address).status_code == 404


BROKEN = ["page=x", "page=-1", "page=99999999999", "state=nothing", "q=%00", "account=x",
          "show=x", "sort=x", "kind=x", "weight_g=x"]  # fmt: skip
LISTS = ["orders", "products", "stock", "sku", "documents", "complaints", "reviews", "statement",
         "payouts", "holds", "deliveries", "movements", "transfers", "counts", "count"]  # fmt: skip


def test_a_broken_address_shows_a_page(shop: Shop) -> None:
    addresses = [f"{shop.address(name)}?{query}" for name in LISTS for query in BROKEN]
    broken = [address for address in addresses if shop.client.get(address).status_code != 200]
    assert broken == []


def test_pages_need_few_statements_however_much_there_is(shop: Shop) -> None:
    pages = [name for name in NAMES if name not in POST_ONLY | FOR_ALL | {"document_pdf"}]

    def count(name: str) -> int:
        shop.client.get(shop.address(name))
        with CaptureQueriesContext(connection) as statements:
            assert shop.client.get(shop.address(name)).status_code == 200
        return len(statements)

    few = {name: count(name) for name in pages}
    for _ in range(15):
        goods = make_goods(shop.company, stock=5)
        bought = buy(goods)
        deliver(ship_all(bought.order))
        complete_order(actor=OPERATOR, order_id=bought.order.id)
        open_complaint(
            actor=OPERATOR,
            line_id=bought.order.lines.get().id,
            reason="damaged",
            body="Broken.",
            author="Dewi",
        )
    drain()
    assert {name: count(name) for name in pages} == few
    assert {name: n for name, n in few.items() if n > 10} == {}


# Registration

FORM = {
    "name": "Kopi Baru",
    "legal_name": "PT Kopi Baru",
    "nib": "1234567890123",
    "npwp": "0013000616012000",
    "taxable": "on",
    "email": "halo@kopibaru.id",
    "phone": "081234567890",
    "street": "Jl. Margonda Raya 1",
    "postal_code": "16423",
    "region": "Kemiri Muka | Beji",
    "bank_name": "Bank Contoh",
    "bank_account": "1234567890",
    "bank_holder": "PT Kopi Baru",
}


def test_a_company_registers_and_waits() -> None:
    person = make_person()
    client = browser(person)
    assert client.post(reverse("seller:register"), FORM).status_code == 302
    company = Company.objects.get()
    assert (company.state, company.city) == ("submitted", "Kota Depok")
    assert Membership.objects.get().person_id == person.id
    assert client.get(reverse("seller:standing")).status_code == 200
    assert client.get(reverse("seller:register"))["Location"] == reverse("seller:standing")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("nib", "123", "This number is not well formed."),
        ("nib", "12345678901234567890123", "This number is not well formed."),
        ("npwp", "12", "This number is not well formed."),
        ("npwp", "abcdefghijklmnop", "This number is not well formed."),
        ("phone", "1", "This number is not well formed."),
        ("postal_code", "00000", "We do not know this postal code."),
        ("region", "", "Choose the village of your address."),
        ("bank_account", "no number", "Enter a valid value."),
        ("email", "nobody", "Enter a valid email address."),
        ("legal_name", "", "This field is required."),
    ],
)
def test_a_wrong_registration_is_refused(field: str, value: str, said: str) -> None:
    answer = browser(make_person()).post(reverse("seller:register"), {**FORM, field: value})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert FORM["street"] in answer.content.decode()
    assert not Company.objects.exists()


def test_a_company_registers_once() -> None:
    browser(make_person()).post(reverse("seller:register"), FORM)
    again = browser(make_person()).post(reverse("seller:register"), FORM)
    assert again.status_code == 422
    assert "registered already" in again.content.decode()
    assert Company.objects.count() == 1


def test_villages_are_listed_while_the_form_is_filled_in() -> None:
    client = browser(make_person())
    part = client.get(reverse("seller:regions") + "?postal_code=16423").content.decode()
    assert "Kemiri Muka, Beji, Kota Depok" in part
    found = client.post(reverse("seller:register"), {**FORM, "region": "", "find": "1"})
    assert "Kemiri Muka, Beji, Kota Depok" in found.content.decode()
    assert not Company.objects.exists()


def test_a_refused_company_mends_its_registration() -> None:
    client = browser(make_person())
    client.post(reverse("seller:register"), FORM)
    company = Company.objects.get()
    refuse_company(actor=OPERATOR, company_id=company.id, note="Wrong holder.")
    page = client.get(reverse("seller:standing")).content.decode()
    assert "Wrong holder." in page
    assert client.post(reverse("seller:standing"), {**FORM, "nib": "1"}).status_code == 422
    assert (
        client.post(reverse("seller:standing"), {**FORM, "bank_holder": "Dewi"}).status_code == 302
    )
    company.refresh_from_db()
    assert (company.state, company.bank_holder) == ("submitted", "Dewi")


def test_a_suspended_company_sells_nothing_new(shop: Shop) -> None:
    suspend_company(actor=OPERATOR, company_id=shop.company.id, note="Late.")
    product = make_goods(shop.company).product
    Product.objects.filter(pk=product.id).update(state=Product.State.DRAFT)
    answer = shop.client.post(reverse("seller:publish", args=[product.id]))
    assert answer.status_code == 422
    product.refresh_from_db()
    assert product.state == Product.State.DRAFT
