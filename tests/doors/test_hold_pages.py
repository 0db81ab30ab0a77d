"""Money is held back at the operator's door, never without reasons; the seller reads, objects."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime

from niaga.flows.information.models import Mail
from niaga.flows.money.models import Escrow, EscrowHold
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.parties.models import Person
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.worker import drain
from niaga.stages.aftersales.commands.appeal_hold import appeal
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.owning import OrderUnknown
from tests.support.audit import assert_flows_agree
from tests.support.buyers import browser
from tests.support.statements import count_statements
from tests.support.worlds import (
    make_basket,
    make_company,
    make_goods,
    make_person,
    orders_of,
    pay,
    place,
)

pytestmark = pytest.mark.django_db


def sold(owner: Person, lines: int = 1) -> Order:
    company = make_company(owner=owner)
    placed = place(make_basket(*((make_goods(company), 1) for _ in range(lines))))
    pay(placed)
    order: Order = orders_of(placed)[0]
    return order


@pytest.fixture
def owner() -> Person:
    return make_person()


@pytest.fixture
def office() -> Client:
    return browser(make_person(is_staff=True))


def terms(**change: object) -> dict[str, object]:
    deadline = localtime(clock.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    return {
        "part": "",
        "reason": "fraud",
        "owner": "operator",
        "deadline_at": deadline,
        "evidence": "Three cards from one device.",
    } | change


def hold(office: Client, order: Order, **change: object) -> int:
    return office.post(reverse("office:hold_new", args=[order.id]), terms(**change)).status_code


def test_a_hold_is_made_and_the_seller_is_told_all_of_it(owner: Person, office: Client) -> None:
    order = sold(owner)
    line = order.lines.get()
    assert hold(office, order, part=str(line.id)) == 302
    made = EscrowHold.objects.get()
    assert (made.escrow.about_id, made.reason, made.state) == (line.id, "fraud", "placed")
    assert set(Escrow.objects.exclude(frozen_at=None)) == {made.escrow}
    page = browser(owner).get(reverse("seller:hold", args=[made.id])).content.decode()
    for words in ("signs of fraud", "Three cards from one device.", "The market&#39;s operator",
                  "Decided before", "You can object"):  # fmt: skip
        assert words in page
    drain()
    letter = Mail.objects.get(template="hold_placed")
    assert "Three cards from one device." in letter.text
    assert_flows_agree()


def test_all_of_an_order_is_held_back_at_once(owner: Person, office: Client) -> None:
    order = sold(owner, lines=2)
    assert hold(office, order) == 302
    assert EscrowHold.objects.count() == Escrow.objects.exclude(frozen_at=None).count() == 3


@pytest.mark.parametrize(
    "lacks",
    [
        {"reason": ""},
        {"reason": "complaint"},
        {"evidence": "  "},
        {"owner": ""},
        {"deadline_at": ""},
        {"deadline_at": "2020-01-01T10:00"},
        {"part": str(new_id())},
    ],
)
def test_nothing_is_held_back_without_its_reasons(
    lacks: dict[str, object], owner: Person, office: Client
) -> None:
    order = sold(owner)
    before = StoredEvent.objects.count()
    assert hold(office, order, **lacks) == 422
    assert not EscrowHold.objects.exists()
    assert not Escrow.objects.exclude(frozen_at=None).exists()
    assert StoredEvent.objects.count() == before


@pytest.mark.parametrize(
    "change", [{"reason": ""}, {"evidence": "\n "}, {"owner": "nobody"}, {"appeal_way": ""}]
)
def test_the_database_keeps_no_hold_without_them(
    change: dict[str, str], owner: Person, office: Client
) -> None:
    hold(office, sold(owner))
    with (
        pytest.raises(IntegrityError, match="hold_says_why_who_and_how_to_appeal"),
        transaction.atomic(),
    ):
        EscrowHold.objects.update(**change)


def test_what_is_not_in_escrow_is_not_held_back(owner: Person, office: Client) -> None:
    placed = place(make_basket((make_goods(make_company(owner=owner)), 1)))
    [order] = orders_of(placed)
    address = reverse("office:hold_new", args=[order.id])
    text = office.get(address).content.decode()
    assert "Nothing is in escrow" in text
    assert hold(office, order) == 422
    assert not EscrowHold.objects.exists()


def test_an_objection_is_sent_turned_down_and_sent_again(owner: Person, office: Client) -> None:
    hold(office, sold(owner), part="")
    made = EscrowHold.objects.first()
    assert made is not None
    seller, own = browser(owner), reverse("seller:hold", args=[made.id])
    staff = reverse("office:hold", args=[made.id])
    assert office.post(staff, {"words": "No.", "answer": "keep"}).status_code == 422
    assert seller.post(own, {"words": " "}).status_code == 422
    assert seller.post(own, {"words": "It was one buyer, see the chat."}).status_code == 302
    assert seller.post(own, {"words": "Again"}).status_code == 422
    assert "It was one buyer, see the chat." in office.get(staff).content.decode()
    assert office.post(staff, {"words": " ", "answer": "keep"}).status_code == 422
    assert office.post(staff, {"words": "The bank says no.", "answer": "keep"}).status_code == 302
    page = seller.get(own).content.decode()
    assert "The bank says no." in page
    assert "You can object" in page
    assert Escrow.objects.get(pk=made.escrow_id).frozen_at
    drain()
    assert Mail.objects.filter(template="hold_decided").count() == 1
    assert_flows_agree()


def test_the_operator_lifts_it_and_the_money_moves_on(owner: Person, office: Client) -> None:
    order = sold(owner)
    hold(office, order, part=str(order.lines.get().id))
    made = EscrowHold.objects.get()
    staff = reverse("office:hold", args=[made.id])
    assert office.post(staff, {"words": "All is well.", "answer": "lift"}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.decision) == ("lifted", "All is well.")
    assert not Escrow.objects.exclude(frozen_at=None).exists()
    before = StoredEvent.objects.count()
    assert office.post(staff, {"words": "Again", "answer": "lift"}).status_code == 422
    assert StoredEvent.objects.count() == before
    assert_flows_agree()


def test_another_seller_neither_sees_nor_objects(owner: Person, office: Client) -> None:
    hold(office, sold(owner))
    made = EscrowHold.objects.first()
    assert made is not None
    stranger = make_person()
    other = make_company(owner=stranger)
    door, address = browser(stranger), reverse("seller:hold", args=[made.id])
    assert door.get(address).status_code == 404
    assert door.post(address, {"words": "Give it to me"}).status_code == 404
    assert made.evidence not in door.get(reverse("seller:holds")).content.decode()
    with pytest.raises(OrderUnknown):
        appeal(actor=Actor("seller", stranger.id, other.id), hold_id=made.id, words="Mine")
    assert not EscrowHold.objects.exclude(state="placed").exists()


@pytest.mark.parametrize("door", ["seller", "office"])
def test_lists_and_orders_need_as_many_statements_for_many(
    door: str, owner: Person, office: Client
) -> None:
    client = browser(owner) if door == "seller" else office
    order = sold(owner, lines=8)
    pages = [reverse(f"{door}:holds"), reverse(f"{door}:order", args=[order.id])]
    [first, *rest] = order.lines.all()
    hold(office, order, part=str(first.id))
    few = [count_statements(client, page) for page in pages]
    for line in rest:
        hold(office, order, part=str(line.id))
    assert [count_statements(client, page) for page in pages] == few
    assert few[0] <= 8
