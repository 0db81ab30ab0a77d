"""A difference is booked with a reason against a named account, or explained."""

from datetime import timedelta

import pytest

from niaga.flows.money.commands.clear_difference import clear_difference
from niaga.flows.money.models import (
    BankEntry,
    BankReceipt,
    GatewayOperation,
    Reconciliation,
    ReconciliationDifference,
)
from niaga.flows.money.reconciling import compare
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.ledger.models import JournalEntry
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance, trial_balance
from niaga.plumbing.commands.tasks import TaskOfAnother, take_task
from niaga.plumbing.models import StoredEvent, Task
from niaga.plumbing.states import TransitionRefused
from niaga.stages.ordering.commands.settle_difference import (
    DifferenceChanged,
    NotThatAccount,
    settle_difference,
)
from niaga.stages.ordering.commands.settle_receipt import assign_receipt
from niaga.stages.ordering.reconciling import reconcile
from tests.support.audit import assert_flows_agree
from tests.support.camt import Line
from tests.support.cards import pay_by_card, payment_of, place_by_card, tell_bank
from tests.support.differing import (
    behind_the_back,
    bought,
    by_hand,
    difference,
    fee,
    operator,
    prepared,
    snapshot,
    take,
    task_of,
    today,
    transfer,
)
from tests.support.worlds import (
    make_company,
    make_goods,
    orders_of,
    ship_all,
)

pytestmark = pytest.mark.django_db


