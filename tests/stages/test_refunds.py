"""Refunds: whatever goes back, buyer, seller, commission and voucher's share move together."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from niaga.flows.documents.models import Document
from niaga.flows.money.commands.give_back import RefundTooLarge
from niaga.flows.money.models import (
    Escrow,
    EscrowHold,
    GatewayOperation,
    Payout,
    Refund,
    SellerDebt,
)
from niaga.flows.money.paying_out import NothingToPayOut, run_payouts
from niaga.flows.money.refunding import EscrowPart, refund_effect, spread_refund
from niaga.flows.money.states import EscrowState, HoldOwner
from niaga.flows.money.withholding import income_tax
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import CURRENCIES, Money
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance, trial_balance
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.worker import drain
from niaga.stages.aftersales.commands.hold_money import HoldWish, hold_money
from niaga.stages.ordering.commands.cancel_order import cancel_order
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.commands.refund_order import RefundReasonMissing, refund_order
from niaga.stages.ordering.refund_draft import NothingToRefund, RefundWish
from tests.support.audit import assert_flows_agree
from tests.support.cards import pay_by_card, place_by_card, tell_bank
from tests.support.worlds import (
    OPERATOR,
    deliver,
    make_basket,
    make_company,
    make_goods,
    make_voucher,
    orders_of,
    pay,
    place,
    ship_all,
)

BUYER = Actor.guest()


def sold(*, voucher="", quantity=2, price=100_000, company=None):
    """A paid order: two units of 100,000 and a delivery of 15,000; commission 2.5 %."""
    placed = place(
        make_basket((make_goods(company or make_company(), price=price), quantity)),
        voucher=voucher,
    )
    pay(placed)
    return orders_of(placed)[0]


def refund(order, kind, *, amount=0, quantities=None, reason="Maaf"):
    wish = RefundWish(kind, quantities or {}, Money.of(amount) if kind == "amount" else None)
    return refund_order(actor=OPERATOR, order_id=order.id, wish=wish, reason=reason)


def payable(order):
    return balance(AccountKey("seller_payable", order.seller_id))


def released(order):
    deliver(ship_all(order))
    complete_order(actor=BUYER, order_id=order.id)
    return order


def paid_out(order):
    released(order)
    run_payouts(actor=OPERATOR)
    return order


@pytest.mark.django_db
class TestBeforeRelease:
    def test_units_of_a_line_lower_what_the_seller_will_get(self):
        order = sold()
        line = order.lines.get()
        made = refund(order, "lines", quantities={line.id: 1})
        assert made.effect.paid == Money.of(100_000)
        assert made.effect.commission == Money.of(2_500)
        assert made.effect.seller == Money.of(97_500)
        assert Refund.objects.get().amount_minor == Money.of(100_000).minor
        assert_flows_agree()
        released(order)
        assert payable(order) == Money.of(215_000 - 5_000 - 97_500)
        assert balance(AccountKey("commission")) == Money.of(2_500)
        assert_flows_agree()

    def test_the_delivery_alone(self):
        order = sold()
        made = refund(order, "delivery")
        assert (made.effect.paid, made.effect.commission) == (Money.of(15_000), Money(0))
        with pytest.raises(NothingToRefund):
            refund(order, "delivery")
        assert Refund.objects.count() == 1
        assert_flows_agree()

    def test_a_market_voucher_comes_back_to_the_market_in_proportion(self):
        make_voucher("HEMAT10", percent_bp=1000)
        order = sold(voucher="HEMAT10")
        line = order.lines.get()
        made = refund(order, "lines", quantities={line.id: 1})
        assert made.effect.paid == Money.of(90_000)
        assert made.effect.subsidy == Money.of(10_000)
        assert made.effect.seller == Money.of(100_000 - 2_500)
        assert balance(AccountKey("voucher_expense")) == Money.of(10_000)
        assert_flows_agree()

    def test_a_part_then_the_cancelled_rest_is_all(self):
        order = sold()
        refund(order, "amount", amount=33_333)
        cancel_order(actor=BUYER, order_id=order.id, reason="")
        amounts = Refund.objects.values_list("amount_minor", flat=True)
        assert sum(amounts) == order.total_minor
        assert balance(AccountKey("escrow", order.seller_id)) == Money(0)
        assert set(Escrow.objects.values_list("state", flat=True)) == {"refunded"}
        assert_flows_agree()

    def test_never_more_than_was_captured(self):
        order = sold()
        before = trial_balance()
        with pytest.raises(RefundTooLarge):
            refund(order, "amount", amount=215_001)
        with pytest.raises(RefundTooLarge):
            refund(order, "lines", quantities={order.lines.get().id: 3})
        with pytest.raises(RefundReasonMissing):
            refund(order, "all", reason=" ")
        assert not Refund.objects.exists()
        assert trial_balance() == before
        refund(order, "all")
        with pytest.raises(NothingToRefund):
            refund(order, "all")
        assert Refund.objects.count() == 1

    def test_the_database_itself_refuses_more_than_was_captured(self):
        sold()
        escrow = Escrow.objects.order_by("gross_minor").last()
        assert escrow is not None
        with (
            pytest.raises(IntegrityError, match="never_refund_more_than_captured"),
            transaction.atomic(),
        ):
            Escrow.objects.filter(pk=escrow.pk).update(refunded_minor=escrow.gross_minor + 1)

    def test_cash_that_is_not_there_yet_cannot_go_back(self):
        placed = place(make_basket((make_goods(make_company()), 1)), method="cash_on_delivery")
        with pytest.raises(NothingToRefund):
            refund(orders_of(placed)[0], "all")
        assert not Refund.objects.exists()


@pytest.mark.django_db
class TestAfterRelease:
    def test_released_money_is_taken_off_what_is_owed_and_earned(self):
        order = released(sold())
        refund(order, "amount", amount=43_000)
        # 40,000 of the line with its 1,000 of commission, 3,000 of the delivery without.
        assert payable(order) == Money.of(210_000 - 42_000)
        assert balance(AccountKey("commission")) == Money.of(4_000)
        assert run_payouts(actor=OPERATOR).total == Money.of(168_000)
        assert_flows_agree()

    def test_paid_out_money_becomes_a_debt_netted_in_the_next_payout(self):
        company = make_company()
        order = paid_out(sold(company=company))
        refund(order, "all")
        assert SellerDebt.objects.get().amount_minor == Money.of(210_000).minor
        assert payable(order) == Money.of(-210_000)
        assert_flows_agree()
        with pytest.raises(NothingToPayOut):
            run_payouts(actor=OPERATOR)
        released(sold(company=company, quantity=3))
        # 300,000 + 15,000 - 7,500 of commission, less the debt.
        assert run_payouts(actor=OPERATOR).total == Money.of(307_500 - 210_000)
        assert SellerDebt.objects.get().payout == Payout.objects.order_by("id").last()
        assert payable(order) == Money(0)
        assert_flows_agree()

    def test_each_refund_has_its_credit_note(self):
        order = released(sold())
        refund(order, "amount", amount=10_000)
        refund(order, "lines", quantities={order.lines.get().id: 1})
        assert_flows_agree()
        notes = Document.objects.filter(kind="credit_note", cause_id=order.id)
        assert sorted(notes.values_list("total_minor", flat=True)) == [
            Money.of(10_000).minor,
            Money.of(100_000).minor,
        ]


@pytest.mark.django_db
class TestCommissionCredited:
    """What a seller was invoiced of commission and gets back has a credit note of the market."""

    def test_each_refund_of_released_money_is_credited(self):
        order = released(sold())
        line = order.lines.get()
        refund(order, "lines", quantities={line.id: 1})
        refund(order, "delivery")  # no commission on it, so nothing to credit
        refund(order, "all")
        drain()
        notes = Document.objects.filter(kind="commission_credit", cause_id=order.id)
        assert list(notes.values_list("total_minor", flat=True)) == [Money.of(2_500).minor] * 2
        assert balance(AccountKey("commission")) == Money(0)
        assert_flows_agree()

    def test_what_was_never_invoiced_is_not_credited(self):
        order = sold()
        refund(order, "lines", quantities={order.lines.get().id: 1})
        released(order)
        drain()
        assert not Document.objects.filter(kind="commission_credit").exists()
        invoiced = Document.objects.get(kind="commission_invoice", cause_id=order.id)
        assert invoiced.total_minor == Money.of(2_500).minor
        assert_flows_agree()

    def test_the_ppn_inside_is_credited_with_it(self, settings):
        settings.MARKET_CHARGES_PPN = True
        order = released(sold())
        refund(order, "lines", quantities={order.lines.get().id: 1})
        drain()
        said = Document.objects.get(kind="commission_credit").content["totals"]
        assert said["tax_minor"] == Money.of(495 - 248).minor
        assert said["grand_total_minor"] == Money.of(2_500).minor
        assert_flows_agree()

    def test_the_buyer_is_told_nothing_of_it(self):
        order = released(sold())
        refund(order, "all")
        drain()
        given = StoredEvent.objects.get(type="CommissionGivenBack")
        assert "buyer" not in given.audience


@pytest.mark.django_db
class TestHoldsOfWhatWentBack:
    """A hold on a part that was refunded whole holds nothing: it lifts by itself."""

    def test_they_lift_by_themselves_and_the_others_stay(self):
        order = sold()
        line_id = order.lines.get().id
        wish = HoldWish("review", "Dicek", HoldOwner.OPERATOR, clock.now() + timedelta(days=1))
        hold_money(actor=OPERATOR, order_id=order.id, about_id=None, wish=wish)
        refund(order, "lines", quantities={line_id: 1})
        drain()
        assert EscrowHold.objects.filter(ended_at=None).count() == 2
        refund(order, "lines", quantities={line_id: 1})
        drain()
        left = EscrowHold.objects.get(ended_at=None)
        assert left.escrow.about_id == order.id  # the delivery's
        lifted = StoredEvent.objects.get(type="EscrowHoldLifted")
        assert lifted.subject_id == order.id
        assert_flows_agree()


@pytest.mark.django_db
class TestTaxOnCommission:
    """A market that is PKP owes PPN of 11/111 of its commissions, in an account of its own."""

    def test_it_is_off_unless_the_market_says_so(self):
        released(sold())
        assert balance(AccountKey("commission_tax")) == Money(0)
        assert balance(AccountKey("commission")) == Money.of(5_000)

    def test_it_is_inside_the_commission_and_goes_back_with_it(self, settings):
        settings.MARKET_CHARGES_PPN = True
        order = released(sold())
        assert balance(AccountKey("commission_tax")) == Money.of(495)  # 5,000 x 11/111
        assert balance(AccountKey("commission")) == Money.of(4_505)
        assert payable(order) == Money.of(210_000)
        assert_flows_agree()
        refund(order, "lines", quantities={order.lines.get().id: 1})
        assert balance(AccountKey("commission_tax")) == Money.of(248)  # 2,500 x 11/111
        assert balance(AccountKey("commission")) == Money.of(2_252)
        settings.MARKET_CHARGES_PPN = False  # what was taxed stays taxed
        refund(order, "amount", amount=50_000)
        assert_flows_agree()
        refund(order, "all")
        assert balance(AccountKey("commission_tax")) == Money(0)
        assert balance(AccountKey("commission")) == Money(0)
        assert_flows_agree()

    def test_the_market_s_voucher_takes_its_part_of_it_along(self, settings):
        settings.MARKET_CHARGES_PPN = True
        make_voucher("GRATIS", percent_bp=10_000)
        order = released(sold(voucher="GRATIS"))
        assert balance(AccountKey("commission_tax")) == Money.of(495)
        refund(order, "delivery")
        assert_flows_agree()

    def test_the_commission_invoice_shows_it(self, settings):
        settings.MARKET_CHARGES_PPN = True
        order = released(sold())
        drain()
        said = Document.objects.get(kind="commission_invoice", cause_id=order.id).content
        assert said["totals"]["tax_minor"] == Money.of(495).minor
        assert said["totals"]["grand_total_minor"] == Money.of(5_000).minor


@pytest.mark.django_db
class TestByCard:
    def test_a_part_is_credited_capture_by_capture(self, bank, wallet):
        placed = place_by_card()
        pay_by_card(placed, wallet)
        order = orders_of(placed)[0]
        ship_all(order)
        tell_bank()
        refund(order, "amount", amount=10_000)
        assert Refund.objects.get().state == "due"
        tell_bank()
        assert Refund.objects.get().state == "sent"
        refund(order, "all")
        tell_bank()
        given = GatewayOperation.objects.filter(kind="credit", state="done")
        assert sum(given.values_list("amount_minor", flat=True)) == order.total_minor
        assert balance(AccountKey("gateway_receivable")) == Money(0)
        assert bank.paths().count("/operations") == 3
        assert_flows_agree()

    def test_nothing_goes_back_before_anything_was_charged(self, bank, wallet):
        placed = place_by_card()
        pay_by_card(placed, wallet)
        with pytest.raises(NothingToRefund):
            refund(orders_of(placed)[0], "all")
        assert "/operations" not in bank.paths()


@given(
    currency=st.sampled_from(sorted(CURRENCIES)),
    paid=st.integers(1, 10**7),
    subsidy=st.integers(0, 10**6),
    rate_bp=st.integers(0, 5000),
    cuts=st.lists(st.integers(1, 10**7), max_size=6),
    taxed=st.booleans(),
)
def test_refunds_in_steps_give_back_exactly_what_one_would(
    currency, paid, subsidy, rate_bp, cuts, taxed
):
    step = CURRENCIES[currency].step_minor
    about_id, zero = new_id(), Money.zero(currency)
    gross = Money((paid + subsidy) * step, currency)
    commission = Money((paid + subsidy) * rate_bp // 10_000 * step, currency)
    part = EscrowPart(
        about_id,
        EscrowState.RELEASABLE,
        gross,
        Money(subsidy * step, currency),
        commission,
        zero,
        zero,
        zero,
        withheld=min(income_tax(Money(paid * step, currency), taxed=taxed), gross - commission),
        taxed=taxed,
    )
    first = part.net
    lost = zero
    for cut in [*cuts, paid]:
        amount = min(Money(cut * step, currency), part.refundable)
        if not amount:
            continue
        effect = refund_effect([part], spread_refund([part], amount), currency)
        assert effect.paid == amount
        assert effect.paid + effect.subsidy == effect.seller + effect.commission + effect.withheld
        assert effect.seller >= zero
        before = part.net
        part = EscrowPart(
            about_id,
            part.state,
            part.gross,
            part.subsidy,
            part.commission,
            part.refunded + effect.paid + effect.subsidy,
            part.refunded_subsidy + effect.subsidy,
            part.refunded_commission + effect.commission,
            part.withheld - effect.withheld,
            taxed,
        )
        assert part.withheld >= income_tax(part.paid - part.refunded_paid, taxed=taxed) or (
            part.withheld < income_tax(part.paid, taxed=taxed)
        )
        assert before - part.net == effect.seller
        lost = lost + effect.seller
    assert part.refunded == gross
    assert part.net == zero
    assert lost == first
    assert part.withheld == zero
