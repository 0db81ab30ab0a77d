"""From paid to completed, and every way to end early."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from niaga.flows.goods.commands.dispatch_shipment import NothingReserved
from niaga.flows.goods.models import (
    Booking,
    DownloadGrant,
    Reservation,
    Shipment,
    Slot,
    StockLevel,
    StockMovement,
)
from niaga.flows.goods.states import ShipmentState
from niaga.flows.money.bank_file import BadLine, ReceiptLine, read_receipts
from niaga.flows.money.commands.release_escrow import EscrowFrozen
from niaga.flows.money.commands.settle_payout import confirm_payout
from niaga.flows.money.models import BankReceipt, Escrow, Payment, Payout, Refund
from niaga.flows.money.paying_out import NothingToPayOut, run_payouts
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.ledger.models import Transfer
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance, trial_balance
from niaga.ledger.statements import statement_page
from niaga.plumbing.states import TransitionRefused
from niaga.stages.aftersales.commands.complain import open_complaint, resolve_complaint
from niaga.stages.ordering.commands.cancel_order import (
    PaidTogether,
    cancel_order,
    cancel_purchase,
    expire_purchase,
    purchases_to_expire,
    send_refund,
)
from niaga.stages.ordering.commands.complete_order import (
    complete_order,
    orders_to_release,
    release_order,
)
from niaga.stages.ordering.commands.ship_order import (
    NothingChosen,
    NotToBeShipped,
    QuantityNotOpen,
    perform_service,
    ship_order,
    track_shipment,
)
from niaga.stages.ordering.commands.take_bank_receipt import take_bank_receipt
from niaga.stages.ordering.models import Order, OrderLine
from tests.support.audit import assert_flows_agree
from tests.support.worlds import (
    OPERATOR,
    deliver,
    make_basket,
    make_company,
    make_goods,
    make_slot,
    make_voucher,
    orders_of,
    pay,
    place,
    ship_all,
)

pytestmark = pytest.mark.django_db
BUYER = Actor.guest()


def paid_order(quantity: int = 2, **product) -> Order:
    placed = place(make_basket((make_goods(make_company(), **product), quantity)))
    pay(placed)
    return orders_of(placed)[0]


def state_of(order: Order) -> str:
    return Order.objects.values_list("state", flat=True).get(pk=order.pk)


def seller(order: Order) -> Actor:
    return Actor("seller", seller_id=order.seller_id)


class TestShipping:
    def test_partial_shipments_move_stock_step_by_step(self):
        order = paid_order(quantity=3)
        line = order.lines.get()
        first = ship_order(
            actor=seller(order), order_id=order.id, quantities={line.id: 1}, carrier="JNE"
        )
        assert state_of(order) == "partly_shipped"
        level = StockLevel.objects.get(sku_id=line.variant_id)
        assert (level.on_hand, level.reserved) == (9, 2)
        second = ship_all(order)
        assert state_of(order) == "shipped"
        level.refresh_from_db()
        assert (level.on_hand, level.reserved) == (7, 0)
        deliver(first)
        assert state_of(order) == "shipped"
        deliver(second)
        assert state_of(order) == "delivered"
        assert_flows_agree()

    def test_nothing_is_shipped_before_payment_twice_or_beyond_the_order(self):
        placed = place(make_basket((make_goods(make_company()), 1)))
        order = orders_of(placed)[0]
        line = order.lines.get()
        with pytest.raises(NotToBeShipped):
            ship_all(order)
        pay(placed)
        with pytest.raises(NothingChosen):
            ship_order(
                actor=seller(order), order_id=order.id, quantities={line.id: 0}, carrier="JNE"
            )
        with pytest.raises(QuantityNotOpen):
            ship_order(
                actor=seller(order), order_id=order.id, quantities={line.id: 2}, carrier="JNE"
            )
        assert not Shipment.objects.exists()
        assert not StockMovement.objects.filter(kind="shipped").exists()
        ship_all(order)
        with pytest.raises(NotToBeShipped):
            ship_all(order)
        assert Shipment.objects.count() == 1
        assert_flows_agree()

    def test_a_line_of_another_order_cannot_be_shipped(self):
        order, other = paid_order(), paid_order()
        with pytest.raises(QuantityNotOpen):
            ship_order(
                actor=seller(order),
                order_id=order.id,
                quantities={other.lines.get().id: 1},
                carrier="JNE",
            )

    def test_a_parcel_is_delivered_once(self):
        shipment = ship_all(paid_order())
        deliver(shipment)
        with pytest.raises(TransitionRefused):
            deliver(shipment)
        with pytest.raises(TransitionRefused):
            track_shipment(
                actor=OPERATOR, shipment_id=shipment, state=ShipmentState.OUT_FOR_DELIVERY
            )

    def test_goods_without_a_promise_do_not_leave(self):
        order = paid_order()
        Reservation.objects.update(state="released", closed_at=clock.now())
        with pytest.raises(NothingReserved):
            ship_all(order)
        assert not Shipment.objects.exists()


class TestServicesAndDownloads:
    def test_a_service_is_performed_once(self):
        service = make_goods(make_company(), kind="service")
        slot = make_slot(service)
        placed = place(make_basket((service, 1), slots={service.variant.id: slot}))
        line = OrderLine.objects.get()
        with pytest.raises(NotToBeShipped):
            perform_service(actor=OPERATOR, line_id=line.id)
        pay(placed)
        assert Booking.objects.get().state == "confirmed"
        perform_service(actor=OPERATOR, line_id=line.id)
        assert orders_of(placed)[0].state == "delivered"
        with pytest.raises((NotToBeShipped, TransitionRefused)):
            perform_service(actor=OPERATOR, line_id=line.id)
        assert_flows_agree()

    def test_downloads_open_with_the_payment(self):
        digital = make_goods(make_company(), kind="digital")
        placed = place(make_basket((digital, 1)), address={"province": ""})
        assert not DownloadGrant.objects.exists()
        pay(placed)
        assert DownloadGrant.objects.get().downloads_left == 5
        assert orders_of(placed)[0].state == "delivered"
        assert_flows_agree()


class TestMoney:
    def test_escrow_goes_from_held_to_paid_out_and_the_ledger_follows(self):
        order = paid_order(quantity=2, price=100_000)
        owner = order.seller_id
        gross, commission = Money.of(215_000), Money.of(5_000)
        assert balance(AccountKey("escrow", owner)) == gross
        with pytest.raises(NothingToPayOut):
            run_payouts(actor=OPERATOR)
        deliver(ship_all(order))
        complete_order(actor=BUYER, order_id=order.id)
        assert balance(AccountKey("seller_payable", owner)) == gross - commission
        assert balance(AccountKey("commission")) == commission
        batch = run_payouts(actor=OPERATOR)
        assert batch.total == gross - commission
        confirm_payout(actor=OPERATOR, payout_id=Payout.objects.get().id)
        with pytest.raises(TransitionRefused):
            confirm_payout(actor=OPERATOR, payout_id=Payout.objects.get().id)
        assert trial_balance() == {
            "bank": commission,
            "commission": commission,
            "escrow": Money(0),
            "payout_in_transit": Money(0),
            "seller_payable": Money(0),
        }
        lines = statement_page(AccountKey("seller_payable", owner)).lines
        moved = [line.amount for line in lines]
        # A line and its delivery are released each, and paid out together.
        delivery = Money.of(15_000)
        assert moved[0] == commission - gross
        assert sorted(amount.minor for amount in moved[1:]) == [
            delivery.minor,
            (gross - commission - delivery).minor,
        ]
        assert_flows_agree()

    def test_a_market_voucher_reaches_the_seller(self):
        make_voucher("HEMAT10", percent_bp=1000)
        goods = make_goods(make_company(), price=100_000)
        placed = place(make_basket((goods, 1)), voucher="HEMAT10")
        pay(placed)
        order = orders_of(placed)[0]
        assert balance(AccountKey("bank")) == Money.of(105_000)
        assert balance(AccountKey("escrow", order.seller_id)) == Money.of(115_000)
        assert balance(AccountKey("voucher_expense")) == Money.of(10_000)
        cancel_order(actor=BUYER, order_id=order.id, reason="")
        assert balance(AccountKey("voucher_expense")) == Money(0)
        assert Refund.objects.get().amount_minor == Money.of(105_000).minor
        assert_flows_agree()

    def test_cash_on_delivery_is_captured_at_the_door_and_netted_in_payouts(self):
        company = make_company()
        goods = make_goods(company, price=100_000)
        placed = place(make_basket((goods, 1)), method="cash_on_delivery")
        order = orders_of(placed)[0]
        assert order.state == "confirmed"
        assert not Escrow.objects.exists()
        deliver(ship_all(order))
        assert Payment.objects.get().state == "confirmed"
        assert balance(AccountKey("cod_cash", company.id)) == Money.of(115_000)
        complete_order(actor=BUYER, order_id=order.id)
        with pytest.raises(NothingToPayOut):
            run_payouts(actor=OPERATOR)
        transfer = place(make_basket((goods, 1)))
        pay(transfer)
        other = orders_of(transfer)[0]
        deliver(ship_all(other))
        complete_order(actor=BUYER, order_id=other.id)
        # Two orders of 115,000 less 2,500 commission each, less 115,000 in cash already.
        assert run_payouts(actor=OPERATOR).total == Money.of(110_000)
        assert balance(AccountKey("cod_cash", company.id)) == Money(0)
        assert_flows_agree()

    def test_the_return_window_closes_orders_but_not_while_a_complaint_is_open(self):
        order = paid_order()
        deliver(ship_all(order))
        line = order.lines.get()
        complaint = open_complaint(
            actor=BUYER, line_id=line.id, reason="damaged", body="Pecah", author="Dewi"
        )
        with clock.at(clock.now() + timedelta(days=8)):
            assert orders_to_release() == (order.id,)
            release_order(actor=Actor.system(), order_id=order.id)
            # The delivery is the seller's; the line that is complained of waits.
            assert balance(AccountKey("seller_payable", order.seller_id)) == Money.of(15_000)
            assert orders_to_release() == ()
            with pytest.raises(EscrowFrozen):
                complete_order(actor=BUYER, order_id=order.id)
            assert state_of(order) == "delivered"
            resolve_complaint(actor=OPERATOR, complaint_id=complaint, body="", author="")
            assert orders_to_release() == (order.id,)
            complete_order(actor=Actor.system(), order_id=order.id)
        assert state_of(order) == "completed"
        assert_flows_agree()

    def test_ledger_rows_cannot_be_changed(self):
        paid_order()
        for change in (
            "UPDATE ledger_transfer SET amount_minor = 1",
            "DELETE FROM ledger_transfer",
        ):
            with (
                pytest.raises(IntegrityError, match="append-only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(change)
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Transfer.objects.update(amount_minor=1)


class TestEndingEarly:
    def test_an_unpaid_purchase_is_cancelled_whole(self):
        one, other = make_goods(make_company()), make_goods(make_company())
        placed = place(make_basket((one, 1), (other, 1)))
        with pytest.raises(PaidTogether):
            cancel_order(actor=BUYER, order_id=orders_of(placed)[0].id, reason="")
        cancel_purchase(actor=BUYER, purchase_id=placed.purchase_id, reason="salah")
        assert {order.state for order in orders_of(placed)} == {"cancelled"}
        assert Payment.objects.get().state == "cancelled"
        assert sum(StockLevel.objects.values_list("reserved", flat=True)) == 0
        with pytest.raises(TransitionRefused):
            pay(placed)
        assert not Escrow.objects.exists()
        assert_flows_agree()

    def test_a_paid_order_is_cancelled_alone_and_refunded(self):
        one, other = make_goods(make_company()), make_goods(make_company())
        placed = place(make_basket((one, 1), (other, 1)))
        pay(placed)
        first, second = orders_of(placed)
        cancel_order(actor=BUYER, order_id=first.id, reason="")
        assert (state_of(first), state_of(second)) == ("cancelled", "confirmed")
        refund = Refund.objects.get()
        assert refund.amount_minor == first.total_minor
        assert balance(AccountKey("refund_payable")) == Money(first.total_minor)
        send_refund(actor=OPERATOR, refund_id=refund.id)
        with pytest.raises(TransitionRefused):
            send_refund(actor=OPERATOR, refund_id=refund.id)
        assert balance(AccountKey("bank")) == Money(second.total_minor)
        assert_flows_agree()

    def test_what_was_shipped_is_not_cancelled(self):
        order = paid_order(quantity=2)
        line = order.lines.get()
        ship_order(actor=seller(order), order_id=order.id, quantities={line.id: 1}, carrier="JNE")
        with pytest.raises(TransitionRefused):
            cancel_order(actor=BUYER, order_id=order.id, reason="")
        assert not Refund.objects.exists()
        assert state_of(order) == "partly_shipped"

    def test_payment_that_never_comes_frees_everything_once(self):
        service = make_goods(make_company(), kind="service")
        slot = make_slot(service, days_ahead=9)
        goods = make_goods(make_company())
        make_voucher("HEMAT10", percent_bp=1000, uses_limit=1)
        basket = make_basket((goods, 1), (service, 1), slots={service.variant.id: slot})
        placed = place(basket, voucher="HEMAT10")
        assert purchases_to_expire() == ()
        with clock.at(clock.now() + timedelta(hours=25)):
            assert purchases_to_expire() == (placed.purchase_id,)
            assert expire_purchase(purchase_id=placed.purchase_id)
            assert not expire_purchase(purchase_id=placed.purchase_id)
        assert {order.cancel_reason for order in orders_of(placed)} == {"payment_expired"}
        assert StockLevel.objects.get(sku_id=goods.variant.id).reserved == 0
        assert Slot.objects.get().booked == 0
        make_basket((goods, 1))
        place(make_basket((goods, 1)), voucher="HEMAT10")
        assert_flows_agree()


class TestBankFile:
    def line(self, payment, **changes):
        values = {
            "bank_reference": "B1",
            "account_number": payment.account_number,
            "amount": Money(payment.amount_minor),
            "received_at": clock.now(),
        }
        return ReceiptLine(**(values | changes))

    def test_the_exact_amount_pays_once(self):
        placed = place(make_basket((make_goods(make_company()), 1)))
        line = self.line(Payment.objects.get())
        assert take_bank_receipt(actor=OPERATOR, line=line) == "matched"
        assert take_bank_receipt(actor=OPERATOR, line=line) is None
        assert orders_of(placed)[0].state == "confirmed"
        assert BankReceipt.objects.count() == 1
        assert_flows_agree()

    def test_money_that_fits_nothing_is_kept_and_owed(self):
        place(make_basket((make_goods(make_company()), 1)))
        payment = Payment.objects.get()
        less = self.line(payment, amount=Money.of(1))
        stranger = self.line(payment, bank_reference="B2", account_number="1")
        assert take_bank_receipt(actor=OPERATOR, line=less) == "unmatched"
        assert take_bank_receipt(actor=OPERATOR, line=stranger) == "unmatched"
        assert set(BankReceipt.objects.values_list("note", flat=True)) == {
            "other_amount",
            "unknown_account",
        }
        assert Payment.objects.get().state == "pending"
        assert_flows_agree()

    def test_late_money_is_kept_for_the_operator(self):
        placed = place(make_basket((make_goods(make_company()), 1)))
        with clock.at(clock.now() + timedelta(hours=25)):
            expire_purchase(purchase_id=placed.purchase_id)
        line = self.line(Payment.objects.get())
        assert take_bank_receipt(actor=OPERATOR, line=line) == "unmatched"
        assert BankReceipt.objects.get().note == "payment_expired"
        assert_flows_agree()

    def test_a_bad_line_names_its_column_and_rule(self):
        text = (
            "bank_reference,account_number,amount,received_at\n"
            "B1,8808000000000001,150000,2026-11-24T10:00:00+07:00\n"
            ",8808000000000001,150000,2026-11-24T10:00:00+07:00\n"
            "B3,abc,150000,2026-11-24T10:00:00+07:00\n"
            "B4,8808000000000001,1.001,2026-11-24T10:00:00+07:00\n"
            "B5,8808000000000001,-5,2026-11-24T10:00:00+07:00\n"
            "B6,8808000000000001,150000,2026-11-24T10:00:00\n"
        )
        good, *bad = list(read_receipts(text))
        assert isinstance(good, ReceiptLine)
        assert good.amount == Money.of(150_000)
        assert bad == [
            BadLine(3, "bank_reference", "required"),
            BadLine(4, "account_number", "digits_only"),
            BadLine(5, "amount", "whole_rupiah"),
            BadLine(6, "amount", "above_zero"),
            BadLine(7, "received_at", "iso_8601_with_offset"),
        ]
        assert list(read_receipts("a,b\n1,2\n")) == [BadLine(1, "bank_reference", "column_missing")]