class TestSettled:
    def taken(self, me: Actor, **about) -> ReconciliationDifference:
        row = difference(**about)
        take_task(actor=me, task_id=task_of(row).id)
        return row

    def settle(self, me, row, account="bank_fees", reason="Biaya bank, lihat rekening"):
        return settle_difference(actor=me, difference_id=row.id, account=account, reason=reason)

    def test_a_booking_is_booked_against_the_named_account(self, me):
        take(fee())
        row = self.taken(me)
        assert self.settle(me, row) == Money(-650_000)
        assert balance(AccountKey("bank_fees")) == Money(650_000)
        assert balance(AccountKey("bank")) == Money(-650_000)
        entry, row = BankEntry.objects.get(), difference()
        assert (entry.state, entry.account) == ("booked", "bank_fees")
        assert (row.state, row.account, row.settled_minor) == ("settled", "bank_fees", -650_000)
        assert task_of(row).reason == "Biaya bank, lihat rekening"
        event = StoredEvent.objects.get(type="DifferenceSettled")
        assert event.actor_person_id == me.person_id
        assert event.payload["reason"] == "Biaya bank, lihat rekening"
        assert JournalEntry.objects.get(kind="difference_settled").cause_id == row.id
        assert reconcile(today(), "IDR").differing == 0
        assert_flows_agree()

    def test_interest_that_came_in_is_income(self, me):
        take(fee(1_234_00))
        self.settle(me, self.taken(me), "other_income")
        assert balance(AccountKey("other_income")) == Money(1_234_00)
        assert_flows_agree()

    def test_a_buyers_money_without_a_number_becomes_a_receipt_to_assign(self, me):
        placed = bought()
        take(transfer(placed, account=""))
        self.settle(me, self.taken(me), "unmatched_receipts", "Bu Dewi, nomor salah")
        receipt = BankReceipt.objects.get()
        task = Task.objects.get(kind="receipt", subject_id=receipt.id)
        assert (receipt.state, task.owner_id) == ("unmatched", me.person_id)
        assert_flows_agree()
        assign_receipt(actor=me, receipt_id=receipt.id, reference=placed.reference)
        assert payment_of(placed).state == "confirmed"
        assert reconcile(today(), "IDR").differing == 0
        assert_flows_agree()

    def test_a_return_less_the_banks_fee_settles_the_payout_and_books_the_rest(self, me):
        payout = prepared()
        take(
            Line("OUT", Money(-payout.amount_minor), payout.id.hex, day=today()),
            Line("BACK", Money(payout.amount_minor - 290_000), payout.id.hex, day=today()),
        )
        assert self.settle(me, self.taken(me)) == Money(-290_000)
        payout.refresh_from_db()
        assert payout.state == "returned"
        owed = balance(AccountKey("seller_payable", payout.seller_id))
        assert owed == Money(payout.amount_minor), "the fee is the market's"
        assert balance(AccountKey("bank_fees")) == Money(290_000)
        reconcile(today(), "IDR")
        assert not ReconciliationDifference.objects.filter(kind="payout").exists()
        assert_flows_agree()

    def test_what_the_bank_never_booked_is_a_loss_until_it_does(self, me):
        placed = bought()
        by_hand(placed)
        take(fee(is_fee=True))
        reconcile(today(), "IDR")
        row, paid = self.taken(me), payment_of(placed).amount_minor
        assert self.settle(me, row, "losses") == Money(-paid)
        assert balance(AccountKey("losses")) == Money(paid)
        assert reconcile(today(), "IDR").differing == 0
        take(transfer(placed), named="STMT-2")
        assert reconcile(today(), "IDR").opened == 1, "now the bank has more than the books"
        row = self.taken(me, state="open")
        assert self.settle(me, row, "losses") == Money(paid)
        assert balance(AccountKey("losses")) == Money.zero()
        assert reconcile(today(), "IDR").differing == 0
        assert_flows_agree()

    def test_a_movement_that_the_gateway_has_otherwise_is_settled_as_it_has_it(
        self, bank, wallet, me
    ):
        placed = place_by_card((make_goods(make_company()), 1))
        pay_by_card(placed, wallet)
        ship_all(orders_of(placed)[0])
        tell_bank()
        capture = GatewayOperation.objects.get(kind="capture")
        entry = bank.booked[capture.remote_id]
        bank.booked[capture.remote_id] = type(entry)(
            kind="capture", id=entry.id, minor=entry.minor - 100
        )
        with clock.at(clock.now() + timedelta(hours=1)):
            compare("IDR")
        assert self.settle(me, self.taken(me), "rounding") == Money(-100)
        assert balance(AccountKey("gateway_receivable")) == Money.zero()
        assert balance(AccountKey("bank")) == Money(capture.moved_minor - 100)
        assert balance(AccountKey("rounding")) == Money(100)
        row = Reconciliation.objects.get()
        assert (row.state, row.settled_minor) == ("cleared", capture.moved_minor - 100)
        assert_flows_agree()

    def test_refused_it_does_nothing(self, me):
        take(fee())
        row, another = difference(), operator("Budi")
        before = snapshot()
        with pytest.raises(TaskOfAnother):
            self.settle(another, row)
        for account in ("bank", "escrow", "seller_payable", "unmatched_receipts", "nothing"):
            with pytest.raises(NotThatAccount):
                self.settle(me, row, account)
        assert snapshot() == before

    def test_what_has_changed_meanwhile_is_not_booked(self, me):
        placed = bought()
        by_hand(placed)
        take(fee(is_fee=True))
        reconcile(today(), "IDR")
        row = self.taken(me)
        take(transfer(placed), named="STMT-2")
        before = snapshot()
        with pytest.raises(DifferenceChanged):
            self.settle(me, row, "losses")
        assert snapshot() == before

    def test_what_is_no_matter_of_the_bank_can_not_be_booked(self, me):
        take(transfer(bought()))
        behind_the_back("UPDATE ordering_order SET confirmed_at = NULL")
        reconcile(today(), "IDR")
        row = self.taken(me)
        before = snapshot()
        with pytest.raises(NotThatAccount):
            self.settle(me, row)
        assert snapshot() == before

    def test_what_ended_does_not_end_again(self, me):
        take(fee())
        row = self.taken(me)
        self.settle(me, row)
        before = snapshot()
        with pytest.raises(TransitionRefused):
            self.settle(me, row)
        with pytest.raises(TransitionRefused):
            clear_difference(actor=me, difference_id=row.id, note="Again.")
        assert snapshot() == before

    def test_explained_it_stays_so_while_the_sides_say_the_same(self, me):
        placed = bought()
        by_hand(placed)
        take(fee(is_fee=True), Line("X-1", Money(5), day=today()))
        reconcile(today(), "IDR")
        before = trial_balance()
        for row in ReconciliationDifference.objects.order_by("id"):
            take_task(actor=me, task_id=task_of(row).id)
            clear_difference(actor=me, difference_id=row.id, note="In the books of last year.")
        assert trial_balance() == before
        assert BankEntry.objects.get(amount_minor=5).state == "cleared"
        assert reconcile(today(), "IDR").opened == 0
