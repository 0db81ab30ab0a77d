"""Commission plans at the operator's door, and which of them a sale keeps."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime

from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.parties.models import Company
from niaga.plumbing.models import StoredEvent
from niaga.stages.ordering.models import OrderLine
from niaga.stages.sharing.models import CommissionPlan
from tests.support.audit import assert_flows_agree
from tests.support.buyers import browser
from tests.support.statements import count_statements
from tests.support.worlds import (
    Goods,
    make_basket,
    make_company,
    make_goods,
    make_person,
    pay,
    place,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Client:
    return browser(make_person(is_staff=True))


@pytest.fixture
def goods() -> Goods:
    return make_goods(make_company(), stock=50, price=100_000)


def local(days: float) -> str:
    return localtime(clock.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


def plan(office: Client, rate: object, **fields: object) -> int:
    said = {"name": "Plan", "rate": rate, "starts_at": local(-1), **fields}
    return office.post(reverse("office:plan_new"), said).status_code


def commission_of_a_sale(goods: Goods) -> Money:
    pay(place(make_basket((goods, 1))))
    line = OrderLine.objects.order_by("id").last()
    assert line is not None
    return Money(line.commission_minor)


def test_seller_before_tier_before_category_before_all(office: Client, goods: Goods) -> None:
    company, shelf = goods.product.seller_id, str(goods.product.category_id)
    assert commission_of_a_sale(goods) == Money.of(2_500)
    assert plan(office, 3) == 302
    assert commission_of_a_sale(goods) == Money.of(3_000)
    assert plan(office, 4, category=shelf) == 302
    assert commission_of_a_sale(goods) == Money.of(4_000)
    assert plan(office, 5, tier="trusted") == 302
    assert commission_of_a_sale(goods) == Money.of(4_000)
    address = reverse("office:company_tier", args=[company])
    assert office.post(address, {"tier": "nobility"}).status_code == 422
    assert office.post(address, {"tier": "trusted"}).status_code == 302
    assert Company.objects.get(pk=company).tier == "trusted"
    assert commission_of_a_sale(goods) == Money.of(5_000)
    assert plan(office, Decimal("1.25"), seller=str(company)) == 302
    assert commission_of_a_sale(goods) == Money.of(1_250)
    assert_flows_agree()


def test_what_was_sold_keeps_its_commission(office: Client, goods: Goods) -> None:
    assert plan(office, 4) == 302
    sold = commission_of_a_sale(goods)
    made = CommissionPlan.objects.get()
    address = reverse("office:plan_end", args=[made.id])
    assert office.get(address).status_code == 200
    assert office.post(address).status_code == 302
    assert OrderLine.objects.get().commission_minor == sold.minor
    assert commission_of_a_sale(goods) == Money.of(2_500)
    before = StoredEvent.objects.count()
    assert office.post(address).status_code == 422
    assert StoredEvent.objects.count() == before
    assert_flows_agree()


def test_a_plan_that_has_not_begun_holds_for_nobody(office: Client, goods: Goods) -> None:
    assert plan(office, 9, starts_at=local(2)) == 302
    assert commission_of_a_sale(goods) == Money.of(2_500)
    with clock.at(clock.now() + timedelta(days=3)):
        assert commission_of_a_sale(goods) == Money.of(9_000)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ({"fee": 1_000}, 4_000),
        ({"fee": 1_000, "most": 3_500}, 3_500),
        ({"least": 7_500}, 7_500),
        ({"least": 500, "most": 2_000}, 2_000),
        ({"fee": 999_999}, 100_000),  # never more than the line was sold for
    ],
)
def test_a_fixed_fee_and_caps_of_each_line_are_fixed_at_the_sale(
    said: dict[str, object], taken: int, office: Client, goods: Goods
) -> None:
    assert plan(office, 3, **said) == 302
    assert commission_of_a_sale(goods) == Money.of(taken)
    page = office.get(reverse("office:plans")).content.decode()
    for amount in said.values():
        assert f"Rp{amount:,}".replace(",", ".") in page
    assert_flows_agree()
    made = CommissionPlan.objects.get()
    assert office.post(reverse("office:plan_end", args=[made.id])).status_code == 302
    assert commission_of_a_sale(goods) == Money.of(2_500)
    assert OrderLine.objects.earliest("id").commission_minor == Money.of(taken).minor


@pytest.mark.parametrize(
    "wrong",
    [
        {"fee": -1},
        {"least": "1.5"},
        {"most": 0},
        {"least": 2_000, "most": 1_000},
        {"name": " "},
        {"rate": 51},
        {"rate": -1},
        {"rate": ""},
        {"seller": "x"},
        {"category": "x"},
        {"tier": "x"},
        {"starts_at": ""},
        {"ends_at": "2020-01-01T00:00"},
    ],
)
def test_a_plan_that_cannot_be_is_refused_and_kept_to_mend(
    wrong: dict[str, object], office: Client
) -> None:
    before = StoredEvent.objects.count()
    said = {"name": "Plan A", "rate": 4, "starts_at": local(0), **wrong}
    answer = office.post(reverse("office:plan_new"), said)
    assert answer.status_code == 422
    assert ('value="Plan A"' in answer.content.decode()) == ("name" not in wrong)
    assert not CommissionPlan.objects.exists()
    assert StoredEvent.objects.count() == before


def test_the_list_needs_as_many_statements_for_many(office: Client) -> None:
    address = reverse("office:plans")
    plan(office, 1)
    few = count_statements(office, address)
    for rate in range(2, 19):
        plan(office, rate)
    assert count_statements(office, address) == few <= 8
