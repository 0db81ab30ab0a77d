"""The demo's orders: every state is there, dates are believable, and the flows agree."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.conf import settings as django_settings

from niaga.flows.documents.models import Document
from niaga.flows.goods.models import Booking, DownloadGrant
from niaga.flows.goods.states import BookingState
from niaga.flows.money.models import Payment, Refund
from niaga.flows.money.states import PaymentState, RefundState
from niaga.kernel import clock
from niaga.plumbing.models import StoredEvent
from niaga.project.audit import run_audit
from niaga.project.demo.content import market
from niaga.project.demo.load_catalogue import load_catalogue
from niaga.project.demo.load_orders import load_orders, load_vouchers
from niaga.project.demo.load_states import load_every_state
from niaga.project.demo.shopping import shoppers
from niaga.stages.aftersales.models import Complaint, Return, Review
from niaga.stages.aftersales.states import ComplaintState
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.states import OrderState
from niaga.stages.sharing.models import Quotation

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def silent(what: str, done: int, total: int) -> None:
    assert done <= total


@pytest.fixture(autouse=True)
def catalogue(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = django_settings.STORAGES | {
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    load_catalogue(silent)


def states(model: Any) -> set[str]:
    return set(model.objects.values_list("state", flat=True))


def test_one_buyer_has_orders_in_every_state() -> None:
    load_vouchers()
    load_every_state(Random(1), shoppers()[:1], silent)

    assert states(Order) == set(OrderState)
    assert states(Payment) == {
        PaymentState.PENDING,
        PaymentState.CONFIRMED,
        PaymentState.EXPIRED,
        PaymentState.CANCELLED,
    }
    assert states(Complaint) == set(ComplaintState)
    assert states(Refund) == set(RefundState)
    assert states(Booking) >= {BookingState.CONFIRMED, BookingState.PERFORMED}
    assert {grant.downloads_left for grant in DownloadGrant.objects.all()} == {4}
    assert run_audit() == ()


def test_the_past_is_past_and_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    some = market.reviews()[:6]
    monkeypatch.setattr(market, "reviews", lambda: some)

    load_orders(silent)

    assert run_audit() == ()
    assert Review.objects.count() == len(some)
    assert {(r.author, r.title) for r in Review.objects.all()} == {
        (said.author, said.title) for said in some
    }
    assert not StoredEvent.objects.filter(occurred_at__gt=clock.now()).exists()
    for order in Order.objects.exclude(completed_at=None):
        # Cash on delivery is confirmed as it is placed.
        assert order.placed_at <= order.confirmed_at < order.completed_at
    kinds = set(Document.objects.values_list("kind", flat=True))
    assert kinds == {
        "pro_forma",
        "order_confirmation",
        "delivery_note",
        "invoice",
        "receipt",
        "credit_note",
        "commission_invoice",
        "payout_advice",
        "quotation",
        "return_slip",
    }
    assert {back.state for back in Return.objects.all()} == {"agreed", "received"}
    assert {asked.state for asked in Quotation.objects.all()} == {"asked", "offered"}
