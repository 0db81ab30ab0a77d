"""Kill -9 anywhere in a card payment: both books agree afterwards, charged once or not at all."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import override_settings

from niaga.flows.money.commands import reconcile_books
from niaga.flows.money.models import Authorization, GatewayOperation, Reconciliation, Refund
from niaga.flows.money.reconciling import compare
from niaga.kernel.money import Money
from niaga.stages.ordering.commands.place_order import PlacedPurchase
from niaga.stages.ordering.commands.refund_order import refund_order
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.receiving import hear
from niaga.stages.ordering.refund_draft import RefundWish
from niaga.wallet.client import SETTLED, Card, Payment, Wallet
from niaga.wallet.transport import AnsweredError, UnreachableError
from tests.dying.apps import ASKING, TELLING
from tests.support.audit import assert_flows_agree, is_all_delivered
from tests.support.card_town import CardTown, running_town, wait_until
from tests.support.cards import payment_of, place_by_card
from tests.support.worlds import OPERATOR, make_company, make_goods, orders_of, ship_all

LOCAL_MAIL = "django.core.mail.backends.locmem.EmailBackend"
# Of the bank's points (each tested by itself in tests/gateway) those between it and the market.
BANK = (
    "after admitting",
    "after deciding",
    "before an operation commits",
    "after an operation",
    "after the issuer committed",
)
GIVING_BACK = (
    "after an operation's bytes are kept",
    "after the gateway did it",
    "before an operation commits",
    "after an operation",
)
PART = Money.of(10_000)


@pytest.fixture
def town(transactional_db: None, tmp_path: Path):
    with running_town(tmp_path) as found:
        yield found


@pytest.mark.slow
def test_wherever_somebody_dies_the_books_agree(
    town: CardTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = town.wallet()
    card = town.enrol(wallet)
    goods = make_goods(make_company(), stock=100)
    charged: list[Order] = []
    for point in (*ASKING, *TELLING, *BANK):
        placed = place_by_card((goods, 1))
        town.dies_at.write_text(point)
        paid = _pay(town, wallet, card, placed)
        if paid.state == "declined" and point in BANK:
            # Nobody waited for the issuer's answer any more: not charged at all.
            assert payment_of(placed).state == "pending"
            continue
        assert paid.state == "paid", point
        for order in orders_of(placed):
            ship_all(order)
        wait_until(lambda placed=placed: payment_of(placed).state == "confirmed")
        _somebody_dies(town, point)
        charged.append(orders_of(placed)[0])
    totals = [order.total_minor for order in charged]
    _give_parts_back(town, charged[0])
    given = PART.minor * len(GIVING_BACK)
    _both_books_agree(town, sum(totals), len(totals), given)
    monkeypatch.setattr(reconcile_books, "SETTLED_AFTER", timedelta(0))
    hear()  # the books are compared up to what the gateway has told
    assert compare("IDR") == 1
    rows = Reconciliation.objects.all()  # the worker's own, where the night falls meanwhile
    assert {row.state for row in rows} == {"agreed"}
    assert sum(row.agreed for row in rows) == len(totals) + len(GIVING_BACK)
    assert sum(row.settled_minor for row in rows) == sum(totals) - given


def _give_parts_back(town: CardTown, order: Order) -> None:
    """Refund an order in parts, each a credit of its own, while somebody dies over it."""
    for number, point in enumerate(GIVING_BACK, start=1):
        town.dies_at.write_text(point)
        wish = RefundWish("amount", {}, PART)
        refund_order(actor=OPERATOR, order_id=order.id, wish=wish, reason="scratched")
        wait_until(lambda number=number: Refund.objects.filter(state="sent").count() == number)
        _somebody_dies(town, point)


def _somebody_dies(town: CardTown, point: str) -> None:
    """See that somebody dies there; what is committed is seen a moment before the death."""
    wait_until(lambda: not town.dies_at.exists(), otherwise=f"nobody died {point}")


def _pay(town: CardTown, wallet: Wallet, card: Card, placed: PlacedPurchase) -> Payment:
    """Pay as a patient wallet does: sign once, then ask and resend until the end is known."""
    url = f"{town.url}/pay/{payment_of(placed).token}/"
    payment: Payment | None = None
    deadline = time.monotonic() + 240
    while payment is None or payment.state not in SETTLED:
        assert time.monotonic() < deadline, "the payment does not come to an end"
        try:
            if payment is None:
                payment = wallet.sign(url, wallet.fetch_offer(url, card), card)
                payment = wallet.send(payment)
            else:
                payment = wallet.settle(payment)
        except (UnreachableError, AnsweredError):
            pass
        time.sleep(0.3)
    return payment


def _both_books_agree(town: CardTown, total: int, payments: int, given: int) -> None:
    assert not GatewayOperation.objects.exclude(state="done").exists()
    approved = Authorization.objects.filter(state="approved")
    assert approved.count() == payments
    ours = {row.xid: row.captured_minor for row in approved}
    assert sum(ours.values()) == total
    theirs = dict(
        town.ask_bank(
            "SELECT xid, captured_minor FROM gateway_authorization WHERE captured_minor > 0"
        )
    )
    assert theirs == ours
    credited = town.ask_bank("SELECT xid, credited_minor FROM gateway_authorization")
    assert sum(minor for _, minor in credited) == given
    refunded = Refund.objects.filter(state="sent").values_list("amount_minor", flat=True)
    assert sum(refunded) == given
    held = town.ask_bank(
        "SELECT COUNT(*) FROM ledger_hold h LEFT JOIN ledger_holdend e ON e.hold_id = h.id"
        " WHERE e.hold_id IS NULL"
    )
    assert held == [(0,)]
    wait_until(is_all_delivered)
    time.sleep(1)
    with override_settings(MAILERS={"default": {"BACKEND": LOCAL_MAIL}}):
        assert_flows_agree()
