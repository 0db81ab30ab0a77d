"""What is shipped is charged, part by part; what is cancelled is let go or given back."""

from datetime import timedelta

import pytest

from niaga.flows.documents.models import Document
from niaga.flows.money.commands.give_back import RefundGoesByCard
from niaga.flows.money.commands.release_escrow import CaptureUnderWay
from niaga.flows.money.models import (
    Authorization,
    Capture,
    Escrow,
    GatewayOperation,
    Reconciliation,
    ReconciliationDifference,
    Refund,
)
from niaga.flows.money.reconciling import compare
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance
from niaga.plumbing.models import StoredEvent
from niaga.stages.ordering import paying
from niaga.stages.ordering.commands.cancel_order import cancel_order, send_refund
from niaga.stages.ordering.commands.charge_order import charge_rest, orders_to_charge
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.commands.ship_order import perform_service, ship_order
from niaga.stages.ordering.commands.take_bank_answer import tell_again
from niaga.stages.ordering.models import Charge, Order
from tests.support.audit import assert_flows_agree
from tests.support.bank import Line, cut
from tests.support.cards import pay_by_card, payment_of, place_by_card, tell_bank
from tests.support.worlds import (
    OPERATOR,
    deliver,
    make_basket,
    make_company,
    make_goods,
    make_slot,
    make_voucher,
    orders_of,
    place,
    ship_all,
)

pytestmark = pytest.mark.django_db
BUYER = Actor.guest()


def paid_by_card(wallet, *lines, **how):
    placed = place_by_card(*lines, **how)
    assert pay_by_card(placed, wallet).status == "paid"
    return placed


def ship(order: Order, quantity: int) -> None:
    line = order.lines.get()
    ship_order(
        actor=Actor("seller", seller_id=order.seller_id),
        order_id=order.id,
        quantities={line.id: quantity},
        carrier="JNE",
    )


def position(bank):
    [held] = bank.held.values()
    return held.position


