"""A state machine over payouts in four currencies: nobody is paid more than it is owed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from niaga.flows.money.audit import CHECKS
from niaga.flows.money.commands.capture_payment import OrderShare, PartShare, capture_shares
from niaga.flows.money.commands.give_back import RefundOrder, give_back
from niaga.flows.money.commands.keep_payout_schedule import choose_payout_schedule
from niaga.flows.money.commands.release_escrow import release_escrow
from niaga.flows.money.commands.settle_payout import confirm_payout, return_payout
from niaga.flows.money.models import Payment, Payout, PayoutBatch
from niaga.flows.money.paying_out import run_payouts
from niaga.flows.money.payout_schedule import run_scheduled_payouts
from niaga.flows.money.states import PayoutEvery
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import CURRENCIES, Money
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance, trial_balance
from niaga.parties.models import Company
from niaga.plumbing.states import TransitionRefused
from tests.properties.test_order_machine import may_be_refused
from tests.support.worlds import OPERATOR, make_company

CODES = sorted(CURRENCIES)
DEBITS = {"bank", "cod_cash", "voucher_expense"}


class Treasury(RuleBasedStateMachine):
    """Three sellers; each order has two parts, in one of four currencies."""

    orders = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()
        self.sellers = [make_company().id for _ in range(3)]
        self.hours = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    def now(self) -> Any:
        return clock.now() + timedelta(hours=self.hours)

    @rule(
        target=orders,
        seller=st.integers(0, 2),
        code=st.sampled_from(CODES),
        amounts=st.lists(st.integers(1, 10**7), min_size=2, max_size=2),
        commission_bp=st.integers(0, 5000),
        where=st.sampled_from(["bank", "bank", "cod_cash"]),
    )
    def an_order_is_paid(
        self, seller: int, code: str, amounts: list[int], commission_bp: int, where: Any
    ) -> Any:
        order_id = new_id()
        parts = tuple(
            PartShare(
                about_id=about_id,
                paid=Money(minor, code),
                subsidy=Money.zero(code),
                commission=Money(minor * commission_bp // 10_000, code),
            )
            for about_id, minor in zip((order_id, new_id()), amounts, strict=True)
        )
        payment = Payment.objects.create(
            cause_id=order_id, method="bank_transfer", amount_minor=sum(amounts), currency=code
        )
        share = OrderShare(order_id, self.sellers[seller], parts)
        capture_shares(payment_id=payment.id, shares=(share,), received_in=where)
        return payment.id, share

    @rule(order=orders)
    def release(self, order: Any) -> None:
        with may_be_refused():
            release_escrow(cause_id=order[1].order_id, currency=order[1].currency)

    @rule(order=orders, minor=st.integers(1, 10**7))
    def refund(self, order: Any, minor: int) -> None:
        payment_id, share = order
        wish = RefundOrder(
            cause_id=share.order_id, payment_id=payment_id, currency=share.currency,
            amounts={share.parts[0].about_id: Money(minor, share.currency)},
            quantities={}, ending=frozenset(), reason="",
        )  # fmt: skip
        with may_be_refused():
            give_back(order=wish)

    @rule(code=st.sampled_from(CODES))
    def pay_everyone(self, code: str) -> None:
        with self.nobody_gets_more_than_it_is_owed(), may_be_refused():
            run_payouts(actor=OPERATOR, currency=code)

    @rule(hours=st.integers(1, 24 * 9))
    def time_passes(self, hours: int) -> None:
        self.hours += hours
        with clock.at(self.now()), self.nobody_gets_more_than_it_is_owed():
            run_scheduled_payouts(Actor.system())
            assert run_scheduled_payouts(Actor.system()) == ()

    @rule(seller=st.integers(0, 2), every=st.sampled_from(PayoutEvery), least=st.integers(0, 10**7))
    def choose(self, seller: int, every: PayoutEvery, least: int) -> None:
        choose_payout_schedule(seller_id=self.sellers[seller], every=every, least=Money(least))

    @rule(seller=st.integers(0, 2), number=st.integers(10**6, 10**7))
    def move_to_another_bank_account(self, seller: int, number: int) -> None:
        Company.objects.filter(pk=self.sellers[seller]).update(bank_account=str(number))

    @rule(data=st.data(), word=st.sampled_from(["paid", "returned"]))
    def the_bank_speaks(self, data: Any, word: str) -> None:
        payouts = list(Payout.objects.order_by("batch__number", "id"))
        if not payouts:
            return
        payout = data.draw(st.sampled_from(payouts))
        with may_be_refused():
            if word == "returned":
                return_payout(actor=OPERATOR, payout_id=payout.id, reason="AC04")
            else:
                confirm_payout(actor=OPERATOR, payout_id=payout.id)

    def owed(self) -> dict[tuple[Any, str], int]:
        return {
            (seller, code): balance(AccountKey("seller_payable", seller), code).minor
            for seller in self.sellers
            for code in CODES
        }

    @contextmanager
    def nobody_gets_more_than_it_is_owed(self) -> Iterator[None]:
        """Compare what a run pays with what the ledger said before it."""
        before, known = self.owed(), set(Payout.objects.values_list("id", flat=True))
        yield
        after = self.owed()
        for payout in Payout.objects.exclude(id__in=known):
            key = payout.seller_id, payout.currency
            assert 0 < payout.amount_minor <= before[key]
            # Whoever is paid is paid whole: what is left is nothing.
            assert after[key] == 0

    @invariant()
    def books_and_rows_agree(self) -> None:
        assert [violation for check in CHECKS for violation in check.run()] == []

    @invariant()
    def debits_equal_credits_in_each_currency(self) -> None:
        for code in CODES:
            sums = trial_balance(code).items()
            assert sum(m.minor * (1 if kind in DEBITS else -1) for kind, m in sums) == 0

    @invariant()
    def a_bank_file_has_one_currency(self) -> None:
        for batch in PayoutBatch.objects.prefetch_related("payouts"):
            assert {payout.currency for payout in batch.payouts.all()} == {batch.currency}


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_nobody_is_paid_more_than_it_is_owed() -> None:
    run_state_machine_as_test(
        Treasury,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_a_payout_ends_once() -> None:
    seller = make_company().id
    order_id = new_id()
    part = PartShare(order_id, Money.of(5), Money.zero(), Money.zero())
    payment = Payment.objects.create(
        cause_id=order_id, method="bank_transfer", amount_minor=500, currency="IDR"
    )
    share = OrderShare(order_id, seller, (part,))
    capture_shares(payment_id=payment.id, shares=(share,), received_in="bank")
    release_escrow(cause_id=order_id, currency="IDR")
    run_payouts(actor=OPERATOR)
    [payout] = Payout.objects.all()
    return_payout(actor=OPERATOR, payout_id=payout.id, reason="AC04")
    for act in (
        lambda: return_payout(actor=OPERATOR, payout_id=payout.id, reason="AC04"),
        lambda: confirm_payout(actor=OPERATOR, payout_id=payout.id),
    ):
        with pytest.raises(TransitionRefused):
            act()
    assert balance(AccountKey("seller_payable", seller)) == Money.of(5)
    assert balance(AccountKey("payout_in_transit")) == Money.zero()
