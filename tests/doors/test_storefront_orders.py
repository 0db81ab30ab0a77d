"""An order as its buyer follows it: four flows, what may be done now, papers and downloads."""

import pytest
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse

from niaga.flows.documents.models import Document
from niaga.flows.goods.models import DownloadGrant, StockLevel
from niaga.flows.money.models import Escrow, Refund
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.worker import drain
from niaga.stages.aftersales.commands.complain import open_complaint
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.commands.ship_order import perform_service, ship_order
from niaga.stages.ordering.models import Order
from tests.support.buyers import Bought, browser, buy, keep_content
from tests.support.statements import count_statements
from tests.support.worlds import (
    OPERATOR,
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


def page_of(bought: Bought) -> str:
    """The order's page as its buyer reads it."""
    response = browser(bought.buyer).get(bought.order_path)
    assert response.status_code == 200
    return response.content.decode()


def state_of(bought: Bought) -> str:
    return Order.objects.values_list("state", flat=True).get(pk=bought.order.id)


def complain_about(bought: Bought) -> None:
    open_complaint(
        actor=Actor("buyer", bought.buyer.id),
        line_id=bought.order.lines.all()[0].id,
        reason="damaged",
        body="It broke.",
        author="Dewi",
    )


# Who may see it


def addresses(bought: Bought) -> list[str]:
    line = bought.order.lines.all()[0]
    document = Document.objects.filter(cause_id=bought.order.id)[0]
    return [
        bought.order_path,
        *(reverse(name, args=[bought.order.id])
          for name in ("order_live", "order_cancel", "order_received")),
        reverse("document", args=[document.id]),
        reverse("review", args=[line.id]),
        reverse("complain", args=[line.id]),
    ]  # fmt: skip


def test_strangers_find_nothing_and_do_nothing() -> None:
    bought = buy()
    deliver(ship_all(bought.order))
    drain()
    seller = make_person()
    make_company(owner=seller)
    drain()
    before = StoredEvent.objects.count()
    for visitor in (browser(), browser(make_person()), browser(seller)):
        for address in addresses(bought):
            assert visitor.get(address).status_code == 404, address
            data = {"reason": "changed_mind", "stars": "5", "body": "x"}
            assert visitor.post(address, data).status_code == 404, address
    assert StoredEvent.objects.count() == before
    assert state_of(bought) == "delivered"


@pytest.mark.parametrize(
    "name", ["order", "order_live", "order_cancel", "order_received", "document", "review",
             "complain", "complaint", "escalate", "resolve"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(name: str) -> None:
    assert browser(make_person()).get(reverse(name, args=[new_id()])).status_code == 404


# What it says in each state


def test_an_unpaid_order_leads_to_the_payment() -> None:
    page = page_of(bought := buy(paid=False))
    assert "The seller begins once it is paid." in page
    assert bought.path in page
    assert "I have everything" not in page


def test_a_paid_order_may_be_cancelled() -> None:
    page = page_of(buy())
    assert "Paid, safe in escrow" in page
    assert "Not sent yet" in page
    assert "Cancel this order" in page


def test_a_parcel_shows_its_tracking() -> None:
    bought = buy(quantity=3)
    line = bought.order.lines.get()
    ship_order(
        actor=Actor("seller", seller_id=bought.order.seller_id),
        order_id=bought.order.id,
        quantities={line.id: 2},
        carrier="SiCepat",
        tracking_number="SCP-771",
    )
    page = page_of(bought)
    assert "2 of 3 on the way" in page
    assert "SCP-771" in page
    assert "Cancel this order" not in page
    assert "I have everything" not in page


def test_a_delivered_order_says_until_when_to_complain() -> None:
    bought = buy()
    deliver(ship_all(bought.order))
    page = page_of(bought)
    assert "All arrived" in page
    assert "Tell us what is wrong before" in page
    assert "Write a review" in page
    assert "Something is wrong" in page


def test_a_cancelled_order_says_why_and_what_is_paid_back() -> None:
    bought = buy()
    owner = browser(bought.buyer)
    address = reverse("order_cancel", args=[bought.order.id])
    assert owner.get(address).status_code == 200
    assert state_of(bought) == "confirmed"
    page = owner.post(address, {"reason": "takes_too_long"}, follow=True).content.decode()
    assert "It takes too long" in page
    assert "Refund: To be transferred" in page
    assert Refund.objects.get().cause_id == bought.order.id
    assert StockLevel.objects.get().reserved == 0


def test_a_booking_shows_its_time() -> None:
    goods = make_goods(make_company(), kind="service")
    slot = make_slot(goods)
    buyer = make_person()
    placed = place(
        make_basket((goods, 1), slots={goods.variant.id: slot}), actor=Actor("buyer", buyer.id)
    )
    pay(placed)
    bought = Bought(placed, buyer, orders_of(placed)[0])
    assert "Confirmed" in page_of(bought)
    assert "I have everything" not in page_of(bought)
    perform_service(
        actor=Actor("seller", seller_id=bought.order.seller_id),
        line_id=bought.order.lines.get().id,
    )
    assert "I have everything" in page_of(bought)


# What may be done


def test_who_says_it_has_arrived_closes_the_order_and_pays_the_seller() -> None:
    bought = buy()
    ship_all(bought.order)
    owner = browser(bought.buyer)
    assert "I have everything" in page_of(bought)
    address = reverse("order_received", args=[bought.order.id])
    assert owner.get(address).status_code == 200
    assert state_of(bought) == "shipped"
    assert owner.post(address).status_code == 302
    assert state_of(bought) == "completed"
    assert set(Escrow.objects.values_list("state", flat=True)) == {"releasable"}
    assert "Paid to the seller" in page_of(bought)


def test_an_order_that_was_not_sent_in_full_cannot_be_received() -> None:
    bought = buy(quantity=2)
    line = bought.order.lines.get()
    ship_order(
        actor=Actor("seller", seller_id=bought.order.seller_id),
        order_id=bought.order.id,
        quantities={line.id: 1},
        carrier="JNE",
    )
    before = StoredEvent.objects.count()
    refused = browser(bought.buyer).post(reverse("order_received", args=[bought.order.id]))
    assert refused.status_code == 422
    assert state_of(bought) == "partly_shipped"
    assert StoredEvent.objects.count() == before


def test_the_money_waits_while_a_complaint_is_open() -> None:
    bought = buy()
    deliver(ship_all(bought.order))
    complain_about(bought)
    page = page_of(bought)
    assert "A complaint is open" in page
    assert "I have everything" not in page
    refused = browser(bought.buyer).post(reverse("order_received", args=[bought.order.id]))
    assert refused.status_code == 422
    assert "A complaint is open" in refused.content.decode()
    assert state_of(bought) == "delivered"
    assert set(Escrow.objects.values_list("state", flat=True)) == {"held"}


def test_what_was_sent_is_not_cancelled() -> None:
    bought = buy()
    ship_all(bought.order)
    address = reverse("order_cancel", args=[bought.order.id])
    assert browser(bought.buyer).post(address, {"reason": "changed_mind"}).status_code == 422
    assert state_of(bought) == "shipped"
    assert not Refund.objects.exists()


def test_an_order_that_is_paid_with_others_is_cancelled_with_them() -> None:
    bought = buy(make_goods(make_company()), make_goods(make_company()), paid=False)
    address = reverse("order_cancel", args=[bought.order.id])
    refused = browser(bought.buyer).post(address, {"reason": "changed_mind"})
    assert refused.status_code == 422
    assert "Cancel the whole purchase" in refused.content.decode()
    assert set(Order.objects.values_list("state", flat=True)) == {"placed"}


# Documents


def test_documents_are_printed_for_their_buyer() -> None:
    bought = buy()
    drain()
    owner, guest = browser(bought.buyer), browser()
    guest.get(f"{bought.path}?t={bought.placed.token}")
    papers = Document.objects.filter(cause_id=bought.order.id)
    assert papers
    for paper in papers:
        address = reverse("document", args=[paper.id])
        assert address in page_of(bought)
        for reader in (owner, guest):
            response = reader.get(address)
            assert response["Content-Type"] == "application/pdf"
            assert response["Cache-Control"] == "private, no-store"
            assert response.content.startswith(b"%PDF-")


# Downloads


@pytest.fixture
def digital() -> tuple[Bought, str]:
    """A paid digital good with a file."""
    goods = make_goods(make_company(), kind="digital")
    path = keep_content(goods)
    return buy(goods), path


def fetch(bought: Bought, client: Client | None = None, **data: str) -> tuple[int, bytes]:
    grant = DownloadGrant.objects.get()
    response = (client or browser(bought.buyer)).post(reverse("download", args=[grant.id]), data)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, content


def test_a_download_is_given_and_counted(digital: tuple[Bought, str]) -> None:
    bought, _path = digital
    assert "5 downloads left" in page_of(bought)
    assert fetch(bought) == (200, b"isi berkas")
    assert DownloadGrant.objects.get().downloads_left == 4
    assert "4 downloads left" in page_of(bought)


def test_a_download_is_named_like_its_file(digital: tuple[Bought, str]) -> None:
    bought, _path = digital
    grant = DownloadGrant.objects.get()
    response = browser(bought.buyer).post(reverse("download", args=[grant.id]))
    assert response["Content-Disposition"] == 'attachment; filename="Panduan.epub"'
    assert b"".join(response.streaming_content) == b"isi berkas"


def test_looking_at_a_download_s_address_does_not_count(digital: tuple[Bought, str]) -> None:
    bought, _path = digital
    grant = DownloadGrant.objects.get()
    assert browser(bought.buyer).get(reverse("download", args=[grant.id])).status_code == 405
    assert DownloadGrant.objects.get().downloads_left == 5


def test_strangers_download_nothing(digital: tuple[Bought, str]) -> None:
    bought, _path = digital
    for visitor in (browser(), browser(make_person())):
        assert fetch(bought, visitor)[0] == 404
    assert DownloadGrant.objects.get().downloads_left == 5


@pytest.mark.parametrize("change", ["downloads_left", "expires_at", "revoked_at"])
def test_a_spent_download_gives_nothing(change: str, digital: tuple[Bought, str]) -> None:
    bought, _path = digital
    value = 0 if change == "downloads_left" else clock.now()
    DownloadGrant.objects.update(**{change: value})
    status, content = fetch(bought)
    assert (status, content) == (302, b"")


def test_a_lost_file_is_not_counted(digital: tuple[Bought, str]) -> None:
    bought, path = digital
    storages["private"].delete(path)
    assert fetch(bought)[0] == 302
    assert DownloadGrant.objects.get().downloads_left == 5


def test_a_file_of_another_good_is_not_given(digital: tuple[Bought, str]) -> None:
    bought, _path = digital
    assert fetch(bought, file=str(new_id()))[0] == 404
    assert DownloadGrant.objects.get().downloads_left == 5


# Statements


def test_the_page_needs_few_statements_however_long_it_is() -> None:
    company, buyer = make_company(), make_person()
    owner = browser(buyer)
    small = buy(make_goods(company), buyer=buyer)
    deliver(ship_all(small.order))
    few = count_statements(owner, small.order_path)
    big = buy(*(make_goods(company) for _ in range(30)), buyer=buyer)
    deliver(ship_all(big.order))
    template = StoredEvent.objects.filter(subject_id=big.order.id, type="OrderPlaced").get()
    for _ in range(200):
        template.pk = new_id()
        template.save(force_insert=True)
    complete_order(actor=OPERATOR, order_id=big.order.id)
    drain()
    assert count_statements(owner, big.order_path) == few
    assert few <= 8  # who is it, of them, is two


def test_services_downloads_parcels_and_complaints_cost_no_more() -> None:
    company, buyer = make_company(), make_person()
    goods, service = make_goods(company), make_goods(company, kind="service")
    digital = make_goods(company, kind="digital")
    keep_content(digital)
    basket = make_basket(
        (goods, 1), (service, 1), (digital, 1), slots={service.variant.id: make_slot(service)}
    )
    placed = place(basket, actor=Actor("buyer", buyer.id))
    pay(placed)
    bought = Bought(placed, buyer, orders_of(placed)[0])
    deliver(ship_all(bought.order))
    complain_about(bought)
    page = page_of(bought)
    assert "Confirmed" in page
    assert "5 downloads left" in page
    assert count_statements(browser(buyer), bought.order_path) <= 8
    assert count_statements(browser(buyer), bought.path) <= 8
