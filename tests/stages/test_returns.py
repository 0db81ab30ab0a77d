"""Goods go back: agreed with a slip, received once, and stock and money follow."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niaga.flows.documents.models import Document
from niaga.flows.goods.commands.change_stock import LocationUnknown
from niaga.flows.goods.models import StockLevel, StockMovement
from niaga.flows.information.models import Mail
from niaga.flows.money.models import EscrowHold, Refund
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.states import TransitionRefused
from niaga.project.audit import run_audit
from niaga.stages.aftersales.audit import CHECKS
from niaga.stages.aftersales.commands.complain import (
    ComplaintClosed,
    WordsMissing,
    open_complaint,
    resolve_complaint,
)
from niaga.stages.aftersales.commands.take_back import (
    NotReturnable,
    ReturnUnderWay,
    agree_return,
    receive_return,
)
from niaga.stages.aftersales.models import Complaint, Return
from niaga.stages.aftersales.queries import complaint_view, return_worth
from niaga.stages.ordering.commands.refund_order import refund_order
from niaga.stages.ordering.models import Order, OrderLine
from niaga.stages.ordering.owning import OrderUnknown
from niaga.stages.ordering.refund_draft import RefundWish
from tests.support.audit import assert_flows_agree
from tests.support.worlds import (
    OPERATOR,
    Goods,
    deliver,
    make_basket,
    make_company,
    make_goods,
    orders_of,
    pay,
    place,
    ship_all,
)

pytestmark = pytest.mark.django_db
BUYER = Actor.guest()


@pytest.fixture
def goods() -> Goods:
    return make_goods(make_company(), price=100_000, stock=10)


def sold(goods: Goods, quantity: int = 3, *, sent: bool = True) -> Order:
    placed = place(make_basket((goods, quantity)))
    pay(placed)
    [order] = orders_of(placed)
    if sent:
        deliver(ship_all(order))
    return order


def complain(order: Order) -> Complaint:
    line = order.lines.get()
    complaint_id = open_complaint(
        actor=BUYER, line_id=line.id, reason="damaged", body="The lid is cracked.", author="Siti"
    )
    return Complaint.objects.get(pk=complaint_id)


def seller_of(order: Order) -> Actor:
    return Actor("seller", seller_id=order.seller_id)


def agree(complaint: Complaint, quantity: int, actor: Actor | None = None) -> Return:
    return_id = agree_return(
        actor=actor or seller_of(complaint.line.order),
        complaint_id=complaint.id,
        quantity=quantity,
        words="Send it to our shop; we pay.",
        author="Toko",
    )
    return Return.objects.get(pk=return_id)


def on_hand(goods: Goods) -> int:
    return StockLevel.objects.get(sku_id=goods.variant.id).on_hand


def facts() -> tuple[int, ...]:
    """Return how much there is of everything that a refused action must not make."""
    models = (Return, StoredEvent, StockMovement, Refund, Document)
    return tuple(model.objects.count() for model in models)


def test_an_agreed_return_has_a_slip_that_names_the_units(goods: Goods) -> None:
    order = sold(goods)
    back = agree(complain(order), 2)
    assert_flows_agree()
    slip = Document.objects.get(kind="return_slip")
    assert (slip.about_id, slip.cause_id, slip.seller_id) == (back.id, order.id, order.seller_id)
    assert [(line["sku"], line["quantity"]) for line in slip.content["lines"]] == [
        (goods.variant.sku, 2)
    ]
    assert "/verify/" in slip.content["verify_url"]
    assert slip.content["seller"]["address_lines"][0]
    reasons = [value for _, value in slip.content["references"]]
    assert {"Arrived damaged", "Sampai dalam keadaan rusak"} & set(reasons)
    assert Mail.objects.filter(template="return_agreed", to=order.purchase.email).count() == 1
    assert on_hand(goods) == 7
    assert not Refund.objects.exists()
    assert slip.id == complaint_view(back.complaint_id).returns[0].slip_id  # type: ignore[union-attr]


@pytest.mark.parametrize("restocked", [True, False])
def test_what_came_back_moves_stock_and_money_once(goods: Goods, restocked: bool) -> None:  # noqa: FBT001
    order = sold(goods)
    complaint = complain(order)
    back = agree(complaint, 2)
    worth = return_worth(back.id)
    place_id = goods.location.id if restocked else None
    assert receive_return(actor=seller_of(order), return_id=back.id, location_id=place_id) == worth
    assert worth.minor == 200_000_00
    assert on_hand(goods) == (9 if restocked else 7)
    assert Refund.objects.get().amount_minor == worth.minor
    assert OrderLine.objects.get(order=order).refunded_quantity == 2
    complaint.refresh_from_db()
    back.refresh_from_db()
    assert (complaint.state, back.state) == ("resolved", "received")
    assert back.refund_id == Refund.objects.get().id
    assert not EscrowHold.objects.exclude(state="lifted").exists()
    assert_flows_agree()
    credit = Document.objects.get(kind="credit_note")
    assert credit.total_minor == worth.minor

    before = facts()
    with pytest.raises(TransitionRefused):
        receive_return(actor=seller_of(order), return_id=back.id, location_id=place_id)
    assert facts() == before


def test_what_was_given_back_before_is_not_given_back_again(goods: Goods) -> None:
    order = sold(goods)
    back = agree(complain(order), 2)
    line = order.lines.get()
    refund_order(
        actor=OPERATOR, order_id=order.id, wish=RefundWish("lines", {line.id: 2}), reason="sorry"
    )
    paid = receive_return(actor=OPERATOR, return_id=back.id, location_id=goods.location.id)
    assert paid.minor == 100_000_00  # of the one unit whose price was left
    assert OrderLine.objects.get(order=order).refunded_quantity == 3
    other = sold(goods, 1)
    again = agree(complain(other), 1)
    refund_order(actor=OPERATOR, order_id=other.id, wish=RefundWish("all"), reason="sorry")
    refunds = Refund.objects.count()
    assert not receive_return(
        actor=seller_of(other), return_id=again.id, location_id=goods.location.id
    )
    assert Refund.objects.count() == refunds
    assert_flows_agree()


def test_a_settled_complaint_calls_the_return_off(goods: Goods) -> None:
    order = sold(goods)
    complaint = complain(order)
    back = agree(complaint, 1)
    resolve_complaint(actor=BUYER, complaint_id=complaint.id, body="I keep it.", author="Siti")
    back.refresh_from_db()
    assert back.state == "called_off"
    before = facts()
    with pytest.raises(TransitionRefused):
        receive_return(actor=OPERATOR, return_id=back.id, location_id=goods.location.id)
    with pytest.raises(ComplaintClosed):
        agree(complaint, 1)
    assert facts() == before
    assert agree(complain(order), 3).quantity == 3
    assert_flows_agree()


def test_refusals_change_nothing(goods: Goods) -> None:
    order = sold(goods)
    complaint = complain(order)
    stranger = Actor("seller", seller_id=make_company().id)
    before = facts()
    for quantity in (0, 4, -1):
        with pytest.raises(NotReturnable):
            agree(complaint, quantity)
    with pytest.raises(OrderUnknown):
        agree(complaint, 1, stranger)
    with pytest.raises(WordsMissing):
        agree_return(actor=OPERATOR, complaint_id=complaint.id, quantity=1, words=" ", author="Op")
    assert facts() == before
    back = agree(complaint, 1)
    before = facts()
    with pytest.raises(ReturnUnderWay):
        agree(complaint, 1)
    with pytest.raises(OrderUnknown):
        receive_return(actor=stranger, return_id=back.id, location_id=None)
    with pytest.raises(LocationUnknown):
        receive_return(actor=OPERATOR, return_id=back.id, location_id=new_id())
    assert facts() == before
    assert Return.objects.get().state == "agreed"


def test_what_was_never_sent_cannot_go_back(goods: Goods) -> None:
    complaint = complain(sold(goods, sent=False))
    with pytest.raises(NotReturnable):
        agree(complaint, 1)


@settings(
    max_examples=15, deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
@given(
    bought=st.integers(1, 6),
    steps=st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["stock", "nowhere", "keep"]))),
)
def test_units_and_money_are_conserved(bought: int, steps: list[tuple[int, str]]) -> None:
    fresh = make_goods(make_company(), price=33_333, stock=bought)
    order = sold(fresh, bought)
    back_in_stock = returned = 0
    for quantity, end in steps:
        complaint = complain(order)
        if quantity > bought - returned:
            with pytest.raises(NotReturnable):
                agree(complaint, quantity)
            resolve_complaint(actor=OPERATOR, complaint_id=complaint.id, body="", author="")
            continue
        back = agree(complaint, quantity)
        if end == "keep":
            resolve_complaint(actor=BUYER, complaint_id=complaint.id, body="", author="")
            continue
        place_id = fresh.location.id if end == "stock" else None
        receive_return(actor=OPERATOR, return_id=back.id, location_id=place_id)
        returned += quantity
        back_in_stock += quantity if place_id else 0
    assert on_hand(fresh) == back_in_stock
    refunds = Refund.objects.filter(cause_id=order.id)
    assert sum(refund.amount_minor for refund in refunds) == 33_333_00 * returned
    assert_flows_agree()


# The check's name -> what somebody does to the tables behind the market's back.
PLANTED = {
    "every return has its slip": "DELETE FROM documents_document WHERE kind = 'return_slip'",
    "what came back is in the stock again, where it is said to be": (
        "DELETE FROM goods_stockmovement WHERE kind = 'returned'"
    ),
    "no more units come back than were sent": (
        "UPDATE aftersales_return SET quantity = quantity + 9"
    ),
}


@pytest.mark.parametrize("check", PLANTED)
def test_a_planted_violation_is_found(check: str, goods: Goods) -> None:
    assert PLANTED.keys() == {one.name for one in CHECKS}
    back = agree(complain(sold(goods)), 1)
    receive_return(actor=OPERATOR, return_id=back.id, location_id=goods.location.id)
    assert_flows_agree()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(PLANTED[check])
        assert cursor.rowcount > 0
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert check in {violation.check for violation in run_audit()}