def amounts(kind: str) -> list[int]:
    rows = GatewayOperation.objects.filter(kind=kind).order_by("seq")
    return [row.amount_minor // 100 for row in rows]


class TestCapture:
    def test_parcel_by_parcel_the_sum_is_exact(self, bank, wallet):
        make_voucher("SEPULUH", percent_bp=1000)
        goods = make_goods(make_company(), price=33_333)
        placed = paid_by_card(wallet, (goods, 3), voucher="SEPULUH")
        order = orders_of(placed)[0]
        ship(order, 1)
        tell_bank()
        first = Charge.objects.get()
        assert first.delivery_minor == order.delivery_minor
        assert position(bank).captured_minor == first.total_minor
        assert payment_of(placed).state == "authorized"
        ship(order, 2)
        tell_bank()
        assert sum(Charge.objects.values_list("total_minor", flat=True)) == order.total_minor
        assert position(bank).captured_minor == order.total_minor
        parts = Escrow.objects.filter(cause_id=order.id)
        gross = sum(parts.values_list("gross_minor", flat=True))
        assert gross == order.total_minor + order.subsidy_minor
        assert sum(parts.values_list("commission_minor", flat=True)) == order.commission_minor
        assert payment_of(placed).state == "confirmed"
        invoices = Document.objects.filter(kind="invoice")
        assert sum(invoices.values_list("total_minor", flat=True)) == order.total_minor
        assert invoices.count() == Document.objects.filter(kind="receipt").count() == 2
        assert_flows_agree()

    def test_nothing_is_captured_before_the_bank_says_so(self, bank, wallet):
        placed = paid_by_card(wallet)
        order = orders_of(placed)[0]
        bank.line = Line(before=cut("/operations"))
        shipment_id = ship_all(order)
        tell_bank()
        assert not Capture.objects.exists()
        assert set(Escrow.objects.values_list("gross_minor", flat=True)) == {0}
        deliver(shipment_id)
        with pytest.raises(CaptureUnderWay):
            complete_order(actor=BUYER, order_id=order.id)
        bank.line = Line()
        with clock.at(clock.now() + timedelta(minutes=5)):
            tell_bank()
        complete_order(actor=BUYER, order_id=order.id)
        owed = balance(AccountKey("seller_payable", order.seller_id)).minor
        assert owed == order.total_minor - order.commission_minor
        assert_flows_agree()

    def test_a_lost_answer_is_repeated_and_captured_once(self, bank, wallet):
        placed = paid_by_card(wallet)
        bank.line = Line(after=cut("/operations"))
        ship_all(orders_of(placed)[0])
        tell_bank()
        assert position(bank).captured_minor == orders_of(placed)[0].total_minor
        assert not Capture.objects.exists()
        bank.line = Line()
        # Beyond the request's deadline: the same bytes still find their answer.
        with clock.at(clock.now() + timedelta(hours=1)):
            tell_bank()
        assert Capture.objects.get().amount_minor == position(bank).captured_minor
        bodies = {call.body for call in bank.calls if call.url.endswith("/operations")}
        assert len(bodies) == 1
        assert_flows_agree()

    def test_a_request_that_grew_too_old_unheard_is_signed_anew(self, bank, wallet):
        placed = paid_by_card(wallet)
        bank.line = Line(before=cut("/operations"))
        ship_all(orders_of(placed)[0])
        tell_bank()
        bank.line = Line()
        with clock.at(clock.now() + timedelta(hours=1)):
            tell_bank()
            tell_bank()
        assert Capture.objects.get().amount_minor == position(bank).captured_minor
        assert_flows_agree()

    def test_each_seller_is_charged_for_its_own_part(self, bank, wallet):
        mine, other = make_goods(make_company()), make_goods(make_company(), price=50_000)
        placed = paid_by_card(wallet, (mine, 1), (other, 2))
        first, second = orders_of(placed)
        ship_all(first)
        tell_bank()
        assert Capture.objects.get().cause_id == first.id
        assert position(bank).captured_minor == first.total_minor
        ship_all(second)
        tell_bank()
        assert position(bank).captured_minor == first.total_minor + second.total_minor
        assert payment_of(placed).state == "confirmed"
        assert_flows_agree()

    def test_downloads_at_once_services_when_given(self, wallet):
        company = make_company()
        book = make_goods(company, kind="digital", price=40_000)
        lesson = make_goods(company, kind="service", price=90_000)
        slot = make_slot(lesson)
        basket = make_basket((book, 1), (lesson, 1), slots={lesson.variant.id: slot})
        placed = place(basket, method="card")
        assert pay_by_card(placed, wallet).status == "paid"
        tell_bank()
        assert amounts("capture") == [40_000]
        line = orders_of(placed)[0].lines.get(kind="service")
        perform_service(actor=BUYER, line_id=line.id)
        tell_bank()
        assert amounts("capture") == [40_000, 90_000]
        assert payment_of(placed).state == "confirmed"
        assert_flows_agree()

    def test_before_the_hold_ends_the_rest_is_charged_into_escrow(self, bank, wallet):
        placed = paid_by_card(wallet, (make_goods(make_company()), 3))
        order = orders_of(placed)[0]
        ship(order, 1)
        tell_bank()
        assert orders_to_charge() == ()
        with clock.at(clock.now() + timedelta(days=6, hours=1)):
            assert orders_to_charge() == (order.id,)
            charge_rest(order_id=order.id)
            assert orders_to_charge() == ()
            tell_bank()
            assert position(bank).captured_minor == order.total_minor
            ship(order, 2)
            tell_bank()
        assert Charge.objects.count() == 2
        assert_flows_agree()

    def test_refused_it_is_shown_and_can_be_told_again(self, wallet):
        placed = paid_by_card(wallet)
        order = orders_of(placed)[0]
        ship_all(order)
        with clock.at(clock.now() + timedelta(days=8)):
            tell_bank()
        operation = GatewayOperation.objects.get()
        assert (operation.state, operation.reason) == ("refused", "authorization_expired")
        assert not Capture.objects.exists()
        assert StoredEvent.objects.filter(type="BankRefused").count() == 1
        tell_again(actor=OPERATOR, operation_id=operation.id)
        tell_bank()
        assert Capture.objects.get().amount_minor == order.total_minor
        assert_flows_agree()


class TestCancel:
    def test_before_anything_is_shipped_the_hold_is_let_go(self, bank, wallet):
        placed = paid_by_card(wallet)
        order = orders_of(placed)[0]
        cancel_order(actor=BUYER, order_id=order.id, reason="changed_mind")
        tell_bank()
        assert position(bank).authorised_minor == 0
        assert payment_of(placed).state == "voided"
        assert not Refund.objects.exists()
        assert not Document.objects.filter(kind__in=["invoice", "credit_note"]).exists()
        told = StoredEvent.objects.filter(subject_id=order.id, flow="money", audience__len__gt=0)
        assert list(told.values_list("type", flat=True)) == ["HoldReleased"]
        assert_flows_agree()

    def test_one_of_two_orders_lets_its_part_go(self, bank, wallet):
        placed = paid_by_card(
            wallet, (make_goods(make_company()), 1), (make_goods(make_company()), 1)
        )
        first, second = orders_of(placed)
        cancel_order(actor=BUYER, order_id=first.id, reason="x")
        ship_all(second)
        tell_bank()
        where = position(bank)
        assert where.authorised_minor == where.captured_minor == second.total_minor
        assert payment_of(placed).state == "confirmed"
        row = Authorization.objects.get()
        assert (row.captured_minor, row.released_minor) == (second.total_minor, first.total_minor)
        assert_flows_agree()

    def test_what_was_charged_is_credited_to_the_card(self, bank, wallet):
        placed = paid_by_card(wallet)
        order = orders_of(placed)[0]
        charge_rest(order_id=order.id)
        with pytest.raises(CaptureUnderWay):
            cancel_order(actor=BUYER, order_id=order.id, reason="x")
        tell_bank()
        cancel_order(actor=BUYER, order_id=order.id, reason="x")
        refund = Refund.objects.get()
        with pytest.raises(RefundGoesByCard):
            send_refund(actor=OPERATOR, refund_id=refund.id)
        assert refund.state == "due"
        tell_bank()
        refund.refresh_from_db()
        assert refund.state == "sent"
        assert position(bank).credited_minor == order.total_minor
        for account in ("gateway_receivable", "refund_payable", "bank"):
            assert balance(AccountKey(account)) == Money.zero()
        assert Document.objects.get(kind="credit_note").total_minor == order.total_minor
        assert_flows_agree()


class TestReconciliation:
    def settled(self, wallet):
        placed = paid_by_card(
            wallet, (make_goods(make_company()), 1), (make_goods(make_company()), 1)
        )
        first, second = orders_of(placed)
        ship_all(first)
        cancel_order(actor=BUYER, order_id=second.id, reason="x")
        tell_bank()
        return first

    def test_what_agrees_is_settled_to_the_bank(self, wallet):
        order = self.settled(wallet)
        with clock.at(clock.now() + timedelta(hours=1)):
            assert compare("IDR") == 1
            assert compare("IDR") == 0
        row = Reconciliation.objects.get()
        assert (row.state, row.agreed, row.settled_minor) == ("agreed", 2, order.total_minor)
        assert balance(AccountKey("bank")).minor == order.total_minor
        assert balance(AccountKey("gateway_receivable")) == Money.zero()
        assert_flows_agree()

    def test_what_differs_is_shown_and_not_settled(self, bank, wallet):
        self.settled(wallet)
        capture = GatewayOperation.objects.get(kind="capture")
        entry = bank.booked[capture.remote_id]
        bank.booked[capture.remote_id] = type(entry)(
            kind="capture", id=entry.id, minor=entry.minor - 100
        )
        with clock.at(clock.now() + timedelta(hours=1)):
            compare("IDR")
        found = ReconciliationDifference.objects.get()
        assert (found.problem, found.ledger_minor - found.gateway_minor) == ("amount", 100)
        assert Reconciliation.objects.get().state == "differs"
        assert balance(AccountKey("bank")) == Money.zero()
        assert_flows_agree()

    def test_a_lost_answer_is_fetched_by_the_same_bytes(self, bank, wallet):
        self.settled(wallet)
        bank.line = Line(after=cut("/batches"))
        with clock.at(clock.now() + timedelta(minutes=5)):
            with pytest.raises(paying.UnreachableError):
                compare("IDR")
            bank.line = Line()
            assert compare("IDR") == 1
        bodies = {call.body for call in bank.calls if call.url.endswith("/batches")}
        assert len(bodies) == 1
        assert_flows_agree()

    def test_a_reversal_of_an_unanswered_hold_is_in_both_books(self, bank, wallet):
        placed = place_by_card()
        bank.line = Line(after=cut("/authorize", "/inquiry"))
        pay_by_card(placed, wallet)
        with clock.at(clock.now() + timedelta(minutes=2)):
            paying.pursue(Authorization.objects.get().id)
            bank.line = Line()
            tell_bank()
        moved = GatewayOperation.objects.get().moved_minor
        assert moved == payment_of(placed).amount_minor
