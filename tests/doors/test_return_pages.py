"""Returns at the doors: one side agrees, the buyer prints the slip, the seller receives."""

from uuid import UUID

import pytest
from django.urls import reverse

from niaga.flows.documents.models import Document
from niaga.plumbing.worker import drain
from niaga.stages.aftersales.commands.complain import open_complaint
from niaga.stages.aftersales.commands.take_back import agree_return
from niaga.stages.aftersales.models import Complaint, Return
from tests.doors.conftest import Desk
from tests.support.buyers import Bought, browser, buy
from tests.support.worlds import OPERATOR, make_company, make_goods, make_person, ship_all

pytestmark = pytest.mark.django_db


def page_of(desk: Desk, complaint_id: UUID) -> str:
    return desk.client.get(reverse("seller:complaint", args=[complaint_id])).content.decode()


@pytest.fixture
def sold(desk: Desk) -> Bought:
    bought = buy(make_goods(desk.company, stock=10), quantity=3)
    ship_all(bought.order)
    return bought


def test_goods_go_back_with_a_slip_and_come_back(desk: Desk, sold: Bought) -> None:
    line = sold.order.lines.get()
    complaint_id = open_complaint(
        actor=OPERATOR, line_id=line.id, reason="damaged", body="Broken.", author="Dewi"
    )
    assert reverse("seller:agree_return", args=[complaint_id]) in page_of(desk, complaint_id)
    assert desk.post("agree_return", complaint_id, quantity=4, body="Send it.")[0] == 422
    assert desk.post("agree_return", complaint_id, quantity=2, body="")[0] == 422
    assert not Return.objects.exists()
    assert desk.post("agree_return", complaint_id, quantity=2, body="Send it to us.")[0] == 302
    drain()
    back, slip = Return.objects.get(), Document.objects.get(kind="return_slip")
    page = page_of(desk, complaint_id)
    assert reverse("seller:document_pdf", args=[slip.id]) in page
    assert reverse("seller:receive_return", args=[back.id]) in page
    buyer = browser(sold.buyer).get(reverse("complaint", args=[complaint_id])).content.decode()
    assert reverse("document", args=[slip.id]) in buyer
    assert desk.post("receive_return", back.id, place="elsewhere")[0] == 422
    assert Return.objects.get().state == "agreed"
    assert desk.post("receive_return", back.id, place="nowhere")[0] == 302
    assert Return.objects.get().state == "received"
    assert Complaint.objects.get().state == "resolved"


def test_another_s_return_is_not_found(desk: Desk, sold: Bought) -> None:
    other = make_goods(make_company(), stock=5)
    order = buy(other).order
    ship_all(order)
    complaint_id = open_complaint(
        actor=OPERATOR,
        line_id=order.lines.get().id,
        reason="damaged",
        body="Broken.",
        author="Dewi",
    )
    assert desk.post("agree_return", complaint_id, quantity=1, body="Ours now.")[0] == 404
    return_id = agree_return(
        actor=OPERATOR, complaint_id=complaint_id, quantity=1, words="Send it.", author="Op"
    )
    assert desk.post("receive_return", return_id, place="nowhere")[0] == 404
    assert Return.objects.get().state == "agreed"


def test_the_operator_lets_goods_go_back(desk: Desk, sold: Bought) -> None:
    complaint_id = open_complaint(
        actor=OPERATOR,
        line_id=sold.order.lines.get().id,
        reason="damaged",
        body="Broken.",
        author="Dewi",
    )
    office = browser(make_person(is_staff=True))
    address = reverse("office:agree_return", args=[complaint_id])
    assert address in office.get(reverse("office:complaint", args=[complaint_id])).content.decode()
    assert office.post(address, {"quantity": 1, "body": "Send it back."}).status_code == 302
    assert Return.objects.get().quantity == 1
    assert (
        address not in office.get(reverse("office:complaint", args=[complaint_id])).content.decode()
    )
    assert office.post(address, {"quantity": 1, "body": "And more."}).status_code == 422
    assert Return.objects.count() == 1
    assert reverse("seller:receive_return", args=[Return.objects.get().id]) in page_of(
        desk, complaint_id
    )
