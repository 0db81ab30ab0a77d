"""A purchase is paid by a code of the gateway: QRIS or a virtual account."""

import subprocess
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
import typst
from django.db import transaction

from niaga.flows.goods.models import Reservation
from niaga.flows.money.card.transport import UnreachableError
from niaga.flows.money.methods import methods_on_offer
from niaga.flows.money.models import (
    BankReceipt,
    Capture,
    GatewayFeed,
    PayCode,
    Payment,
    Reconciliation,
    ReconciliationDifference,
)
from niaga.flows.money.reconciling import compare
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.ledger.models import Transfer
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance
from niaga.stages.ordering import receiving
from niaga.stages.ordering.commands.cancel_order import cancel_purchase, expire_purchase
from niaga.stages.ordering.commands.change_method import pay_another_way
from niaga.stages.ordering.commands.take_gateway_receipts import take_gateway_receipts
from niaga.stages.sharing.models import Basket, BasketLine
from tests.support.audit import assert_flows_agree
from tests.support.bank import cut
from tests.support.buyers import browser, buy
from tests.support.cards import payment_of
from tests.support.worlds import make_basket, make_company, make_goods, orders_of, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bank")]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def place_by(method="qris", **how):
    return place(make_basket((make_goods(make_company()), 2)), method=method, **how)


def code_of(placed) -> PayCode:
    code = receiving.code_of(payment_of(placed).id)
    assert code is not None
    return code


class TestShown:
    def test_codes_are_on_offer_with_a_gateway(self):
        codes = [method.code for method in methods_on_offer()]
        assert codes == ["qris", "virtual_account", "cash_on_delivery", "card"]

    def test_the_gateway_hears_an_amount_and_nothing_that_was_bought(self, bank):
        placed = place(
            make_basket((make_goods(make_company(), name="Rahasia CANARY"), 1)), method="qris"
        )
        code = code_of(placed)
        sent = b"".join(call.body or b"" for call in bank.calls)
        assert b"CANARY" not in sent
        assert placed.reference.encode() not in sent
        assert bank.codes[code.xid].asked.amount.minor == payment_of(placed).amount_minor

    def test_the_page_shows_a_code_that_a_phone_reads(self, tmp_path: Path):
        bought = buy(paid=False, method="qris")
        page = browser(bought.buyer).get(bought.path).content.decode()
        svg = page[page.index("<svg", page.index('class="qr"')) :]
        drawn, picture = tmp_path / "qr.svg", tmp_path / "qr.png"
        namespace = '<svg xmlns="http://www.w3.org/2000/svg"'
        drawn.write_text(svg[: svg.index("</svg>") + 6].replace("<svg", namespace, 1))
        page_of_it = (
            '#set page(width: 10cm, height: 10cm, margin: 0cm)\n#image("qr.svg", width: 100%)'
        )
        (tmp_path / "qr.typ").write_text(page_of_it)
        typst.compile(tmp_path / "qr.typ", output=picture, ppi=150)
        read = subprocess.run(
            ["zbarimg", "--quiet", "--raw", picture], check=True, capture_output=True, text=True
        )
        code = PayCode.objects.get()
        assert read.stdout.rstrip("\n") == code.content
        rupiah = payment_of(bought.placed).amount_minor // 100
        assert f"54{len(str(rupiah)):02d}{rupiah}" in code.content

    def test_looking_again_shows_the_same_code(self, bank):
        placed = place_by()
        assert code_of(placed).content == code_of(placed).content
        assert bank.paths().count("/codes") == 1

    def test_without_an_answer_the_page_says_so_and_the_worker_asks_again(self, bank):
        bank.line.before = cut("/codes")
        bought = buy(paid=False, method="qris")
        page = browser(bought.buyer).get(bought.path).content.decode()
        assert "is making your code" in page
        bank.line.before = lambda _path: None
        [wanted] = receiving.codes_wanted()
        assert receiving.code_of(wanted)
        assert not receiving.codes_wanted()

    def test_an_answer_lost_gives_the_same_code_later(self, bank):
        placed = place_by()
        bank.line.after = cut("/codes")
        assert receiving.code_of(payment_of(placed).id) is None
        bank.line.after = lambda _path: None
        code = code_of(placed)
        assert list(bank.codes) == [code.xid]


