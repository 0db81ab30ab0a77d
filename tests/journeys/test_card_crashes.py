"""Kill -9 anywhere in a card payment: both books agree afterwards, charged once or not at all."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import override_settings

from niaga.flows.money.commands import reconcile_books
from niaga.flows.money.models import Authorization, GatewayOperation, Reconciliation
from niaga.flows.money.reconciling import compare
from niaga.plumbing.models import Delivery
from niaga.stages.ordering.commands.place_order import PlacedPurchase
from niaga.stages.ordering.receiving import hear
from niaga.wallet.client import SETTLED, Card, Payment, Wallet
from niaga.wallet.transport import AnsweredError, UnreachableError
from tests.dying.apps import ASKING, TELLING
from tests.support.audit import assert_flows_agree
from tests.support.card_town import CardTown, running_town, wait_until
from tests.support.cards import payment_of, place_by_card
from tests.support.worlds import make_company, make_goods, orders_of, ship_all

LOCAL_MAIL = "django.core.mail.backends.locmem.EmailBackend"
# Of the bank's points (each tested by itself in tests/gateway) those between it and the market.
BANK = (
    "after admitting",
    "after deciding",
    "before an operation commits",
    "after an operation",
    "after the issuer committed",
)


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
    totals = []
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
        assert not town.dies_at.exists(), f"nobody died {point}"
        totals.append(payment_of(placed).amount_minor)
    _both_books_agree(town, sum(totals), len(totals))
    monkeypatch.setattr(reconcile_books, "SETTLED_AFTER", timedelta(0))
    hear()  # the books are compared up to what the gateway has told
    assert compare("IDR") == 1
    row = Reconciliation.objects.get()
    assert (row.state, row.agreed, row.settled_minor) == ("agreed", len(totals), sum(totals))


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


def _both_books_agree(town: CardTown, total: int, payments: int) -> None:
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
    held = town.ask_bank(
        "SELECT COUNT(*) FROM ledger_hold h LEFT JOIN ledger_holdend e ON e.hold_id = h.id"
        " WHERE e.hold_id IS NULL"
    )
    assert held == [(0,)]
    wait_until(lambda: not Delivery.objects.filter(state="due").exists())
    time.sleep(1)
    with override_settings(MAILERS={"default": {"BACKEND": LOCAL_MAIL}}):
        assert_flows_agree()
