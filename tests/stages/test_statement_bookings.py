"""The bank's statement brings buyers' transfers, fees, and what fits nothing."""

import pytest

from niaga.flows.information.models import Mail
from niaga.flows.money.bank_file import ReceiptLine
from niaga.flows.money.models import (
    BankEntry,
    BankReceipt,
    ReconciliationDifference,
)
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance, trial_balance
from niaga.parties.models import Company
from niaga.plumbing.models import Task
from niaga.stages.ordering.commands.take_bank_receipt import take_bank_receipt
from tests.support.audit import assert_flows_agree
from tests.support.camt import Line
from tests.support.cards import payment_of
from tests.support.differing import (
    bought,
    by_hand,
    difference,
    fee,
    operator,
    prepared,
    sides,
    take,
    task_of,
    transfer,
)
from tests.support.worlds import (
    OPERATOR,
)

pytestmark = pytest.mark.django_db


class TestStatement:
    def test_a_buyers_transfer_pays_its_purchase_and_is_booked_once(self):
        placed = bought()
        line = transfer(placed)
        assert len(take(line).matched) == 1
        assert payment_of(placed).state == "confirmed"
        assert len(take(line, named="STMT-2").seen) == 1
        receipt = BankReceipt.objects.get()
        assert (receipt.state, receipt.bank_reference) == ("matched", "IN-1")
        assert BankEntry.objects.get().receipt_id == receipt.id
        assert balance(AccountKey("bank")).minor == receipt.amount_minor
        assert_flows_agree()

    @pytest.mark.parametrize("written", ["{}", "VA {} TOKO", "va 8808-{rest}"])
    def test_the_number_may_stand_in_the_words(self, written):
        placed = bought()
        number = payment_of(placed).account_number
        rest = "-".join(number[at : at + 4] for at in range(4, 16, 4))
        take(transfer(placed, account="", text=written.format(number, rest=rest)))
        assert payment_of(placed).state == "confirmed"

    def test_what_the_csv_brought_is_not_taken_again(self):
        placed = bought()
        payment = payment_of(placed)
        line = ReceiptLine("IN-1", payment.account_number, Money(payment.amount_minor), clock.now())
        take_bank_receipt(actor=OPERATOR, line=line)
        before = trial_balance()
        assert len(take(transfer(placed)).matched) == 1
        assert BankEntry.objects.get().receipt == BankReceipt.objects.get()
        assert trial_balance() == before

    def test_what_was_confirmed_by_hand_is_what_the_bank_says_and_moves_nothing(self):
        placed = bought()
        by_hand(placed)
        before = trial_balance()
        assert len(take(transfer(placed)).matched) == 1
        assert trial_balance() == before
        # A second transfer is another one.
        assert len(take(transfer(placed, "IN-2"), named="STMT-2").unmatched) == 1
        assert BankReceipt.objects.get(state="unmatched").note == "payment_confirmed"
        assert_flows_agree()

    def test_another_amount_pays_nothing_and_waits_with_the_receipts(self, me):
        placed = bought()
        report = take(transfer(placed, amount=Money.of(1_000)))
        assert len(report.unmatched) == 1
        assert payment_of(placed).state == "pending"
        task = Task.objects.get(kind="receipt")
        assert (task.owner_id, task.state) == (me.person_id, "taken")
        assert not ReconciliationDifference.objects.exists()
        assert_flows_agree()

    def test_the_banks_fee_is_booked(self):
        assert len(take(fee(is_fee=True)).booked) == 1
        entry = BankEntry.objects.get()
        assert (entry.state, entry.account) == ("booked", "bank_fees")
        assert balance(AccountKey("bank_fees")) == Money.of(6_500)
        assert balance(AccountKey("bank")) == -Money.of(6_500)
        assert not Task.objects.exists()
        take(Line("FEE-2", Money.of(500), is_fee=True), named="STMT-2")
        assert balance(AccountKey("bank_fees")) == Money.of(6_000)
        assert_flows_agree()

    def test_what_fits_nothing_is_a_task_with_an_owner(self, me):
        before = trial_balance()
        take(fee())
        row = difference()
        assert (row.kind, row.problem, sides(row)) == (
            "booking", "unexplained", (None, None, None, -650_000),
        )  # fmt: skip
        assert task_of(row).owner_id == me.person_id
        assert trial_balance() == before

    def test_tasks_go_to_who_has_the_fewest(self):
        people = {operator(name).person_id for name in ("Budi", "Citra", "Dewi")}
        take(*(Line(f"X-{n}", Money.of(n)) for n in range(1, 7)))
        owners = list(Task.objects.values_list("owner_id", flat=True))
        assert {owners.count(person) for person in people} == {2}

    def test_the_seller_is_told_once_when_a_payout_came_back(self):
        payout = prepared()
        line = Line("R-1", Money(payout.amount_minor), payout.id.hex, reason="AC04")
        take(line)
        take(line, named="STMT-2")
        assert_flows_agree()
        mail = Mail.objects.get(template="payout_returned")
        assert mail.to == Company.objects.get(pk=payout.seller_id).email
        assert "AC04" in mail.text
