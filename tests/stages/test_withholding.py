"""PPh 22: half a percent of the turnover without PPN, kept at release, given back with refunds."""

import pytest
from django.db import IntegrityError, transaction

from niaga.flows.documents.models import Document
from niaga.flows.money.models import Escrow, SellerDebt
from niaga.flows.money.paying_out import run_payouts
from niaga.flows.money.withholding import income_tax, is_withheld
from niaga.kernel.money import Money
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance, trial_balance
from niaga.plumbing.worker import drain
from niaga.stages.ordering.order_money import seller_share
from niaga.stages.ordering.seller_queries import commissions
from tests.stages.test_refunds import paid_out, payable, refund, released, sold
from tests.support.audit import assert_flows_agree
from tests.support.worlds import OPERATOR, make_company, make_voucher


@pytest.fixture
def withholding(settings):
    """A market that the tax office appointed."""
    settings.MARKET_WITHHOLDS_PPH22 = True
    return settings


def kept(order):
    return balance(AccountKey("income_tax_withheld", order.seller_id))


@pytest.mark.parametrize(
    ("paid", "taxed", "tax"),
    [
        (200_000, False, 1_000),
        (200_000, True, 900),  # 200,000 contain 19,820 of PPN; 0.5 % of 180,180 is 900.9
        (199, False, 0),
        (200, False, 1),
    ],
)
def test_half_a_percent_without_ppn_rounded_down_to_whole_rupiah(paid, taxed, tax):
    assert income_tax(Money.of(paid), taxed=taxed) == Money.of(tax)


@pytest.mark.usefixtures("withholding")
@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_only_rupiah_are_withheld(currency):
    assert is_withheld("IDR")
    assert not is_withheld(currency)


@pytest.mark.django_db
class TestWithholding:
    def test_it_is_off_unless_the_market_says_so(self):
        order = released(sold())
        assert "income_tax_withheld" not in trial_balance()
        assert seller_share(order).withheld == Money(0)
        drain()
        assert not Document.objects.filter(kind="withholding_proof").exists()

    @pytest.mark.usefixtures("withholding")
    def test_it_is_kept_when_the_seller_s_money_is_released(self):
        order = sold(company=make_company(taxable=False))
        assert kept(order) == Money(0)
        released(order)
        assert kept(order) == Money.of(1_000 + 75)  # of 200,000 and of the delivery's 15,000
        assert payable(order) == Money.of(210_000 - 1_075)
        share = seller_share(order)
        assert (share.withheld, share.net) == (Money.of(1_075), Money.of(208_925))
        assert commissions(order.seller_id)[0].net == Money.of(208_925)
        assert_flows_agree()
        assert run_payouts(actor=OPERATOR).total == Money.of(208_925)
        assert_flows_agree()

    @pytest.mark.usefixtures("withholding")
    def test_a_taxable_seller_s_ppn_is_no_turnover(self):
        order = released(sold(company=make_company(taxable=True)))
        assert kept(order) == Money.of(900 + 67)  # 15,000 without 1,486 of PPN: 67.57
        assert_flows_agree()

    @pytest.mark.usefixtures("withholding")
    def test_what_the_market_s_voucher_paid_is_not_on_the_invoice(self):
        make_voucher("GRATIS", percent_bp=10_000)
        order = released(sold(voucher="GRATIS", company=make_company(taxable=False)))
        assert kept(order) == Money.of(75)
        assert_flows_agree()

    @pytest.mark.usefixtures("withholding")
    def test_what_went_back_before_is_no_turnover(self):
        order = sold(company=make_company(taxable=False))
        refund(order, "lines", quantities={order.lines.get().id: 1})
        released(order)
        assert kept(order) == Money.of(500 + 75)
        assert_flows_agree()

    def test_a_refund_gives_it_back_to_the_unit(self, withholding):
        order = released(sold(company=make_company(taxable=False)))
        made = refund(order, "lines", quantities={order.lines.get().id: 1})
        assert made.effect.withheld == Money.of(500)
        assert made.effect.seller == Money.of(100_000 - 2_500 - 500)
        assert kept(order) == Money.of(575)
        withholding.MARKET_WITHHOLDS_PPH22 = False  # what was withheld still comes back
        refund(order, "amount", amount=33_333)
        assert_flows_agree()
        refund(order, "all")
        assert kept(order) == payable(order) == Money(0)
        assert_flows_agree()

    @pytest.mark.usefixtures("withholding")
    def test_after_the_payout_the_debt_is_what_the_seller_really_got(self):
        order = paid_out(sold(company=make_company(taxable=False)))
        refund(order, "all")
        assert SellerDebt.objects.get().amount_minor == Money.of(208_925).minor
        assert payable(order) == Money.of(-208_925)
        assert kept(order) == Money(0)
        assert_flows_agree()

    @pytest.mark.usefixtures("withholding")
    def test_the_seller_gets_a_proof_for_each_release(self):
        order = released(sold(company=make_company(taxable=False)))
        drain()
        said = Document.objects.get(kind="withholding_proof", cause_id=order.id)
        assert said.total_minor == Money.of(1_075).minor
        assert "215.000" in said.content["lines"][0]["detail"]
        refund(order, "delivery")
        drain()
        assert Document.objects.filter(kind="withholding_proof").count() == 1
        assert_flows_agree()

    @pytest.mark.usefixtures("withholding")
    def test_the_database_refuses_to_withhold_more_than_is_the_seller_s(self):
        released(sold())
        with (
            pytest.raises(IntegrityError, match="withheld_within"),
            transaction.atomic(),
        ):
            Escrow.objects.update(withheld_minor=Money.of(210_001).minor)
