"""A state machine over everything a merchant, an issuer and time can do: money is conserved."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from niaga.gateway.commands.admit_authorization import admit_authorization
from niaga.gateway.commands.perform_operation import RequestReused
from niaga.gateway.issuer_simulator.bank import Bank
from niaga.gateway.issuer_simulator.cards import CARDS
from niaga.gateway.models import Authorization, IssuerMessage
from niaga.gateway.references import reference
from niaga.kernel import clock
from niaga.ledger.queries import trial_balance
from niaga.plumbing.audit import run_all
from niaga.protocol.messages import operations as messages
from tests.gateway.worlds import (
    LocalLine,
    Shop,
    assert_books_agree,
    make_instrument,
    make_merchant,
    random_hash,
    seal,
)

# Mostly a card that pays, so that much follows; each other temper now and then.
WHICH = st.sampled_from([0] * len(CARDS) + list(range(len(CARDS))))
AMOUNTS = st.sampled_from([100_000, 60_000])
PARTS = st.sampled_from([1, 20_000, 30_000, 60_000, 100_000])


class Gateway(RuleBasedStateMachine):
    """One shop, an instrument for every temper an issuer can have."""

    payments = Bundle("payments")
    captures = Bundle("captures")
    given = Bundle("given")
    orders = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()
        self.folder = tempfile.TemporaryDirectory()
        self.bank = Bank(Path(self.folder.name) / "issuer.sqlite3")
        self.line = LocalLine(self.bank)
        merchant_id = make_merchant()
        self.shops = [
            Shop(self.bank, self.line, merchant_id, make_instrument(self.bank, card.pan))
            for card in CARDS
        ]
        self.now = clock.now()

    def teardown(self) -> None:
        try:
            self.everything_comes_to_rest()
        finally:
            transaction.set_rollback(True)
            self.world.__exit__(None, None, None)
            self.folder.cleanup()

    @rule(target=payments, which=WHICH, rupiah=AMOUNTS)
    def authorize(self, which: int, rupiah: int) -> Any:
        shop = self.shops[which]
        asked = shop.ask(rupiah)
        with clock.at(self.now):
            facts = shop.authorize(xid=asked.xid, ds_hash=asked.ds_hash, rupiah=rupiah)
        return shop, facts, asked

    @rule(target=payments, which=WHICH, rupiah=AMOUNTS)
    def die_before_asking(self, which: int, rupiah: int) -> Any:
        shop = self.shops[which]
        asked = shop.ask(rupiah)
        with clock.at(self.now):
            return shop, admit_authorization(asked=asked, seal=seal).facts, asked

    @rule(payment=payments)
    def ask_again(self, payment: Any) -> None:
        _, _, asked = payment
        with clock.at(self.now):
            admission = admit_authorization(asked=asked, seal=seal)
        assert admission.request is None

    def order(self, shop: Shop, kind: Any, xid: str, **fields: Any) -> Any:
        with clock.at(self.now):
            order, mark = shop.order(kind, xid, **fields), random_hash()
            return order, mark, shop.perform(order, mark)

    @rule(target=captures, payment=payments, rupiah=PARTS)
    def capture(self, payment: Any, rupiah: int) -> Any:
        shop, facts, _ = payment
        auth_id = reference(facts.authorization_id)
        order, _, told = self.order(
            shop, messages.Capture, facts.xid, auth_id=auth_id, rupiah=rupiah
        )
        return multiple() if told["refused"] else (shop, facts, told["operation_id"], rupiah, order)

    @rule(capture=captures)
    def undo_capture(self, capture: Any) -> None:
        shop, facts, made, rupiah, _ = capture
        with clock.at(self.now):
            shop.undo_capture(facts, made, rupiah)

    @rule(target=given, capture=captures, rupiah=PARTS)
    def credit(self, capture: Any, rupiah: int) -> Any:
        shop, facts, made, _, _ = capture
        with clock.at(self.now):
            told = shop.credit(facts, made, rupiah)
        return multiple() if told["refused"] else (shop, facts, told["operation_id"], rupiah)

    @rule(credit=consumes(given))
    def undo_credit(self, credit: Any) -> None:
        shop, facts, made, rupiah = credit
        with clock.at(self.now):
            shop.undo_credit(facts, made, rupiah)

    @rule(payment=payments, rupiah=st.one_of(st.none(), PARTS))
    def reverse(self, payment: Any, rupiah: int | None) -> None:
        shop, facts, _ = payment
        with clock.at(self.now):
            shop.reverse(facts.xid, rupiah)

    @rule(target=payments, which=WHICH)
    def reverse_what_comes_late(self, which: int) -> Any:
        shop = self.shops[which]
        asked = shop.ask()
        with clock.at(self.now):
            shop.reverse(asked.xid)
            facts = shop.authorize(xid=asked.xid, ds_hash=asked.ds_hash)
        assert facts.state == "voided"
        return shop, facts, asked

    @rule(capture=captures)
    def repeat_with_another_hash(self, capture: Any) -> None:
        shop, _, _, _, order = capture
        with pytest.raises(RequestReused):
            shop.perform(order, random_hash())

    @rule()
    def compare_books(self) -> None:
        with clock.at(self.now):
            self.shops[0].batch()

    @rule()
    def the_worker_comes(self) -> None:
        with clock.at(self.now):
            self.shops[0].round()

    @rule(cut=st.booleans(), loses_answers=st.booleans())
    def the_line_changes(self, cut: bool, loses_answers: bool) -> None:  # noqa: FBT001
        self.line.cut, self.line.loses_answers = cut, loses_answers

    @rule(wait=st.sampled_from([timedelta(seconds=1), timedelta(minutes=1), timedelta(days=4)]))
    def time_passes(self, wait: timedelta) -> None:
        self.now += wait

    @invariant()
    def rows_and_ledger_agree(self) -> None:
        assert run_all() == ()

    @invariant()
    def debits_equal_credits(self) -> None:
        kinds = {"cardholder": 1, "merchant_clearing": -1, "merchant_settlement": -1}
        assert not sum(kinds[kind] * amount.minor for kind, amount in trial_balance().items())

    def everything_comes_to_rest(self) -> None:
        """Once the issuer knows everything its accounts agree; and again when all holds expired."""
        self.line.cut = self.line.loses_answers = False
        for wait in (timedelta(), timedelta(days=8)):
            self.now += wait
            for _ in range(8):
                self.now += timedelta(minutes=10)
                with clock.at(self.now):
                    self.shops[0].round()
            assert not IssuerMessage.objects.filter(state="due").exists()
            assert not IssuerMessage.objects.exclude(kind="0100").filter(state="refused").exists()
            assert_books_agree(self.bank)
        assert not Authorization.objects.filter(state="approved").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_money_is_conserved_whatever_happens():
    run_state_machine_as_test(
        Gateway,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
