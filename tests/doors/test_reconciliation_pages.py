"""The operator's pages of reconciliation: runs, what differed, and how it is booked."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from niaga.flows.money.card.bank import BatchComparison
from niaga.flows.money.commands.reconcile_books import record_reconciliation
from niaga.flows.money.models import BankEntry, Reconciliation, ReconciliationDifference
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.ledger.models import JournalEntry
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance
from niaga.parties.models import Person
from niaga.plumbing.commands.tasks import take_task
from niaga.plumbing.models import Task
from niaga.stages.ordering.reconciling import reconcile
from niaga.stages.ordering.statement_import import import_statement
from tests.support.audit import assert_flows_agree
from tests.support.camt import Line, statement
from tests.support.markup import faults
from tests.support.worlds import OPERATOR, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Client:
    operator = make_person("operator@contoh.id", name="Sari Operator", is_staff=True)
    client = Client(headers={"accept-language": "en"})
    client.force_login(operator)
    return client


def bookings(count: int, named: str = "STMT-1") -> None:
    lines = [Line(f"{named}-{n}", Money(-n), day=localdate()) for n in range(1, count + 1)]
    import_statement(statement(*lines, named=named), actor=OPERATOR)


def page(office: Client, name: str, *args: object, **query: object) -> str:
    response = office.get(reverse(f"office:{name}", args=args), query)
    assert response.status_code == 200
    text: str = response.content.decode()
    assert faults(text) == []
    return text


def test_before_the_first_run_the_page_says_how_to_begin(office):
    assert "No day was compared yet" in page(office, "reconciliation")


def test_a_run_without_a_difference_says_so(office):
    run = reconcile(localdate(), "IDR")
    assert "All agree" in page(office, "reconciliation")
    text = page(office, "reconciliation_run", run.run_id)
    assert "Nothing moved on this day" in text
    assert "No difference" in text
    assert "has not come" in text


def test_differences_are_paged_at_the_same_cost(office):
    def cost(run) -> int:
        with CaptureQueriesContext(connection) as statements:
            page(office, "reconciliation_run", run.run_id)
        return len(statements)

    bookings(2)
    few = reconcile(localdate(), "IDR")
    page(office, "reconciliation_run", few.run_id)
    before = cost(few)
    bookings(23, "STMT-2")
    many = reconcile(localdate(), "IDR")
    assert cost(many) == before <= 8
    assert (few.differing, many.differing) == (2, 25)
    first = page(office, "reconciliation_run", many.run_id)
    second = page(office, "reconciliation_run", many.run_id, page=2)
    assert first.count("Open the task") == 20
    assert second.count("Open the task") == 5
    # What a later run found is none of the first one's.
    assert page(office, "reconciliation_run", few.run_id).count("Open the task") == 2


def test_a_difference_is_booked_against_an_account_with_a_reason(office):
    bookings(1)
    row = ReconciliationDifference.objects.get()
    task = page(office, "task", Task.objects.get().id)
    address = reverse("office:difference_settle", args=[row.id])
    assert address in task
    asked = office.get(address).content.decode()
    assert "Bank fees" in asked
    assert "Unmatched receipts" not in asked, "nothing came in"
    before = JournalEntry.objects.count()
    for wrong in (
        {}, {"account": "bank_fees"}, {"account": "bank", "reason": "x"},
        {"account": "unmatched_receipts", "reason": "x"}, {"account": "bank_fees", "reason": " "},
    ):  # fmt: skip
        assert office.post(address, {**wrong, "confirmed": "yes"}).status_code == 422
    assert JournalEntry.objects.count() == before
    right = {"account": "bank_fees", "reason": "Biaya admin Mei"}
    assert office.post(address, {**right, "confirmed": "yes"}).status_code == 302
    assert balance(AccountKey("bank_fees")) == Money(1)
    task = page(office, "task", Task.objects.get().id)
    assert "Biaya admin Mei" in task
    assert address not in task
    assert "Bank fees" in page(office, "bank_entries")
    assert BankEntry.objects.get().state == "booked"
    assert office.post(address, {**right, "confirmed": "yes"}).status_code == 422
    assert_flows_agree()


def test_what_was_given_to_a_colleague_is_not_booked(office):
    bookings(1)
    row = ReconciliationDifference.objects.get()
    colleague = make_person(name="Budi", is_staff=True)
    Task.objects.update(owner_id=colleague.id)
    answer = office.post(
        reverse("office:difference_settle", args=[row.id]),
        {"account": "bank_fees", "reason": "Biaya admin", "confirmed": "yes"},
    )
    assert answer.status_code == 422
    assert "Take it first" in answer.content.decode()
    assert not JournalEntry.objects.exists()


def act(office: Client, name: str, about: object, **said: str) -> int:
    address = reverse(f"office:{name}", args=[about])
    return office.post(address, {**said, "confirmed": "yes"}).status_code


def test_a_difference_is_taken_and_cleared_with_words(office: Client) -> None:
    row = Reconciliation.objects.create(
        since=clock.now() - timedelta(days=2),
        until=clock.now() - timedelta(days=1),
        currency="IDR",
        request="",
    )
    told = (("unknown_to_merchant", "capture", "A" * 22, 12_500_00),)
    record_reconciliation(reconciliation_id=row.id, compared=BatchComparison("", 0, told))
    difference = ReconciliationDifference.objects.get()
    task = Task.objects.get(subject_id=difference.id)
    assert task.owner_id == Person.objects.get(name="Sari Operator").id
    budi = make_person(name="Budi", is_staff=True)
    take_task(actor=Actor("operator", person_id=budi.id), task_id=task.id)
    assert act(office, "difference_clear", difference.id, note="Too early") == 422
    assert act(office, "task_take", task.id) == 302
    assert act(office, "difference_clear", difference.id, note="  ") == 422
    task.refresh_from_db()
    assert (task.state, task.reason) == ("taken", "")
    assert act(office, "difference_clear", difference.id, note="Booked by the bank twice") == 302
    shown = office.get(reverse("office:cards")).content.decode()
    assert "Booked by the bank twice" in shown
    assert "Sari Operator" in shown
    task.refresh_from_db()
    assert task.state == "done"