class TestPaid:
    @pytest.mark.parametrize("method", ["qris", "virtual_account"])
    def test_the_gateways_word_pays(self, bank, method):
        placed = place_by(method)
        bank.pay_code(code_of(placed).content)
        assert payment_of(placed).state == "pending"
        assert receiving.hear() == 1
        payment = payment_of(placed)
        assert (payment.state, payment.confirmed_by[:8]) == ("confirmed", "gateway ")
        assert {order.state for order in orders_of(placed)} == {"confirmed"}
        assert set(Reservation.objects.values_list("expires_at", flat=True)) == {None}
        owed = balance(AccountKey("gateway_receivable"))
        assert owed == Money(payment.amount_minor, "IDR")
        assert_flows_agree()

    def test_the_buyers_return_pays_nothing(self, bank):
        bought = buy(paid=False, method="qris")
        window = browser(bought.buyer)
        window.get(bought.path)
        bank.pay_code(PayCode.objects.get().content)
        asked = len(bank.paths())
        for query in ({}, {"status": "paid"}, {"result": "success"}):
            window.get(bought.path, query)
        assert payment_of(bought.placed).state == "pending"
        assert "/receipts" not in bank.paths()[asked:]
        assert not Transfer.objects.exists()

    def test_heard_twice_it_pays_once(self, bank):
        placed = place_by()
        bank.pay_code(code_of(placed).content)
        heard = receiving.codes.ask_receipts(0)
        assert take_gateway_receipts(heard=heard) == 1
        assert take_gateway_receipts(heard=heard) == 0
        assert Capture.objects.count() == 1
        assert BankReceipt.objects.count() == 1
        assert_flows_agree()

    def test_many_receipts_come_in_portions(self, bank):
        bank.tells_at_once = 2
        several = [place_by("virtual_account") for _ in range(5)]
        for placed in several:
            bank.pay_code(code_of(placed).content)
        assert receiving.hear() == 5
        assert {payment_of(placed).state for placed in several} == {"confirmed"}
        assert GatewayFeed.objects.get().after == 5

    def test_an_answer_that_nobody_signed_pays_nothing(self, bank):
        placed = place_by()
        bank.pay_code(code_of(placed).content)
        honest = bank.signer
        bank.signer = type(honest)(bank.opening.key, honest.chain)
        with pytest.raises(UnreachableError):
            receiving.hear()
        assert payment_of(placed).state == "pending"
        assert not BankReceipt.objects.exists()


class TestCompared:
    def test_what_agrees_is_settled_to_the_bank(self, bank):
        placed = place_by()
        bank.pay_code(code_of(placed).content)
        with clock.at(clock.now() + HOUR):
            receiving.hear()
            assert compare("IDR") == 1
        row = Reconciliation.objects.get()
        assert (row.state, row.agreed) == ("agreed", 1)
        assert balance(AccountKey("gateway_receivable")) == Money.zero()
        assert balance(AccountKey("bank")).minor == payment_of(placed).amount_minor
        assert_flows_agree()

    def test_what_is_not_heard_yet_is_not_compared(self, bank):
        first, second = place_by(), place_by()
        bank.pay_code(code_of(first).content)
        content = code_of(second).content
        receiving.hear()
        with clock.at(clock.now() + timedelta(minutes=5)):
            bank.pay_code(content)
        with clock.at(clock.now() + HOUR):
            compare("IDR")
            receiving.hear()
            compare("IDR")
        assert set(Reconciliation.objects.values_list("state", flat=True)) == {"agreed"}
        assert BankReceipt.objects.filter(reconciliation=None).count() == 0
        assert_flows_agree()

    def test_another_amount_at_the_gateway_is_a_difference(self, bank):
        bank.pay_code(code_of(place_by()).content)
        [(made, entry)] = bank.booked.items()
        bank.booked[made] = replace(entry, minor=entry.minor - 100)
        with clock.at(clock.now() + HOUR):
            receiving.hear()
            compare("IDR")
        found = ReconciliationDifference.objects.get()
        assert (found.problem, found.kind) == ("amount", "receipt")
        assert found.ledger_minor == found.gateway_minor + 100
        assert_flows_agree()


