"""Races on real connections: one hold for one purchase, one movement for one order."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection

from niaga.gateway.issuer.connection import asked_over
from niaga.gateway.models import Authorization, Capture, Credit, IssuerMessage, Operation
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.ledger.models import Hold
from niaga.plumbing.audit import run_all
from niaga.protocol.formats import base64url, es256, jws
from niaga.protocol.messages.parts import Amount
from tests.gateway.town import Town, told

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WORKERS = 16


def at_once[R](town: Town, *actions: Callable[[], R]) -> list[R]:
    """Run the actions on threads with connections of their own."""
    gate = threading.Barrier(min(WORKERS, len(actions)))
    waited = threading.local()

    def run(action: Callable[[], R]) -> R:
        if not getattr(waited, "done", False):
            waited.done = True
            gate.wait(timeout=30)
        try:
            with asked_over(town.line):
                return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(min(WORKERS, len(actions))) as threads:
        return list(threads.map(run, actions))


def malleated(token: str) -> str:
    """The same statement with the twin of its signature: valid ECDSA, another spelling."""
    statement, _, signature = token.rpartition(".")
    raw = base64url.decode(signature)
    s = es256.ORDER - int.from_bytes(raw[32:])
    return f"{statement}.{base64url.encode(raw[:32] + s.to_bytes(32))}"


def test_a_hundred_replays_and_variants_make_one_hold(town):
    order = town.order(town.enrol(), 150_000)
    town.settings.ROOT_URLCONF = "niaga.gateway.payments.urls"
    resigned = [_signed_anew(town, order) for _ in range(30)]
    variants = [malleated(order.auth_req), f"{order.auth_req}=", order.auth_req + "\n"] * 5
    bodies = [order.auth_req] * 55 + resigned + variants
    answers = at_once(
        town, *(lambda b=body: town.ask(replace(order, auth_req=b)) for body in bodies)
    )
    assert Hold.objects.count() == Authorization.objects.count() == 1
    assert IssuerMessage.objects.count() == 1
    assert [message.kind for message in town.line.sent if message.amount_minor] == ["0100"]
    refused = answers[85:]
    assert {answer.status_code for answer in refused} == {400, 401}
    results = Counter(told(answer)["result"] for answer in answers[:85])
    assert set(results) <= {"approved", "pending"}
    stored = {answer.content for answer in answers[:85] if told(answer)["result"] == "approved"}
    assert stored == {Authorization.objects.get().answer.encode()}
    assert run_all() == ()


def _signed_anew(town, order):
    """Another request of the merchant for the same signature of the buyer."""
    request = jws.parse(order.auth_req, max_bytes=10**6)
    header = {name: value for name, value in request.header.items() if name != "alg"}
    return jws.sign(request.payload, town.shop.key, header=header)


def test_captures_at_once_stay_within_the_hold(town):
    order = town.order(town.enrol(), 100_000)
    auth_id = told(town.ask(order))["auth_id"]
    seller = town.desk()
    part = Amount(currency="IDR", minor=30_000_00)
    requests = [
        seller.capture(xid=order.xid, auth_id=auth_id, seq=n, amount=part, now=clock.now())
        for n in range(1, 11)
    ]
    results = Counter(
        told(answer)["result"]
        for answer in at_once(town, *(lambda r=r: _operate(town, r) for r in requests * 2))
    )
    assert results == {"done": 6, "refused": 14}
    assert Capture.objects.count() == 3
    assert Operation.objects.count() == 10
    assert run_all() == ()


def _operate(town, request):
    return town.front("payments", "/operations", request)


def test_a_reversal_racing_the_request_leaves_nothing_held(town):
    buyer = town.enrol()
    seller = town.desk()
    for _ in range(12):
        order = town.order(buyer, 50_000)
        reversal = seller.reverse(xid=order.xid, seq=1, amount=None, now=clock.now())
        at_once(town, lambda o=order: town.ask(o), lambda r=reversal: _operate(town, r))
    for row in Authorization.objects.all():
        assert row.state in {"voided", "reversed"}, row
    assert not Hold.objects.filter(end=None).exists()
    assert run_all() == ()


def test_credits_and_the_capture_s_reversal_exclude_each_other(town):
    order = town.order(town.enrol(), 100_000)
    auth_id = told(town.ask(order))["auth_id"]
    seller = town.desk()
    whole = Amount(currency="IDR", minor=100_000_00)
    taken = seller.capture(xid=order.xid, auth_id=auth_id, seq=1, amount=whole, now=clock.now())
    made = told(_operate(town, taken))["id"]
    credit = seller.credit(xid=order.xid, capture_id=made, seq=2, amount=whole, now=clock.now())
    undo = seller.reverse_capture(
        xid=order.xid, capture_id=made, seq=3, amount=whole, now=clock.now()
    )
    answers = at_once(town, lambda: _operate(town, credit), lambda: _operate(town, undo))
    assert sorted(told(answer)["result"] for answer in answers) == ["done", "refused"]
    row = Authorization.objects.get()
    assert row.credited_minor == Credit.objects.count() * Money.of(100_000).minor
    assert run_all() == ()
