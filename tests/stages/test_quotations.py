"""Quotations: asked, offered in writing, and taken once, at the quoted price and no other."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import localdate

from niaga.flows.documents.models import Document
from niaga.flows.information.models import Mail
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.parties.models import Person
from niaga.plumbing.models import StoredEvent
from niaga.plumbing.states import TransitionRefused
from niaga.stages.ordering.commands.place_order import TotalChanged
from niaga.stages.ordering.models import Order
from niaga.stages.sharing.commands.answer_quotation import (
    QuotationDayInvalid,
    QuotationUnknown,
    QuotedPriceInvalid,
    decline_quotation,
    offer_quotation,
)
from niaga.stages.sharing.commands.ask_quotation import (
    NothingToQuote,
    QuotationUnderWay,
    ask_quotation,
)
from niaga.stages.sharing.commands.take_quotation import QuotationOver, take_quotation
from niaga.stages.sharing.models import Basket, BasketLine, Quotation, QuotationLine
from niaga.stages.sharing.queries import basket_view
from tests.support.audit import assert_flows_agree
from tests.support.worlds import (
    Goods,
    make_company,
    make_goods,
    make_person,
    make_slot,
    orders_of,
    pay,
    place,
)

pytestmark = pytest.mark.django_db
USUAL, QUOTED = 100_000_00, 80_000_00


@dataclass(frozen=True, slots=True)
class Deal:
    """A buyer with ten of one thing in the basket."""

    person: Person
    goods: Goods
    basket: Basket

    @property
    def buyer(self) -> Actor:
        return Actor("buyer", self.person.id)

    @property
    def seller(self) -> Actor:
        return Actor("seller", seller_id=self.goods.product.seller_id)

    def ask(self) -> Quotation:
        seller_id = self.goods.product.seller_id
        quotation_id = ask_quotation(actor=self.buyer, seller_id=seller_id, note="For our shop.")
        return Quotation.objects.get(pk=quotation_id)

    def offer(self, price: int = QUOTED, *, days: int = 14) -> Quotation:
        quotation = self.ask()
        prices = {line.id: price for line in quotation.lines.all()}
        offer_quotation(
            actor=self.seller,
            quotation_id=quotation.id,
            prices=prices,
            until=localdate() + timedelta(days=days),
            words="Gladly.",
        )
        return Quotation.objects.get(pk=quotation.id)

    def take(self, quotation: Quotation) -> None:
        take_quotation(actor=self.buyer, quotation_id=quotation.id)

    def order(self, **how: object) -> Order:
        placed = place(self.basket.id, actor=self.buyer, **how)  # type: ignore[arg-type]
        return orders_of(placed)[0]


@pytest.fixture
def deal() -> Deal:
    person, goods = make_person(), make_goods(make_company(), price=100_000, stock=99)
    basket = Basket.objects.create(id=new_id(), person=person)
    BasketLine.objects.create(id=new_id(), basket=basket, variant=goods.variant, quantity=10)
    return Deal(person, goods, basket)


def line_of(deal: Deal) -> tuple[int, int]:
    """Return the basket's price as it is shown, and its quantity."""
    [seller] = basket_view(deal.basket.id, "id").sellers
    [line] = seller.lines
    assert line.unit_price is not None
    return line.unit_price.minor, line.quantity


def test_an_offer_is_a_document_and_two_mails(deal: Deal) -> None:
    quotation = deal.offer()
    assert_flows_agree()
    paper = Document.objects.get(kind="quotation")
    assert (paper.about_id, paper.cause_id) == (quotation.id, quotation.id)
    assert paper.seller_id == deal.goods.product.seller_id
    assert paper.number.startswith("PH/")
    [line] = paper.content["lines"]
    assert (line["quantity"], line["unit_price_minor"]) == (10, QUOTED)
    totals = paper.content["totals"]
    assert totals["grand_total_minor"] == paper.total_minor == 10 * QUOTED
    assert totals["tax_base_minor"] + totals["tax_minor"] == 10 * QUOTED
    assert totals["tax_minor"] > 0
    assert "Gladly." in paper.content["notes"]
    assert paper.content["buyer"]["email"] == deal.person.email
    mails = set(Mail.objects.values_list("template", "to"))
    assert ("quotation", deal.person.email) in mails
    assert "quotation_asked" in {template for template, _ in mails}


def test_it_is_ordered_at_the_quoted_price_once(deal: Deal) -> None:
    quotation = deal.offer()
    assert line_of(deal) == (USUAL, 10)  # offered is not taken
    deal.take(quotation)
    deal.take(quotation)
    assert line_of(deal) == (QUOTED, 10)
    order = deal.order()
    assert (order.items_minor, order.lines.get().unit_price_minor) == (10 * QUOTED, QUOTED)
    assert QuotationLine.objects.get().order_id == order.id
    with pytest.raises(QuotationOver):
        deal.take(quotation)
    assert not deal.basket.lines.exists()
    BasketLine.objects.create(
        id=new_id(),
        basket=deal.basket,
        variant=deal.goods.variant,
        quantity=10,
        quoted=QuotationLine.objects.get(),
    )
    assert line_of(deal) == (USUAL, 10)
    assert deal.order().items_minor == 10 * USUAL
    assert_flows_agree()