class TestAnotherWay:
    def test_the_former_number_still_pays(self, bank):
        placed = place_by("virtual_account")
        former = code_of(placed)
        pay_another_way(actor=Actor.guest(), purchase_id=placed.purchase_id, method="qris")
        assert code_of(placed).content != former.content
        bank.pay_code(former.content)
        receiving.hear()
        assert payment_of(placed).state == "confirmed"
        assert_flows_agree()

    def test_paid_twice_by_two_codes_the_second_waits_for_a_person(self, bank):
        placed = place_by("virtual_account")
        former = code_of(placed)
        pay_another_way(actor=Actor.guest(), purchase_id=placed.purchase_id, method="qris")
        bank.pay_code(code_of(placed).content)
        bank.pay_code(former.content)
        receiving.hear()
        assert Capture.objects.count() == 1
        assert list(BankReceipt.objects.order_by("state").values_list("state", "note")) == [
            ("matched", ""), ("unmatched", "payment_confirmed"),
        ]  # fmt: skip
        assert_flows_agree()


class TestTooLate:
    def test_nothing_ends_before_the_gateway_told_all(self, bank):
        placed = place_by()
        bank.pay_code(code_of(placed).content)
        with clock.at(clock.now() + HOUR):
            bank.line.before = cut("/receipts")
            assert receiving.expire() == 0
            assert not expire_purchase(purchase_id=placed.purchase_id)
            assert payment_of(placed).state == "pending"
            bank.line.before = lambda _path: None
            assert receiving.expire() == 0
        assert payment_of(placed).state == "confirmed"

    def test_unpaid_it_ends_and_the_goods_are_free(self):
        placed = place_by()
        code_of(placed)
        with clock.at(clock.now() + HOUR):
            assert receiving.expire() == 1
        assert payment_of(placed).state == "expired"
        assert set(Reservation.objects.values_list("state", flat=True)) == {"released"}

    @pytest.mark.parametrize("first", ["receipt", "expiry"])
    def test_late_money_never_pays_whoever_comes_first(self, bank, first):
        placed = place_by("virtual_account")
        content = code_of(placed).content
        with clock.at(clock.now() + DAY + HOUR):
            bank.pay_code(content)
            if first == "receipt":
                receiving.hear()
            receiving.expire()
            receiving.hear()
        assert payment_of(placed).state == "expired"
        receipt = BankReceipt.objects.get()
        assert (receipt.state, receipt.note) == ("unmatched", "too_late")
        assert balance(AccountKey("unmatched_receipts")) == Money(receipt.amount_minor, "IDR")
        assert_flows_agree()

    def test_cancelled_meanwhile_the_money_waits_for_a_person(self, bank):
        placed = place_by()
        bank.pay_code(code_of(placed).content)
        cancel_purchase(actor=Actor.guest(), purchase_id=placed.purchase_id, reason="changed")
        receiving.hear()
        assert BankReceipt.objects.get().note == "payment_cancelled"
        assert_flows_agree()


@pytest.mark.parametrize("paid", ["in_time", "never", "late"])
def test_every_order_of_events_ends_in_the_same_state(bank, paid):
    """Gateway's answer, buyer's return, poll, basket edit and expiry, in all 120 orders."""
    bought = buy(paid=False, method="virtual_account")
    window = browser(bought.buyer)
    window.get(bought.path)
    basket = Basket.objects.create()
    spare = make_goods(make_company())
    code = PayCode.objects.get()
    deadline = code.expires_at
    pays_at = {"in_time": deadline - HOUR, "late": deadline + HOUR, "never": None}[paid]
    if pays_at:
        with clock.at(pays_at):
            bank.pay_code(code.content)

    def edit() -> None:
        BasketLine.objects.create(basket=basket, variant=spare.variant, quantity=1)

    def look() -> None:
        assert window.get(bought.path).status_code == 200

    steps = {
        "answer": lambda: take_gateway_receipts(heard=receiving.codes.ask_receipts(0)),
        # What a look at the page does; for one end the page itself is looked at.
        "return": look if paid == "in_time" else lambda: receiving.code_of(code.payment_id),
        "poll": receiving.hear,
        "edit": edit,
        "expiry": receiving.expire,
    }
    ends = set()
    for order in permutations(steps):
        with clock.at(deadline + 2 * HOUR), transaction.atomic():
            for name in order:
                steps[name]()
            receipts = tuple(BankReceipt.objects.values_list("state", "note"))
            ends.add((Payment.objects.get().state, receipts, Capture.objects.count()))
            transaction.set_rollback(True)
    expected = {
        "in_time": ("confirmed", (("matched", ""),), 1),
        "never": ("expired", (), 0),
        "late": ("expired", (("unmatched", "too_late"),), 0),
    }[paid]
    assert ends == {expected}
