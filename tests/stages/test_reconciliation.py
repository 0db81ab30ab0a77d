"""Orders, ledger, gateway and bank side by side: differences are tasks, and end."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from niaga.flows.information.models import Mail
from niaga.flows.money.bank_file import ReceiptLine
from niaga.flows.money.commands.clear_difference import clear_difference
from niaga.flows.money.commands.settle_payout import confirm_payout
from niaga.flows.money.models import (
    BankEntry,
    BankReceipt,
    GatewayOperation,
    Payout,
    Reconciliation,
    ReconciliationDifference,
    ReconciliationRun,
)
from niaga.flows.money.paying_out import run_payouts
from niaga.flows.money.reconciling import compare
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.ledger.models import JournalEntry
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance, trial_balance
from niaga.parties.models import Company
from niaga.plumbing.commands.tasks import TaskOfAnother, take_task
from niaga.plumbing.models import StoredEvent, Task
from niaga.plumbing.states import TransitionRefused
from niaga.stages.ordering.commands.confirm_order import BY_HAND, confirm_purchase_payment
from niaga.stages.ordering.commands.settle_difference import (
    DifferenceChanged,
    NotThatAccount,
    settle_difference,
)
from niaga.stages.ordering.commands.settle_receipt import assign_receipt
from niaga.stages.ordering.commands.take_bank_receipt import take_bank_receipt
from niaga.stages.ordering.reconciling import reconcile
from niaga.stages.ordering.statement_import import import_statement
from tests.stages.test_payouts import completed
from tests.support.audit import assert_flows_agree
from tests.support.camt import Line, statement
from tests.support.cards import pay_by_card, payment_of, place_by_card, tell_bank
from tests.support.worlds import (
    OPERATOR,
    make_basket,
    make_company,
    make_goods,
    make_person,
    orders_of,
    place,
    ship_all,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def me() -> Actor:
    return operator("Sari Operator")


def operator(name: str) -> Actor:
    return Actor("operator", person_id=make_person(name=name, is_staff=True).id)


def today() -> date:
    return localdate(clock.now())


def take(*lines: Line, named: str = "STMT-1"):
    return import_statement(statement(*lines, named=named), actor=OPERATOR)


def bought():
    return place(make_basket((make_goods(make_company()), 1)))


def transfer(placed, reference: str = "IN-1", **about) -> Line:
    payment = payment_of(placed)
    amount = about.pop("amount", None) or Money(payment.amount_minor)
    number = about.pop("account", payment.account_number)
    return Line(reference, amount, account=number, day=today(), **about)


def fee(minor: int = -650_000, **about) -> Line:
    return Line("FEE-1", Money(minor), text="Biaya admin", day=today(), **about)


def by_hand(placed) -> None:
    confirm_purchase_payment(
        actor=OPERATOR, purchase_id=placed.purchase_id, confirmed_by=f"{BY_HAND} TRX-1"
    )


def prepared() -> Payout:
    order = completed()
    run_payouts(actor=OPERATOR)
    return Payout.objects.get(seller_id=order.seller_id)


def difference(**about) -> ReconciliationDifference:
    return ReconciliationDifference.objects.get(**about)


def task_of(row: ReconciliationDifference) -> Task:
    return Task.objects.get(kind="difference", subject_id=row.id)


def sides(row: ReconciliationDifference) -> tuple:
    return row.orders_minor, row.ledger_minor, row.gateway_minor, row.bank_minor


def snapshot() -> tuple:
    return (
        trial_balance(),
        JournalEntry.objects.count(),
        list(BankEntry.objects.order_by("id").values_list("state", "account")),
        list(ReconciliationDifference.objects.order_by("id").values_list("state", "account")),
        list(Task.objects.order_by("id").values_list("state", "reason")),
        StoredEvent.objects.count(),
    )


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


class TestRun:
    def test_a_day_on_which_all_agree(self):
        first, second = bought(), bought()
        take(transfer(first), transfer(second, "IN-2"))
        report = reconcile(today(), "IDR")
        assert (report.compared, report.differing, report.bank_heard) == (2, 0, True)
        run = ReconciliationRun.objects.get()
        total = sum(payment_of(placed).amount_minor for placed in (first, second))
        assert run.totals["payment"] == {
            "count": 2, "differing": 0,
            "orders": total, "ledger": total, "gateway": None, "bank": total,
        }  # fmt: skip
        assert not Task.objects.exists()

    def test_a_day_without_anything(self):
        report = reconcile(today(), "IDR")
        assert (report.compared, report.differing) == (0, 0)

    def test_before_the_statement_came_the_bank_says_nothing(self):
        by_hand(bought())
        report = reconcile(today(), "IDR")
        assert (report.differing, report.bank_heard) == (0, False)

    def test_a_silent_bank_is_a_task_found_once_and_gone_when_it_speaks(self, me):
        placed = bought()
        by_hand(placed)
        take(fee(is_fee=True))
        assert reconcile(today(), "IDR").opened == 1
        row, paid = difference(), payment_of(placed).amount_minor
        assert (row.kind, row.problem, sides(row)) == (
            "payment", "bank_silent", (paid, paid, None, 0),
        )  # fmt: skip
        assert (row.about_id, row.reference) == (payment_of(placed).id, placed.reference)
        assert task_of(row).owner_id == me.person_id
        again = reconcile(today(), "IDR")
        assert (again.differing, again.opened) == (1, 0)
        # Also the next day looks at it, before that day's statement.
        later = reconcile(today() + timedelta(days=1), "IDR")
        assert (later.differing, later.opened, later.gone) == (1, 0, 0)
        assert Task.objects.count() == 1
        take(transfer(placed), named="STMT-2")
        last = reconcile(today() + timedelta(days=1), "IDR")
        assert (last.differing, last.gone) == (0, 1)
        row.refresh_from_db()
        assert (row.state, task_of(row).state) == ("gone", "done")
        assert task_of(row).reason
        assert_flows_agree()

    def test_money_that_the_ledger_lost_is_seen(self):
        placed = bought()
        take(transfer(placed))
        paid = payment_of(placed).amount_minor
        _behind_the_back("UPDATE ledger_transfer SET amount_minor = amount_minor - 100")
        reconcile(today(), "IDR")
        row = difference()
        assert (row.problem, sides(row)) == ("ledger", (paid, paid - 100, None, paid))

    def test_money_that_an_order_never_saw_is_seen(self):
        placed = bought()
        take(transfer(placed))
        _behind_the_back("UPDATE ordering_order SET confirmed_at = NULL")
        reconcile(today(), "IDR")
        assert difference().orders_minor == 0

    def test_a_payout_that_the_bank_never_booked(self):
        payout = prepared()
        confirm_payout(actor=OPERATOR, payout_id=payout.id)
        take(fee(is_fee=True))
        reconcile(today(), "IDR")
        row, minor = difference(kind="payout"), -payout.amount_minor
        assert (row.problem, sides(row)) == ("bank_silent", (minor, minor, None, 0))
        booked = Line("OUT-1", Money(minor), payout.id.hex, day=today())
        take(booked, named="STMT-2")
        assert reconcile(today(), "IDR").gone == 1

    def test_a_payout_that_came_back_agrees(self):
        payout = prepared()
        take(
            Line("OUT-1", Money(-payout.amount_minor), payout.id.hex, day=today()),
            Line("OUT-2", Money(payout.amount_minor), payout.id.hex, reason="AC04", day=today()),
        )
        reconcile(today(), "IDR")
        assert not ReconciliationDifference.objects.filter(kind="payout").exists()

    @pytest.mark.usefixtures("bank")
    def test_cards_codes_and_what_the_gateway_settles(self, wallet):
        placed = place_by_card((make_goods(make_company()), 1))
        pay_by_card(placed, wallet)
        ship_all(orders_of(placed)[0])
        tell_bank()
        day = today()
        assert reconcile(day, "IDR").differing == 0
        totals = ReconciliationRun.objects.get().totals["payment"]
        assert totals["orders"] == totals["ledger"] == totals["gateway"] > 0
        with clock.at(clock.now() + timedelta(hours=1)):
            compare("IDR")
        row = Reconciliation.objects.get()
        later = localdate(row.compared_at) + timedelta(days=2)
        take(Line("FEE", Money(-5), is_fee=True, day=later))
        reconcile(later, "IDR")
        found = difference(kind="settlement")
        assert (found.problem, found.bank_minor) == ("bank_silent", 0)
        settled = Line("SET-1", Money(row.settled_minor), row.id.hex, day=later)
        take(settled, named="STMT-2")
        assert BankEntry.objects.get(settlement=row).state == "matched"
        assert reconcile(later, "IDR").gone == 1
        assert_flows_agree()

    @pytest.mark.usefixtures("bank")
    def test_a_capture_that_only_the_gateway_has(self, wallet):
        placed = place_by_card((make_goods(make_company()), 1))
        pay_by_card(placed, wallet)
        ship_all(orders_of(placed)[0])
        tell_bank()
        GatewayOperation.objects.filter(kind="capture").update(moved_minor=7)
        reconcile(today(), "IDR")
        row = difference()
        assert (row.problem, row.gateway_minor) == ("gateway", 7)

    def test_many_things_cost_the_same_statements(self):
        def statements() -> int:
            with CaptureQueriesContext(connection) as calls:
                reconcile(today(), "IDR")
            return len(calls)

        take(transfer(bought()))
        few = statements()
        take(*(transfer(bought(), f"IN-{n}") for n in range(2, 6)), named="STMT-2")
        assert statements() == few


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
        _behind_the_back("UPDATE ordering_order SET confirmed_at = NULL")
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


def _behind_the_back(sql: str) -> None:
    """Change what the database's guards would refuse."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
