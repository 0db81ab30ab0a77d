"""Money is given back at the seller's and the operator's door: shown first, done once."""

from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from niaga.flows.documents.models import Document
from niaga.flows.money.models import Refund, SellerDebt
from niaga.flows.money.paying_out import run_payouts
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance, trial_balance
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.models import Order, OrderLine
from tests.support.audit import assert_flows_agree
from tests.support.buyers import Bought, browser, buy
from tests.support.statements import count_statements
from tests.support.worlds import (
    OPERATOR,
    deliver,
    make_basket,
    make_company,
    make_goods,
    make_person,
    make_voucher,
    orders_of,
    pay,
    place,
    ship_all,
)

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Till:
    """Somebody who may give money back, and what was bought from the seller."""

    client: Client
    door: str
    order: Order

    def send(self, step: str, **data: object) -> tuple[int, str]:
        """Send the form; return status and page."""
        address = reverse(f"{self.door}:order_refund", args=[self.order.id])
        answer = self.client.post(address, {"reason": "Sorry", "step": step, **data})
        return answer.status_code, answer.content.decode()


def sold(door: str, *, voucher: str = "", lines: int = 1) -> Till:
    """A paid order of two units of 100,000 a line and a delivery of 15,000; commission 2.5 %."""
    owner = make_person()
    company = make_company(owner=owner)
    wanted = [(make_goods(company, price=100_000), 2) for _ in range(lines)]
    placed = place(make_basket(*wanted), voucher=voucher)
    pay(placed)
    who = owner if door == "seller" else make_person(is_staff=True)
    return Till(browser(who), door, orders_of(placed)[0])


@pytest.fixture(params=["seller", "office"])
def till(request: pytest.FixtureRequest) -> Till:
    return sold(request.param)


def units(order: Order, many: object) -> dict[str, object]:
    return {"kind": "lines", f"units_{order.lines.get().id.hex}": many}


def test_it_is_shown_before_it_is_done(till: Till) -> None:
    before = trial_balance()
    status, page = till.send("look", **units(till.order, 1))
    assert status == 200
    assert "Give back Rp100.000" in page
    for share in ("Rp97.500", "Rp2.500"):
        assert share in page
    assert not Refund.objects.exists()
    assert trial_balance() == before


def test_from_the_page_to_ledger_and_credit_note(till: Till) -> None:
    key = new_id()
    agreed = {**units(till.order, 1), "key": key, "shown": Money.of(100_000).minor}
    assert till.send("do", **agreed)[0] == 302
    assert till.send("do", **agreed)[0] == 302  # a second click is the same refund
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.reason) == (Money.of(100_000).minor, "Sorry")
    assert OrderLine.objects.get().refunded_quantity == 1
    assert balance(AccountKey("refund_payable")) == Money.of(100_000)
    assert balance(AccountKey("escrow", till.order.seller_id)) == Money.of(115_000)
    assert_flows_agree()
    note = Document.objects.get(kind="credit_note", cause_id=till.order.id)
    assert note.total_minor == Money.of(100_000).minor


@pytest.mark.parametrize(
    ("wish", "gets"),
    [
        ({"kind": "all"}, 215_000),
        ({"kind": "delivery"}, 15_000),
        ({"kind": "amount", "amount": 43_000}, 43_000),
    ],
)
def test_all_the_delivery_or_an_amount(till: Till, wish: dict[str, object], gets: int) -> None:
    assert f"Rp{gets:,}".replace(",", ".") in till.send("look", **wish)[1]
    assert till.send("do", shown=Money.of(gets).minor, **wish)[0] == 302
    assert Refund.objects.get().amount_minor == Money.of(gets).minor
    assert_flows_agree()


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "amount", "amount": 215_001},
        {"kind": "amount"},
        {"kind": "amount", "amount": "0.5"},
        {"kind": "lines"},
        {"kind": "nothing"},
        {"kind": "all", "reason": " "},
        {"kind": "all", "shown": 1},
        {"kind": "delivery", "shown": ""},
    ],
)
def test_what_is_refused_keeps_the_form_and_does_nothing(
    till: Till, wish: dict[str, object]
) -> None:
    before = trial_balance()
    status, page = till.send("do", **wish)
    assert status == 422
    assert 'name="reason"' in page
    if wish.get("reason") != " ":
        assert 'value="Sorry"' in page
    assert not Refund.objects.exists()
    assert trial_balance() == before


