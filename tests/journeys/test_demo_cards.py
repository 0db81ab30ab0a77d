"""The demo's card payments go through the real parties, once, and both books agree on them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from niaga.flows.money.models import Authorization, Refund
from niaga.parties.models import Address
from niaga.project.demo.load_cards import load_card_payments
from niaga.stages.ordering.models import Order
from tests.support.card_town import CardTown, running_town
from tests.support.worlds import make_company, make_goods, make_person

pytestmark = pytest.mark.slow


@pytest.fixture
def town(transactional_db: None, tmp_path: Path) -> Iterator[CardTown]:
    person = make_person()
    Address.objects.create(
        person=person, recipient="Dewi Lestari", phone="081298765432", street="Jl. Melati 5",
        village="Kemiri Muka", district="Beji", city="Kota Depok", province="Jawa Barat",
        postal_code="16423",
    )  # fmt: skip
    make_goods(make_company(), stock=50)
    with running_town(tmp_path) as found:
        yield found


def test_each_party_has_a_past_of_its_own(town: CardTown) -> None:
    load_card_payments()
    load_card_payments()
    states = Authorization.objects.order_by("offered_at").values_list("state", flat=True)
    assert list(states) == ["approved", "approved", "declined", "approved"]
    orders = Order.objects.order_by("placed_at")
    assert [order.state for order in orders] == ["delivered", "cancelled", "confirmed"]
    assert Refund.objects.get().state == "sent"
    totals = [order.total_minor for order in orders]
    rows = town.ask_bank(
        "SELECT state, captured_minor, credited_minor FROM gateway_authorization"
        " ORDER BY admitted_at"
    )
    assert rows == [
        ("captured", totals[0], 0),
        ("captured", totals[1], totals[1]),
        ("declined", 0, 0),
        ("approved", 0, 0),
    ]
