"""Placing: one payment, one order a seller, everything or nothing, once."""

from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from niaga.flows.goods.commands import allot_stock as allotting
from niaga.flows.goods.commands.book_slot import SlotFull
from niaga.flows.goods.commands.change_stock import receive_stock
from niaga.flows.goods.commands.reserve_stock import StockExhausted
from niaga.flows.goods.models import Location, Reservation, Slot, StockLevel
from niaga.flows.money.commands.open_payment import MethodUnknown
from niaga.flows.money.methods import methods_on_offer
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.plumbing import once as idempotency
from niaga.plumbing import outbox
from niaga.plumbing.once import KeyReused
from niaga.project.audit import run_audit
from niaga.stages.ordering.commands import place_order as placing
from niaga.stages.ordering.commands.place_order import (
    AddressMissing,
    DeliveryUnavailable,
    MethodNotForThis,
    TotalChanged,
)
from niaga.stages.ordering.drafting import BasketEmpty, NotOnSale, VoucherRefused
from niaga.stages.ordering.models import Purchase
from niaga.stages.sharing.models import BasketLine, Offer, Voucher
from tests.support.worlds import (
    ADDRESS,
    make_basket,
    make_company,
    make_goods,
    make_slot,
    make_voucher,
    orders_of,
    place,
)

pytestmark = pytest.mark.django_db


def rows() -> dict[str, int]:
    """Every table's rows, and what placing only changes."""
    return {model._meta.db_table: model._default_manager.count() for model in apps.get_models()} | {
        "reserved": sum(StockLevel.objects.values_list("reserved", flat=True)),
        "booked": sum(Slot.objects.values_list("booked", flat=True)),
        "uses": sum(Voucher.objects.values_list("uses", flat=True)),
    }


def refused(refusal, basket, **changes):
    before = rows()
    with pytest.raises(refusal) as caught:
        place(basket, **changes)
    assert rows() == before
    return caught.value


def test_two_sellers_make_two_orders_and_one_payment():
    taxed, untaxed = make_company(taxable=True), make_company(taxable=False)
    mug, cup = make_goods(taxed, price=111_000, stock=5), make_goods(untaxed, price=50_000, stock=5)
    placed = place(make_basket((mug, 2), (cup, 1)))

    purchase = Purchase.objects.get(pk=placed.purchase_id)
    assert purchase.total_minor == Money.of(222_000 + 15_000 + 50_000 + 15_000).minor
    assert purchase.payment.amount_minor == purchase.total_minor
    assert purchase.payment.account_number.startswith("8808")
    by_seller = {order.seller_id: order for order in orders_of(placed)}
    assert by_seller[taxed.id].tax_minor == Money.of(22_000 + 1_486).minor
    assert by_seller[untaxed.id].tax_minor == 0
    assert by_seller[taxed.id].commission_minor == Money.of(5_550).minor
    assert {level.sku_id: level.reserved for level in StockLevel.objects.all()} == {
        mug.variant.id: 2,
        cup.variant.id: 1,
    }
    assert not BasketLine.objects.exists()
    assert run_audit() == ()


def test_placing_takes_few_statements_however_many_lines():
    sellers = [make_company() for _ in range(2)]
    counts = []
    for lines in (2, 20):
        goods = [(make_goods(sellers[n % 2]), 1) for n in range(lines)]
        basket = make_basket(*goods)
        with CaptureQueriesContext(connection) as captured:
            place(basket, expected_total_minor=_total(goods))
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 8


def _total(goods):
    return Money.of(100_000 * len(goods) + 2 * 15_000).minor


def test_the_same_key_and_body_place_once_and_another_body_is_refused():
    goods = make_goods(make_company(), stock=5)
    basket = make_basket((goods, 1))
    total = Money.of(115_000).minor
    first = place(basket, key="k", expected_total_minor=total)
    BasketLine.objects.create(basket_id=basket, variant=goods.variant, quantity=1)
    assert place(basket, key="k", expected_total_minor=total) == first
    before = rows()
    with pytest.raises(KeyReused):
        place(basket, key="k", expected_total_minor=total, name="Somebody else")
    assert rows() == before
    assert Purchase.objects.count() == 1


def test_too_little_stock_refuses_everything_and_names_what_is_left():
    company = make_company()
    plenty, scarce = make_goods(company, stock=10), make_goods(company, stock=2)
    refusal = refused(StockExhausted, make_basket((plenty, 1), (scarce, 3)))
    assert refusal.shortages == ((scarce.variant.id, 3, 2),)


def test_the_last_unit_of_several_places_can_be_bought_together():
    goods = make_goods(make_company(), stock=2)
    shop = Location.objects.create(
        seller_id=goods.product.seller_id,
        name="Toko",
        city="Kota Solo",
        province="Jawa Tengah",
        postal_code="57111",
        priority=2,
    )
    receive_stock(
        actor=Actor("seller", seller_id=goods.product.seller_id),
        seller_id=goods.product.seller_id,
        sku_id=goods.variant.id,
        location_id=shop.id,
        quantity=1,
        reason="",
    )
    place(make_basket((goods, 3)))
    assert sorted(Reservation.objects.values_list("quantity", flat=True)) == [1, 2]
    assert run_audit() == ()


def test_a_full_slot_refuses():
    service = make_goods(make_company(), kind="service")
    slot = make_slot(service, capacity=1)
    place(make_basket((service, 1), slots={service.variant.id: slot}))
    refusal = refused(SlotFull, make_basket((service, 1), slots={service.variant.id: slot}))
    assert refusal.slot_id == slot.id
    assert run_audit() == ()


