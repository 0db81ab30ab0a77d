"""A difference between the market's books and the bank's is a task: taken, then cleared."""

from datetime import timedelta

import pytest

from niaga.flows.money.commands.clear_difference import clear_difference
from niaga.flows.money.models import (
    GatewayOperation,
    Reconciliation,
    ReconciliationDifference,
)
from niaga.flows.money.reconciliation_queries import gateway_differences as differences
from niaga.flows.money.reconciling import compare
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.ledger.models import JournalEntry
from niaga.plumbing.commands.tasks import TaskOfAnother, take_task
from niaga.plumbing.models import Task
from niaga.plumbing.states import TransitionRefused
from niaga.plumbing.task_queries import tasks_waiting
from tests.support.audit import assert_flows_agree
from tests.support.cards import pay_by_card, place_by_card, tell_bank
from tests.support.worlds import make_company, make_goods, make_person, orders_of, ship_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(bank, wallet):
    """Two captures of one period, both of which the bank has otherwise."""
    placed = place_by_card((make_goods(make_company()), 1), (make_goods(make_company()), 1))
    pay_by_card(placed, wallet)
    for order in orders_of(placed):
        ship_all(order)
    tell_bank()
    for capture in GatewayOperation.objects.filter(kind="capture"):
        entry = bank.booked[capture.remote_id]
        bank.booked[capture.remote_id] = type(entry)(
            kind="capture", id=entry.id, minor=entry.minor - 100
        )
    with clock.at(clock.now() + timedelta(hours=1)):
        compare("IDR")
    return list(ReconciliationDifference.objects.order_by("id"))


def task_of(difference_id) -> Task:
    return Task.objects.get(kind="difference", subject_id=difference_id)


def take(*, actor, difference_id) -> None:
    take_task(actor=actor, task_id=task_of(difference_id).id)


def operator(name="Sari Operator"):
    return Actor("operator", person_id=make_person(name=name, is_staff=True).id)


def test_a_difference_begins_as_nobody_s_task(two):
    assert tasks_waiting() == 2
    assert [(d.task.state, d.owner, d.task.reason) for d in differences()] == [("open", "", "")] * 2


def test_who_takes_it_clears_it_with_words_and_no_money_moves(two):
    me = operator()
    entries = JournalEntry.objects.count()
    take(actor=me, difference_id=two[0].id)
    clear_difference(actor=me, difference_id=two[0].id, note="The bank rounded; it was set right.")
    seen = {d.difference_id: d for d in differences()}[two[0].id]
    assert (seen.task.state, seen.owner) == ("done", "Sari Operator")
    assert seen.task.reason == "The bank rounded; it was set right."
    assert seen.task.done_at is not None
    assert differences()[-1].difference_id == two[0].id, "what waits is shown first"
    assert JournalEntry.objects.count() == entries
    assert tasks_waiting() == 1
    assert_flows_agree()


def test_a_period_is_cleared_with_its_last_difference(two):
    me = operator()
    for difference, state in zip(two, ("differs", "cleared"), strict=True):
        take(actor=me, difference_id=difference.id)
        clear_difference(actor=me, difference_id=difference.id, note="Found.")
        assert Reconciliation.objects.get().state == state


def test_what_nobody_or_another_took_is_not_cleared(two):
    mine, theirs = operator(), operator("Budi")
    with pytest.raises(TaskOfAnother):
        clear_difference(actor=mine, difference_id=two[0].id, note="Found.")
    take(actor=theirs, difference_id=two[0].id)
    with pytest.raises(TaskOfAnother):
        clear_difference(actor=mine, difference_id=two[0].id, note="Found.")
    take(actor=mine, difference_id=two[0].id)
    with pytest.raises(TaskOfAnother):
        clear_difference(actor=theirs, difference_id=two[0].id, note="Found.")
    row = task_of(two[0].id)
    assert (row.state, row.owner_id, row.reason) == ("taken", mine.person_id, "")
    assert Reconciliation.objects.get().state == "differs"


def test_what_is_cleared_stays_cleared(two):
    me = operator()
    take(actor=me, difference_id=two[0].id)
    clear_difference(actor=me, difference_id=two[0].id, note="Found.")
    with pytest.raises(TransitionRefused):
        take(actor=operator("Budi"), difference_id=two[0].id)
    with pytest.raises(TransitionRefused):
        clear_difference(actor=me, difference_id=two[0].id, note="Again.")
    row = task_of(two[0].id)
    assert (row.owner_id, row.reason) == (me.person_id, "Found.")
