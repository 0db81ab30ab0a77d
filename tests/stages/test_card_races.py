"""Many hands at one payment: one request to the bank, one hold, one of two ends."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from niaga.flows.money.card import transport
from niaga.flows.money.models import Authorization, Escrow
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.plumbing.relay import relay
from niaga.project.audit import run_audit
from niaga.stages.ordering import paying
from niaga.stages.ordering.commands.cancel_order import cancel_purchase
from niaga.stages.ordering.rounds import pursue_payments
from tests.support.bank import Line, cut
from tests.support.cards import offer, pay_by_card, payment_of, place_by_card
from tests.support.worlds import orders_of

pytestmark = pytest.mark.django_db(transaction=True)
HANDS = 8


def at_once(bank, *actions):
    """Run the actions together, each with a connection of its own; return what came of each."""
    start = threading.Barrier(len(actions))

    def run(action):
        try:
            with transport.carried_by(bank):
                start.wait(30)
                return action()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def test_a_round_asks_about_each_payment_that_nobody_looks_after(bank, wallet):
    bank.line = Line(before=cut("/authorize"))
    left = [place_by_card() for _ in range(3)]
    for placed in left:
        assert pay_by_card(placed, wallet).status == "pending"
    assert pursue_payments() == 0, "their senders may still be there"
    bank.line = Line()
    with clock.at(clock.now() + timedelta(seconds=30)):
        assert pursue_payments() == len(left)
        assert pursue_payments() == 0
    assert {payment_of(placed).state for placed in left} == {"authorized"}
    assert len(bank.held) == len(left)
    assert not run_audit()


def test_a_payment_in_trouble_does_not_keep_a_round_from_the_others(bank, wallet):
    bank.line = Line(before=cut("/authorize"))
    bad, good = place_by_card(), place_by_card()
    for placed in (bad, good):
        pay_by_card(placed, wallet)
    Authorization.objects.filter(payment=payment_of(bad)).update(auth_req="no token")
    bank.line = Line()
    with clock.at(clock.now() + timedelta(seconds=30)):
        pursue_payments()
    assert payment_of(good).state == "authorized"
    assert payment_of(bad).state == "authorizing"


def test_the_same_request_many_times_asks_the_bank_once(bank, wallet):
    placed = place_by_card()
    kept, request = wallet.sign(offer(placed, wallet))
    token = payment_of(placed).token
    answers = at_once(bank, *[lambda: paying.take_request(token=token, body=request)] * HANDS)
    said = {wallet.check(kept, text).response.message.status for text in answers}
    assert said <= {"paid", "pending"}
    assert bank.paths().count("/authorize") == 1
    assert payment_of(placed).state == "authorized"
    assert Escrow.objects.values("cause_id").distinct().count() == 1
    relay()
    assert run_audit() == ()


def test_many_offers_signed_at_once_pay_once(bank, wallet):
    placed = place_by_card()
    requests = [wallet.sign(offer(placed, wallet))[1] for _ in range(HANDS)]
    token = payment_of(placed).token
    answers = at_once(
        bank, *[lambda body=body: paying.take_request(token=token, body=body) for body in requests]
    )
    assert sum(isinstance(answer, Refusal) for answer in answers) == HANDS - 1
    assert Authorization.objects.filter(state="approved").count() == 1
    assert bank.paths().count("/authorize") == 1
    relay()
    assert run_audit() == ()


def test_paid_or_cancelled_but_not_both(bank, wallet):
    placed = place_by_card()
    request = wallet.sign(offer(placed, wallet))[1]
    token = payment_of(placed).token
    paid, cancelled = at_once(
        bank,
        lambda: paying.take_request(token=token, body=request),
        lambda: cancel_purchase(
            actor=Actor.guest(), purchase_id=placed.purchase_id, reason="changed_mind"
        ),
    )
    was_paid = not isinstance(paid, Refusal)
    assert was_paid is isinstance(cancelled, Refusal)
    assert payment_of(placed).state == ("authorized" if was_paid else "cancelled")
    assert orders_of(placed)[0].state == ("confirmed" if was_paid else "cancelled")
    assert bank.paths().count("/authorize") == int(was_paid)
    relay()
    assert run_audit() == ()
