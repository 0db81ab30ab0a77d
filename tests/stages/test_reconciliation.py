"""Orders, ledger, gateway and bank side by side: differences are tasks, and end."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from niaga.flows.money.commands.settle_payout import confirm_payout
from niaga.flows.money.models import (
    BankEntry,
    GatewayOperation,
    Reconciliation,
    ReconciliationDifference,
    ReconciliationRun,
)
from niaga.flows.money.reconciling import compare
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.plumbing.models import Task
from niaga.stages.ordering.reconciling import reconcile
from tests.stages.test_bank_statement import run
from tests.stages.test_races import at_once
from tests.support.audit import assert_flows_agree
from tests.support.camt import Line
from tests.support.cards import pay_by_card, payment_of, place_by_card, tell_bank
from tests.support.differing import (
    behind_the_back,
    bought,
    by_hand,
    difference,
    fee,
    prepared,
    sides,
    take,
    task_of,
    today,
    transfer,
)
from tests.support.worlds import (
    OPERATOR,
    make_company,
    make_goods,
    orders_of,
    ship_all,
)

pytestmark = pytest.mark.django_db


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
        behind_the_back("UPDATE ledger_transfer SET amount_minor = amount_minor - 100")
        reconcile(today(), "IDR")
        row = difference()
        assert (row.problem, sides(row)) == ("ledger", (paid, paid - 100, None, paid))

    def test_money_that_an_order_never_saw_is_seen(self):
        placed = bought()
        take(transfer(placed))
        behind_the_back("UPDATE ordering_order SET confirmed_at = NULL")
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


@pytest.mark.django_db(transaction=True)
def test_runs_at_once_open_a_difference_once():
    by_hand(bought())
    take(fee(is_fee=True))
    assert at_once(*[lambda: reconcile(today(), "IDR")] * 4) == {"done": 4}
    assert ReconciliationRun.objects.count() == 4
    assert ReconciliationDifference.objects.count() == Task.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_command_compares_a_day():
    take(fee())
    for _ in range(2):
        told = run("reconcile", "--day", today().isoformat())
        assert told.returncode == 0, told.stderr
        assert today().isoformat() in told.stdout
    first, second = ReconciliationRun.objects.order_by("ran_at")
    assert (first.differing, second.differing, second.opened) == (1, 1, 0)
    assert ReconciliationDifference.objects.count() == 1
    told = run("reconcile", "--currency", "XAU")
    assert told.returncode == 1
    assert "does not know XAU" in told.stderr