def test_two_who_place_at_one_quoted_price_do_not_both_get_it(deal: Deal) -> None:
    deal.take(deal.offer())
    line = QuotationLine.objects.get()
    before = Order.objects.count()

    def taken_meanwhile(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if "INSERT INTO" in sql and "ordering_order" in sql:
            context["connection"].connection.execute(
                "UPDATE sharing_quotationline SET order_id = %s", [new_id()]
            )
        return execute(sql, params, many, context)

    with connection.execute_wrapper(taken_meanwhile), pytest.raises(AssertionError):
        deal.order()
    assert Order.objects.count() == before
    assert line.quotation.state == "offered"


@pytest.mark.parametrize("quantity", [1, 9, 11])
def test_another_quantity_has_the_usual_price(deal: Deal, quantity: int) -> None:
    deal.take(deal.offer())
    deal.basket.lines.update(quantity=quantity)
    assert line_of(deal) == (USUAL, quantity)
    order = deal.order()
    assert order.items_minor == quantity * USUAL
    assert QuotationLine.objects.get().order_id is None


def test_a_price_ends_with_its_day(deal: Deal, monkeypatch: pytest.MonkeyPatch) -> None:
    quotation = deal.offer(days=1)
    deal.take(quotation)
    assert quotation.valid_until is not None
    shown = 10 * QUOTED
    with monkeypatch.context() as later:
        later.setattr(clock, "now", lambda: quotation.valid_until)
        assert line_of(deal) == (USUAL, 10)
        with pytest.raises(QuotationOver):
            deal.take(quotation)
        with pytest.raises(TotalChanged):
            deal.order(expected_total_minor=shown)
    assert not Order.objects.exists()
    assert line_of(deal) == (QUOTED, 10)


def test_a_declined_price_is_gone(deal: Deal) -> None:
    quotation = deal.offer()
    deal.take(quotation)
    decline_quotation(actor=deal.seller, quotation_id=quotation.id, words="Sold out.")
    assert line_of(deal) == (USUAL, 10)
    with pytest.raises(QuotationOver):
        deal.take(quotation)
    assert_flows_agree()
    assert Mail.objects.filter(template="no_quotation", to=deal.person.email).exists()
    with pytest.raises(TransitionRefused):
        decline_quotation(actor=deal.buyer, quotation_id=quotation.id, words="")


def test_a_lower_price_of_the_shop_does_not_change_what_was_quoted(deal: Deal) -> None:
    deal.take(deal.offer())
    deal.goods.variant.offer.price_minor = QUOTED * 2
    deal.goods.variant.offer.save()
    assert deal.order().items_minor == 10 * QUOTED


def test_refusals_leave_no_trace(deal: Deal) -> None:
    stranger = make_person()
    quotation = deal.ask()
    line = quotation.lines.get()
    today = localdate()
    events = StoredEvent.objects.count()

    def offer(actor: Actor, price: int | None, days: int) -> None:
        offer_quotation(
            actor=actor,
            quotation_id=quotation.id,
            prices={} if price is None else {line.id: price},
            until=today + timedelta(days=days),
            words="",
        )

    with pytest.raises(QuotationUnderWay):
        deal.ask()
    for price in (None, 0, -100, 150, 10**14):
        with pytest.raises(QuotedPriceInvalid):
            offer(deal.seller, price, 1)
    for days in (-1, 181):
        with pytest.raises(QuotationDayInvalid):
            offer(deal.seller, QUOTED, days)
    other = Actor("seller", seller_id=make_company().id)
    with pytest.raises(QuotationUnknown):
        offer(other, QUOTED, 1)
    with pytest.raises(QuotationUnknown):
        decline_quotation(actor=Actor("buyer", stranger.id), quotation_id=quotation.id, words="")
    with pytest.raises(QuotationOver):
        deal.take(quotation)
    quotation.refresh_from_db()
    assert quotation.state == "asked"
    assert quotation.lines.get().price_minor is None
    offer(deal.seller, QUOTED, 0)
    with pytest.raises(TransitionRefused):
        offer(deal.seller, USUAL, 1)
    with pytest.raises(QuotationUnknown):
        take_quotation(actor=Actor("buyer", stranger.id), quotation_id=quotation.id)
    assert QuotationLine.objects.get().price_minor == QUOTED
    assert StoredEvent.objects.filter(type__startswith="Quotation").count() == 2
    assert StoredEvent.objects.count() > events
    assert not Basket.objects.filter(person=stranger).exists()


def test_services_and_others_goods_are_not_quoted(deal: Deal) -> None:
    service = make_goods(make_company(), kind="service")
    BasketLine.objects.create(
        id=new_id(),
        basket=deal.basket,
        variant=service.variant,
        quantity=1,
        slot=make_slot(service),
    )
    for seller_id in (service.product.seller_id, make_company().id):
        with pytest.raises(NothingToQuote):
            ask_quotation(actor=deal.buyer, seller_id=seller_id, note="")
    assert not Quotation.objects.exists()
    assert deal.ask().lines.get().variant_id == deal.goods.variant.id


def test_a_paid_quotation_is_a_whole_order(deal: Deal) -> None:
    deal.take(deal.offer())
    placed = place(deal.basket.id, actor=deal.buyer)
    pay(placed)
    assert_flows_agree()
    invoice = Document.objects.get(kind="invoice")
    assert invoice.content["lines"][0]["unit_price_minor"] == QUOTED
