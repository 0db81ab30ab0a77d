"""Sellers are paid on their days, what the bank sends back is owed and paid again."""

from datetime import UTC, datetime, timedelta

import pytest

from niaga.flows.documents.models import Document
from niaga.flows.money import paying_out
from niaga.flows.money.commands.keep_payout_schedule import (
    choose_payout_schedule,
    follow_payout_schedule,
    set_payout_schedule,
)
from niaga.flows.money.commands.settle_payout import confirm_payout, return_payout
from niaga.flows.money.models import Payout, PayoutBatch, PayoutRun
from niaga.flows.money.paying_out import NothingToPayOut, run_payouts
from niaga.flows.money.payout_schedule import latest_day, run_scheduled_payouts
from niaga.flows.money.states import PayoutEvery
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance
from niaga.parties.banks import BANKS, find_bank
from niaga.parties.commands.describe_company import BankAccount, change_bank_account
from niaga.parties.models import Company
from niaga.plumbing.models import StoredEvent
from niaga.project.audit import run_audit
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.models import Order
from tests.stages.test_races import at_once
from tests.support.audit import assert_flows_agree
from tests.support.worlds import (
    OPERATOR,
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
SUNDAY = datetime(2027, 5, 2, 3, tzinfo=UTC)  # ten in the morning in Jakarta


def completed(company=None, *, price: int = 100_000, method: str = "bank_transfer") -> Order:
    goods = make_goods(company or make_company(), price=price)
    placed = place(make_basket((goods, 1)), method=method)
    if method == "bank_transfer":
        pay(placed)
    [order] = orders_of(placed)
    deliver(ship_all(order))
    complete_order(actor=BUYER, order_id=order.id)
    return order


def find(seller_id) -> Company:
    return Company.objects.get(pk=seller_id)


def paid_on(day: datetime) -> set:
    """The sellers that the schedule pays then."""
    with clock.at(day):
        batches = run_scheduled_payouts(Actor.system())
    return {
        payout.seller_id
        for payout in Payout.objects.filter(batch__in=[made.batch_id for made in batches])
    }


class TestSchedule:
    def test_the_days(self):
        today = SUNDAY.date()
        assert latest_day(PayoutEvery.DAILY, today) == today
        assert latest_day(PayoutEvery.WEEKLY, today).isoformat() == "2027-04-26"
        assert latest_day(PayoutEvery.WEEKLY, today + timedelta(days=1)).isoformat() == "2027-05-03"
        assert latest_day(PayoutEvery.MONTHLY, today).isoformat() == "2027-05-01"

    def test_sellers_are_paid_on_their_days_each_once(self):
        weekly, daily, monthly = (completed().seller_id for _ in range(3))
        zero = Money.zero()
        choose_payout_schedule(seller_id=daily, every=PayoutEvery.DAILY, least=zero)
        choose_payout_schedule(seller_id=monthly, every=PayoutEvery.MONTHLY, least=zero)
        # The first Monday and first of the month lie ahead of a market that begins on a Sunday.
        assert paid_on(SUNDAY) == {daily}
        assert paid_on(SUNDAY) == set()
        for seller_id in (weekly, daily, monthly):
            completed(find(seller_id))
        monday = SUNDAY + timedelta(days=1)
        assert paid_on(monday.replace(hour=22) - timedelta(days=1)) == set()  # five in the morning
        assert paid_on(monday.replace(hour=23) - timedelta(days=1)) == {daily, weekly}
        assert paid_on(monday) == set()
        assert paid_on(datetime(2027, 6, 1, 3, tzinfo=UTC)) == {monthly}
        assert_flows_agree()

    def test_a_day_that_was_slept_through_is_made_up_for(self):
        paid_on(SUNDAY)
        seller_id = completed().seller_id
        tuesday = SUNDAY + timedelta(days=2)
        assert paid_on(tuesday) == {seller_id}
        completed(find(seller_id))
        assert paid_on(tuesday + timedelta(days=1)) == set()
        days = PayoutRun.objects.filter(every="weekly").values_list("day", flat=True)
        assert [day.isoformat() for day in days.order_by("day")] == ["2027-04-26", "2027-05-03"]

    def test_the_operator_sets_the_default_and_the_least(self):
        seller_id, other = completed().seller_id, completed(price=5_000_000).seller_id
        set_payout_schedule(every=PayoutEvery.DAILY, least=Money.of(1_000_000))
        assert paid_on(SUNDAY) == {other}
        # A seller can't ask for less than the least, but for another day.
        choose_payout_schedule(seller_id=seller_id, every=PayoutEvery.DAILY, least=Money.of(1))
        assert paid_on(SUNDAY + timedelta(days=1)) == set()
        set_payout_schedule(every=PayoutEvery.DAILY, least=Money.of(50_000))
        choose_payout_schedule(seller_id=seller_id, every=PayoutEvery.DAILY, least=Money.of(10**7))
        assert paid_on(SUNDAY + timedelta(days=2)) == set()
        follow_payout_schedule(seller_id=seller_id)
        assert paid_on(SUNDAY + timedelta(days=3)) == {seller_id}


class TestReturned:
    def test_it_is_owed_and_paid_again_to_the_new_account(self):
        order = completed()
        paid = run_payouts(actor=OPERATOR).total
        [first] = Payout.objects.all()
        confirm_payout(actor=OPERATOR, payout_id=first.id)
        bank = balance(AccountKey("bank"))
        return_payout(actor=OPERATOR, payout_id=first.id, reason="AC04 Account closed")
        assert balance(AccountKey("bank")) == bank + paid
        assert balance(AccountKey("seller_payable", order.seller_id)) == paid
        assert_flows_agree()
        # The schedule does not send it where it came back from.
        assert paid_on(SUNDAY) == paid_on(SUNDAY + timedelta(days=1)) == set()
        account = BankAccount("BCA", "5550001112", "PT Toko")
        change_bank_account(actor=OPERATOR, company_id=order.seller_id, account=account)
        assert paid_on(SUNDAY + timedelta(days=8)) == {order.seller_id}
        second = Payout.objects.get(batch__number=2)
        assert (second.amount_minor, second.bank_account) == (paid.minor, "5550001112")
        assert (second.bank_code, first.bank_code) == ("014", "")
        first.refresh_from_db()
        assert first.repaid_by_id == second.id
        confirm_payout(actor=OPERATOR, payout_id=second.id)
        assert_flows_agree()
        kinds = StoredEvent.objects.filter(subject_id=order.id).values_list("type", flat=True)
        assert list(kinds).count("PayoutPaid") == 2
        assert "PayoutReturned" in kinds
        advice = Document.objects.filter(kind="payout_advice").order_by("issued_at").last()
        assert advice.total_minor == paid.minor

    def test_it_goes_along_with_the_next_orders(self):
        order = completed()
        first = run_payouts(actor=OPERATOR)
        return_payout(actor=OPERATOR, payout_id=Payout.objects.get().id, reason="AC01")
        completed(find(order.seller_id))
        second = run_payouts(actor=OPERATOR)
        assert second.total == first.total * 2
        with pytest.raises(NothingToPayOut):
            run_payouts(actor=OPERATOR)
        assert_flows_agree()


def test_a_long_run_fills_one_file_in_portions(monkeypatch):
    monkeypatch.setattr(paying_out, "MOST_PARTS", 3)
    for _ in range(3):
        completed()
    made = run_payouts(actor=OPERATOR)
    assert made.payouts == PayoutBatch.objects.get().payouts.count() == 3
    assert made.total.minor == sum(Payout.objects.values_list("amount_minor", flat=True))
    assert_flows_agree()


def test_who_holds_as_much_cash_stays_out_with_every_part():
    order = completed(method="cash_on_delivery")
    with pytest.raises(NothingToPayOut):
        run_payouts(actor=OPERATOR)
    assert not PayoutBatch.objects.exists()
    assert balance(AccountKey("seller_payable", order.seller_id)).minor > 0
    assert_flows_agree()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_pay_everyone_once():
    companies = [make_company() for _ in range(4)]
    for company in companies:
        completed(company)
        completed(company, method="cash_on_delivery", price=20_000)
    owed = sum(balance(AccountKey("seller_payable", c.id)).minor for c in companies)
    cash = sum(balance(AccountKey("cod_cash", c.id)).minor for c in companies)
    outcome = at_once(*[lambda: run_payouts(actor=OPERATOR)] * 4)
    assert outcome == {"done": 1, NothingToPayOut.code: 3}
    assert sum(Payout.objects.values_list("amount_minor", flat=True)) == owed - cash
    assert run_audit() == ()


def test_banks_are_known_by_the_names_people_use():
    assert find_bank("Bank BCA").code == find_bank("PT Bank Central Asia Tbk").code == "014"
    assert find_bank("bank jabar").code == "110"
    assert find_bank("Bank Contoh") is None
    assert len({bank.code for bank in BANKS}) == len({bank.bic for bank in BANKS}) == len(BANKS)