def test_more_units_than_are_left_are_refused(till: Till) -> None:
    assert till.send("look", **units(till.order, 3))[0] == 422
    till.send("do", shown=Money.of(100_000).minor, **units(till.order, 1))
    assert till.send("look", **units(till.order, 2))[0] == 422
    assert till.send("look", **units(till.order, 1))[0] == 200
    assert Refund.objects.count() == 1


def test_what_was_filled_in_can_be_changed(till: Till) -> None:
    page = till.send("edit", kind="amount", amount=43_000)[1]
    assert 'value="43000"' in page
    assert "See what it does" in page


def test_an_order_nobody_paid_offers_nothing() -> None:
    owner = make_person()
    placed = place(make_basket((make_goods(make_company(owner=owner)), 1)))
    till = Till(browser(owner), "seller", orders_of(placed)[0])
    address = reverse("seller:order_refund", args=[till.order.id])
    assert "Nothing can be given back" in till.client.get(address).content.decode()
    assert till.send("do", kind="all", shown=0)[0] == 422
    assert not Refund.objects.exists()


def test_the_voucher_s_bearer_is_shown() -> None:
    make_voucher("HEMAT10", percent_bp=1000)
    page = sold("seller", voucher="HEMAT10")
    status, text = page.send("look", **units(page.order, 1))
    assert status == 200
    assert "Back to the market: its part of the voucher" in text
    assert "Rp90.000" in text


def test_what_was_paid_out_becomes_a_debt_on_the_balance() -> None:
    till = sold("seller")
    deliver(ship_all(till.order))
    complete_order(actor=OPERATOR, order_id=till.order.id)
    run_payouts(actor=OPERATOR)
    page = till.send("look", kind="delivery")[1]
    assert "The seller was paid already" in page
    assert till.send("do", kind="delivery", shown=Money.of(15_000).minor)[0] == 302
    assert SellerDebt.objects.get().amount_minor == Money.of(15_000).minor
    standing = till.client.get(reverse("seller:balance")).content.decode()
    assert "You owe Rp15.000" in standing
    assert_flows_agree()


def test_another_seller_s_order_is_not_found() -> None:
    till, other = sold("seller"), sold("seller")
    address = reverse("seller:order_refund", args=[other.order.id])
    assert till.client.get(address).status_code == 404
    agreed = {"kind": "all", "reason": "x", "step": "do", "shown": Money.of(215_000).minor}
    assert till.client.post(address, agreed).status_code == 404
    assert not Refund.objects.exists()


def test_buyer_seller_and_operator_read_of_it() -> None:
    bought: Bought = buy(make_goods(make_company(owner=make_person()), price=100_000), quantity=2)
    staff = browser(make_person(is_staff=True))
    till = Till(staff, "office", bought.order)
    shown = Money.of(30_000).minor
    assert till.send("do", kind="amount", amount=30_000, shown=shown)[0] == 302
    page = browser(bought.buyer).get(reverse("order", args=[bought.order.id])).content.decode()
    for words in ("Refunds", "Rp30.000", "Sorry", "Refund on its way"):
        assert words in page
    office = staff.get(reverse("office:order", args=[bought.order.id])).content.decode()
    assert "Sorry" in office


@pytest.mark.parametrize("door", ["seller", "office"])
def test_as_many_statements_for_many_lines_as_for_few(door: str) -> None:
    def counted(lines: int) -> int:
        till = sold(door, lines=lines)
        return count_statements(
            till.client, reverse(f"{till.door}:order_refund", args=[till.order.id])
        )

    few = counted(1)
    assert counted(30) == few
    assert few <= 8
