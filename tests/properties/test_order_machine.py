"""A state machine over placing, paying, shipping and ending: the flows agree after every step."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from niaga.flows.goods.models import StockLevel, StockMovement
from niaga.flows.goods.states import ShipmentState
from niaga.flows.money.commands.settle_payout import confirm_payout
from niaga.flows.money.models import Capture, Escrow, EscrowHold, Payout, Refund
from niaga.flows.money.paying_out import run_payouts
from niaga.flows.money.states import HoldOwner
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.ledger.models import Transfer
from niaga.ledger.queries import trial_balance
from niaga.plumbing.relay import relay
from niaga.project.audit import run_audit
from niaga.stages.aftersales.commands.appeal_hold import grant_appeal
from niaga.stages.aftersales.commands.complain import open_complaint, resolve_complaint
from niaga.stages.aftersales.commands.hold_money import HoldWish, hold_money
from niaga.stages.aftersales.models import Complaint
from niaga.stages.ordering.commands.cancel_order import (
    cancel_order,
    cancel_purchase,
    expire_purchase,
    purchases_to_expire,
    send_refund,
)
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.commands.refund_order import refund_order
from niaga.stages.ordering.commands.ship_order import ship_order, track_shipment
from niaga.stages.ordering.models import Order, OrderLine
from niaga.stages.ordering.refund_draft import RefundWish
from niaga.stages.sharing.commands.make_plan import PlanTerms, make_plan
from tests.support.worlds import (
    OPERATOR,
    make_basket,
    make_company,
    make_goods,
    make_voucher,
    pay,
    place,
)


@contextmanager
def may_be_refused() -> Iterator[None]:
    """Let a step be refused; a refused step must change nothing, which the invariants see."""
    try:
        with transaction.atomic():
            yield
    except Refusal:
        pass


class Market(RuleBasedStateMachine):
    """Two sellers, four products, and whatever happens to their orders."""

    purchases = Bundle("purchases")
    shipments = Bundle("shipments")

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()
        sellers = make_company(), make_company(taxable=False)
        self.goods = [make_goods(seller, stock=4, price=33_333) for seller in sellers * 2]
        make_voucher("HEMAT10", percent_bp=1000)
        make_voucher("BERDUA", percent_bp=700, market_bp=3_333)
        terms = PlanTerms(
            "Capped", 300, sellers[0].id, None, "", clock.now(), None,
            fee=Money.of(500), most=Money.of(2_000),
        )  # fmt: skip
        make_plan(actor=OPERATOR, terms=terms)
        self.taxes = override_settings(MARKET_WITHHOLDS_PPH22=False, MARKET_CHARGES_PPN=False)
        self.taxes.enable()
        self.days = 0

    def teardown(self) -> None:
        self.taxes.disable()
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    @rule(
        target=purchases,
        picks=st.lists(
            st.tuples(st.integers(0, 3), st.integers(1, 3)),
            min_size=1,
            max_size=4,
            unique_by=lambda p: p[0],
        ),
        method=st.sampled_from(["bank_transfer", "cash_on_delivery"]),
        voucher=st.sampled_from(["", "HEMAT10", "BERDUA"]),
    )
    def place(self, picks: Any, method: str, voucher: str) -> Any:
        with may_be_refused(), clock.at(self.now()):
            basket = make_basket(*((self.goods[index], count) for index, count in picks))
            return place(basket, method=method, voucher=voucher)
        return multiple()

    def now(self) -> Any:
        return clock.now() + timedelta(days=self.days)

    @rule(placed=purchases)
    def pay(self, placed: Any) -> None:
        with may_be_refused():
            pay(placed)

    @rule(placed=purchases)
    def cancel_unpaid(self, placed: Any) -> None:
        with may_be_refused():
            cancel_purchase(actor=Actor.guest(), purchase_id=placed.purchase_id, reason="")

    @rule(placed=purchases, which=st.integers(0, 1))
    def cancel_one(self, placed: Any, which: int) -> None:
        for order in Order.objects.filter(purchase_id=placed.purchase_id).order_by("id")[which:]:
            with may_be_refused():
                cancel_order(actor=Actor.guest(), order_id=order.id, reason="")

    @rule(target=shipments, placed=purchases, most=st.integers(1, 3))
    def ship(self, placed: Any, most: int) -> Any:
        sent = []
        for order in Order.objects.filter(purchase_id=placed.purchase_id):
            with may_be_refused():
                quantities = {
                    line.id: min(most, line.quantity - line.shipped_quantity)
                    for line in order.lines.all()
                }
                sent.append(
                    ship_order(
                        actor=OPERATOR, order_id=order.id, quantities=quantities, carrier="JNE"
                    )
                )
        return multiple(*sent)

    @rule(shipment=shipments, state=st.sampled_from(list(ShipmentState)))
    def track(self, shipment: Any, state: ShipmentState) -> None:
        with may_be_refused():
            track_shipment(actor=OPERATOR, shipment_id=shipment, state=state)

    @rule(placed=purchases)
    def complete(self, placed: Any) -> None:
        for order in Order.objects.filter(purchase_id=placed.purchase_id):
            with may_be_refused():
                complete_order(actor=Actor.guest(), order_id=order.id)

    @rule(
        placed=purchases,
        kind=st.sampled_from(["all", "lines", "delivery", "amount"]),
        units=st.integers(1, 3),
        rupiah=st.integers(1, 40_000),
    )
    def give_back(self, placed: Any, kind: Any, units: int, rupiah: int) -> None:
        for order in Order.objects.filter(purchase_id=placed.purchase_id).order_by("id")[:1]:
            some = {line.id: units for line in order.lines.all()} if kind == "lines" else {}
            wish = RefundWish(kind, some, Money.of(rupiah) if kind == "amount" else None)
            with may_be_refused():
                refund_order(actor=OPERATOR, order_id=order.id, wish=wish, reason="Maaf")

    @rule(placed=purchases, owner=st.sampled_from(list(HoldOwner)))
    def hold_back(self, placed: Any, owner: HoldOwner) -> None:
        wish = HoldWish("review", "Dicek", owner, clock.now() + timedelta(days=1))
        for order in Order.objects.filter(purchase_id=placed.purchase_id):
            with may_be_refused():
                hold_money(actor=OPERATOR, order_id=order.id, about_id=None, wish=wish)

    @rule()
    def lift_holds(self) -> None:
        for hold_id in EscrowHold.objects.filter(ended_at=None).values_list("id", flat=True):
            grant_appeal(actor=OPERATOR, hold_id=hold_id, decision="Aman")

    @rule(placed=purchases)
    def complain(self, placed: Any) -> None:
        for line in OrderLine.objects.filter(order__purchase_id=placed.purchase_id)[:1]:
            with may_be_refused():
                open_complaint(
                    actor=Actor.guest(), line_id=line.id, reason="damaged", body="Retak", author="D"
                )

    @rule()
    def resolve_complaints(self) -> None:
        for complaint_id in Complaint.objects.values_list("id", flat=True):
            with may_be_refused():
                resolve_complaint(
                    actor=OPERATOR, complaint_id=complaint_id, body="Beres", author="P"
                )

    @rule(withholds=st.booleans(), ppn=st.booleans())
    def the_tax_office_writes(self, withholds: bool, ppn: bool) -> None:  # noqa: FBT001
        """What was taxed stays taxed; what is released from now on follows the new word."""
        self.taxes.disable()
        self.taxes = override_settings(MARKET_WITHHOLDS_PPH22=withholds, MARKET_CHARGES_PPN=ppn)
        self.taxes.enable()

    @rule()
    def a_day_passes(self) -> None:
        self.days += 2
        with clock.at(self.now()):
            for purchase_id in purchases_to_expire():
                expire_purchase(purchase_id=purchase_id)

    @rule()
    def pay_sellers(self) -> None:
        with may_be_refused():
            run_payouts(actor=OPERATOR)
        for payout in Payout.objects.filter(state="prepared"):
            confirm_payout(actor=OPERATOR, payout_id=payout.id)

    @rule()
    def send_refunds(self) -> None:
        for refund in Refund.objects.filter(state="due"):
            send_refund(actor=OPERATOR, refund_id=refund.id)

    @rule()
    def deliver_events(self) -> None:
        relay()

    @invariant()
    def the_flows_agree(self) -> None:
        assert run_audit() == ()

    @invariant()
    def units_are_conserved(self) -> None:
        received = 4 * len(self.goods)
        on_hand = sum(StockLevel.objects.values_list("on_hand", flat=True))
        shipped = -sum(
            StockMovement.objects.filter(kind="shipped").values_list("quantity", flat=True)
        )
        assert on_hand + shipped == received

    @invariant()
    def no_more_goes_back_than_came_in(self) -> None:
        captured, back = Counter[Any](), Counter[Any]()
        for cause_id, minor in Capture.objects.values_list("cause_id", "amount_minor"):
            captured[cause_id] += minor
        for cause_id, minor in Refund.objects.values_list("cause_id", "amount_minor"):
            back[cause_id] += minor
        assert all(minor <= captured[cause_id] for cause_id, minor in back.items())
        for line in OrderLine.objects.all():
            assert line.refunded_quantity <= line.quantity

    @invariant()
    def every_rupiah_is_somebody_s(self) -> None:
        """What buyers and vouchers gave is held, owed, earned, given back or paid out."""
        gave = sum(Escrow.objects.values_list("gross_minor", flat=True))
        held = trial_balance()
        kept = sum(
            held[kind].minor
            for kind in (
                "escrow",
                "seller_payable",
                "commission",
                "commission_tax",
                "income_tax_withheld",
            )
            if kind in held
        )
        back = sum(Escrow.objects.values_list("refunded_minor", flat=True))
        assert gave == kept + back + _paid_out()

    @invariant()
    def debits_equal_credits(self) -> None:
        sides = {"bank": 1, "cod_cash": 1, "voucher_expense": 1}
        total = sum(amount.minor * sides.get(kind, -1) for kind, amount in trial_balance().items())
        assert total == 0


def _paid_out() -> int:
    """Return what payouts took off what sellers are owed: transferred, or in cash already."""
    paid = Transfer.objects.filter(entry__kind="payout").values_list("amount_minor", flat=True)
    return sum(paid)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_the_flows_agree_whatever_happens():
    run_state_machine_as_test(
        Market,
        settings=settings(
            max_examples=150 if settings.get_current_profile_name() == "thorough" else 10,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