def test_a_price_that_rose_since_the_buyer_looked_is_shown_first():
    goods = make_goods(make_company(), price=100_000)
    basket = make_basket((goods, 1))
    Offer.objects.update(price_minor=Money.of(120_000).minor)
    refusal = refused(TotalChanged, basket, expected_total_minor=Money.of(115_000).minor)
    assert refusal.total_minor == Money.of(135_000).minor


@pytest.mark.parametrize("field", ["recipient", "street", "city", "postal_code"])
def test_goods_need_a_whole_address(field):
    goods = make_goods(make_company())
    refusal = refused(AddressMissing, make_basket((goods, 1)), address=ADDRESS | {field: " "})
    assert refusal.field == field


def test_digital_goods_need_no_address():
    digital = make_goods(make_company(), kind="digital")
    placed = place(make_basket((digital, 1)), address={"province": ""})
    assert Purchase.objects.get(pk=placed.purchase_id).street == ""


def test_other_refusals_have_no_side_effect():
    company = make_company()
    goods, digital = make_goods(company), make_goods(company, kind="digital")
    refused(MethodUnknown, make_basket((goods, 1)), method="gold")
    refused(MethodNotForThis, make_basket((goods, 1), (digital, 1)), method="cash_on_delivery")
    refused(DeliveryUnavailable, make_basket((goods, 1)), deliveries={str(company.id): "by-pigeon"})
    with pytest.raises(BasketEmpty):
        place(UUID(int=0))
    goods.product.state = "hidden"
    goods.product.save()
    with pytest.raises(NotOnSale):
        place(make_basket((goods, 1)))


class TestVouchers:
    def test_a_market_voucher_is_shared_over_sellers_to_the_rupiah_and_borne_by_the_market(self):
        one, other = make_company(), make_company()
        basket = make_basket(
            (make_goods(one, price=100_000), 1), (make_goods(other, price=50_000), 1)
        )
        make_voucher("HEMAT10", percent_bp=1000)
        placed = place(basket, voucher="hemat10")
        discounts = sorted(order.discount_minor for order in orders_of(placed))
        assert discounts == [Money.of(5_000).minor, Money.of(10_000).minor]
        assert all(order.subsidy_minor == order.discount_minor for order in orders_of(placed))
        assert Voucher.objects.get().uses == 1
        assert run_audit() == ()

    def test_a_sellers_voucher_counts_on_its_own_lines_only(self):
        one, other = make_company(), make_company()
        basket = make_basket(
            (make_goods(one, price=100_000), 1), (make_goods(other, price=50_000), 1)
        )
        make_voucher("TOKO", amount=20_000, seller=one)
        orders = {order.seller_id: order for order in orders_of(place(basket, voucher="TOKO"))}
        assert orders[one.id].discount_minor == Money.of(20_000).minor
        assert orders[one.id].subsidy_minor == 0
        assert orders[other.id].discount_minor == 0

    @pytest.mark.parametrize(
        ("changes", "rule"),
        [
            ({"days": (1, 2)}, "not_yet"),
            ({"days": (-2, -1)}, "over"),
            ({"uses_limit": 0}, "used_up"),
            ({"spend_from": 1_000_000}, "spend_more"),
        ],
    )
    def test_a_voucher_that_does_not_apply_says_why(self, changes, rule):
        basket = make_basket((make_goods(make_company()), 1))
        make_voucher("NANTI", **changes)
        assert refused(VoucherRefused, basket, voucher="NANTI").rule == rule

    def test_an_unknown_voucher_is_refused(self):
        basket = make_basket((make_goods(make_company()), 1))
        assert refused(VoucherRefused, basket, voucher="TIDAK").rule == "unknown"

    def test_a_voucher_never_makes_a_price_negative(self):
        digital = make_goods(make_company(), price=10_000, kind="digital")
        make_voucher("BESAR", amount=50_000)
        placed = place(make_basket((digital, 1)), voucher="BESAR", address={"province": ""})
        order = orders_of(placed)[0]
        assert order.total_minor == 0
        assert order.state == "delivered"
        assert run_audit() == ()


STEPS = [
    (placing, "draft_purchase"),
    (placing, "open_payment"),
    (placing, "new_reference"),
    (placing, "_write_purchase"),
    (placing, "_write_orders"),
    (placing, "_use_voucher"),
    (placing, "_record"),
    (placing, "hold_slots"),
    (placing, "reserve_stock"),
    (allotting, "change_reserved"),
    (outbox, "flush"),
    (idempotency, "asdict"),
]


@pytest.mark.parametrize(("room", "step"), STEPS, ids=[step for _, step in STEPS])
@pytest.mark.parametrize("when", ["before", "after"])
def test_each_step_of_placing_may_fail_and_leaves_nothing(monkeypatch, room, step, when):
    company = make_company()
    service = make_goods(company, kind="service")
    slot = make_slot(service)
    make_voucher("HEMAT10", percent_bp=1000)
    basket = make_basket((make_goods(company), 1), (service, 1), slots={service.variant.id: slot})
    total = Money.of(180_000 + 15_000).minor
    real = getattr(room, step)

    def failing(*args, **kwargs):
        if when == "after":
            real(*args, **kwargs)
        raise OSError("the lights went out")

    monkeypatch.setattr(room, step, failing)
    before = rows()
    with pytest.raises(OSError, match="lights"):
        place(basket, voucher="HEMAT10", expected_total_minor=total, key="k")
    assert rows() == before
    monkeypatch.undo()
    place(basket, voucher="HEMAT10", expected_total_minor=total, key="k")
    assert run_audit() == ()


def test_without_a_gateway_transfers_are_read_from_the_banks_file():
    assert [m.code for m in methods_on_offer()] == ["bank_transfer", "cash_on_delivery"]
