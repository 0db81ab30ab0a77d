"""Fills the market with a past: purchases through the same commands as real ones.

Each step runs at its own instant in the past, and its events are delivered at that instant, so
that documents and timelines carry believable dates. Mails and PDFs are left to the worker.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from niaga.flows.goods.commands.book_slot import open_slots
from niaga.flows.goods.models import Slot
from niaga.flows.goods.queries import available_stock
from niaga.flows.goods.states import ShipmentState
from niaga.flows.information.models import Product, Variant
from niaga.flows.money.bank_file import ReceiptLine
from niaga.flows.money.commands.run_payouts import NothingToPayOut, confirm_payout, run_payouts
from niaga.flows.money.models import Payout
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.parties.commands.register_company import CompanyDetails, register_company
from niaga.parties.models import Address, Company, Person
from niaga.plumbing.once import once
from niaga.plumbing.relay import relay
from niaga.project.demo.accounts import BUYER, LOGINS, PASSWORD
from niaga.project.demo.content import market
from niaga.project.demo.content import schema as content
from niaga.project.demo.load_catalogue import Progress
from niaga.stages.aftersales.commands.complain import answer_complaint, open_complaint
from niaga.stages.aftersales.commands.write_review import write_review
from niaga.stages.ordering.commands.cancel_order import (
    cancel_order,
    cancel_purchase,
    expire_purchase,
)
from niaga.stages.ordering.commands.complete_order import complete_order
from niaga.stages.ordering.commands.confirm_order import confirm_purchase_payment
from niaga.stages.ordering.commands.place_order import PlacedPurchase, place_order
from niaga.stages.ordering.commands.ship_order import (
    perform_service,
    ship_order,
    track_shipment,
)
from niaga.stages.ordering.commands.take_bank_receipt import take_bank_receipt
from niaga.stages.ordering.drafting import draft_purchase
from niaga.stages.ordering.models import Order, OrderLine
from niaga.stages.sharing.models import Basket, BasketLine, Voucher

CARRIERS = ("JNE", "SiCepat", "J&T Express", "Anteraja", "Pos Indonesia")
LINES_EACH = 8
OPERATOR = Actor("operator")


@dataclass(frozen=True, slots=True)
class Shopper:
    """Somebody who buys in the demo: a person with an address, under the name a review shows."""

    actor: Actor
    email: str
    name: str
    phone: str
    language: str
    address: dict[str, str]


def load_orders(progress: Progress) -> None:
    """Load reviews with the orders behind them, then orders in every state."""
    chance = Random(11)
    shoppers = _shoppers()
    _vouchers()
    groups = list(_by_author(market.reviews()))
    for done, (author, reviews) in enumerate(groups, start=1):
        _reviewed_purchase(chance, shoppers[done % len(shoppers)], author, reviews)
        progress("Orders and reviews", done, len(groups))
    _pay_sellers()
    _every_state(chance, shoppers, progress)
    _waiting_for_the_operator()
    relay(at_most=100_000)


def _shoppers() -> list[Shopper]:
    found = []
    for address in Address.objects.select_related("person").order_by("person__email"):
        person = address.person
        found.append(
            Shopper(
                actor=Actor("buyer", person.id),
                email=person.email,
                name=person.name,
                phone=address.phone,
                language=person.language,
                address={
                    name: getattr(address, name)
                    for name in (
                        "recipient",
                        "street",
                        "village",
                        "district",
                        "city",
                        "province",
                        "postal_code",
                    )
                },
            )
        )
    return sorted(found, key=lambda shopper: shopper.email != BUYER)


def _vouchers() -> None:
    now = clock.now()
    Voucher.objects.bulk_create(
        [
            Voucher(
                code="NIAGA10",
                kind=Voucher.Kind.PERCENT,
                percent_bp=1000,
                most_minor=Money.of(50_000).minor,
                spend_from_minor=Money.of(100_000).minor,
                starts_at=now - timedelta(days=200),
                ends_at=now + timedelta(days=200),
            ),
            Voucher(
                code="HEMAT25RB",
                kind=Voucher.Kind.FIXED,
                amount_minor=Money.of(25_000).minor,
                spend_from_minor=Money.of(200_000).minor,
                starts_at=now - timedelta(days=30),
                ends_at=now + timedelta(days=60),
                uses_limit=500,
            ),
        ]
    )


def _by_author(
    reviews: Sequence[content.Review],
) -> Iterator[tuple[str, list[content.Review]]]:
    grouped: dict[str, list[content.Review]] = defaultdict(list)
    for review in reviews:
        grouped[review.author].append(review)
    for author, own in grouped.items():
        # One purchase holds a product once; a second review of it needs a second purchase.
        rounds: list[list[content.Review]] = []
        for review in own:
            fitting = (
                r
                for r in rounds
                if len(r) < LINES_EACH and all(o.product != review.product for o in r)
            )
            held = next(fitting, None)
            if held is None:
                rounds.append([review])
            else:
                held.append(review)
        for part in rounds:
            yield author, part


def _reviewed_purchase(
    chance: Random, shopper: Shopper, author: str, reviews: list[content.Review]
) -> None:
    products = {
        product.slug: product
        for product in Product.objects.filter(slug__in=[review.product for review in reviews])
    }
    if not products:
        return
    began = clock.now() - timedelta(days=chance.randint(14, 150), minutes=chance.randint(0, 900))
    placed = _place(chance, shopper, list(products.values()), at=began, name=author)
    _pay(placed, began + timedelta(hours=chance.randint(1, 8)))
    _fulfil(chance, placed, began + timedelta(days=1))
    with clock.at(began + timedelta(days=6)):
        for order in _orders(placed):
            complete_order(actor=shopper.actor, order_id=order.id)
        lines = {
            line.product_id: line for line in OrderLine.objects.filter(order__in=_orders(placed))
        }
        for review in reviews:
            if line := lines.get(products[review.product].id):
                write_review(
                    actor=shopper.actor,
                    line_id=line.id,
                    stars=review.stars,
                    title=review.title,
                    body=review.body,
                    language=review.language,
                )
        relay(at_most=10_000)


def _place(
    chance: Random,
    shopper: Shopper,
    products: Sequence[Product],
    *,
    at: datetime,
    name: str = "",
    method: str = "bank_transfer",
    voucher: str = "",
    quantity: int = 1,
) -> PlacedPurchase:
    with clock.at(at):
        basket_id = _basket(chance, products, at, quantity)
        draft = draft_purchase(
            basket_id=basket_id,
            province=shopper.address["province"],
            chosen={},
            voucher_code=voucher,
        )
        placed = once(
            key=str(new_id()),
            of=place_order,
            result=PlacedPurchase,
            actor=shopper.actor,
            body={
                "basket_id": basket_id,
                "email": shopper.email,
                "name": name or shopper.name,
                "phone": shopper.phone,
                "language": shopper.language,
                "address": shopper.address,
                "deliveries": {},
                "method": method,
                "voucher": voucher,
                "expected_total_minor": draft.total.minor,
            },
        )
        Basket.objects.filter(pk=basket_id).delete()
        relay(at_most=10_000)
    return placed


def _basket(chance: Random, products: Sequence[Product], at: datetime, quantity: int) -> UUID:
    basket = Basket.objects.create(id=new_id())
    variants: dict[UUID, list[Variant]] = defaultdict(list)
    for variant in Variant.objects.filter(product__in=products).order_by("position"):
        variants[variant.product_id].append(variant)
    free = available_stock([v.id for own in variants.values() for v in own])
    for product in products:
        own = variants[product.id]
        if product.kind == Product.Kind.GOODS:
            own = [v for v in own if free.get(v.id, 0) >= quantity]
        if not own:
            continue  # sold out in the demo, too: it keeps its shelf but not its review
        variant = chance.choice(own[:3])
        BasketLine.objects.create(
            id=new_id(),
            basket=basket,
            variant=variant,
            quantity=1 if product.kind != Product.Kind.GOODS else quantity,
            slot=_slot(variant, at) if product.kind == Product.Kind.SERVICE else None,
        )
    return basket.id


def _slot(variant: Variant, at: datetime) -> Slot:
    """Return a free slot of that time: the demo's past has no slots of its own."""
    starts = (at + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    while Slot.objects.filter(sku_id=variant.id, starts_at=starts).exists():
        starts += timedelta(hours=1)
    open_slots(
        seller_id=variant.seller_id,
        sku_id=variant.id,
        starts=(starts.isoformat(),),
        duration_min=60,
        capacity=1,
    )
    return Slot.objects.get(sku_id=variant.id, starts_at=starts)


def _orders(placed: PlacedPurchase) -> list[Order]:
    return list(Order.objects.filter(purchase_id=placed.purchase_id).order_by("id"))


def _pay(placed: PlacedPurchase, at: datetime) -> None:
    with clock.at(at):
        confirm_purchase_payment(
            actor=OPERATOR, purchase_id=placed.purchase_id, confirmed_by="bank file"
        )
        relay(at_most=10_000)


def _ship(chance: Random, order: Order, at: datetime, *, most: int = 999) -> UUID | None:
    """Ship what is open of an order (at most `most` of a line); perform its services."""
    actor = Actor("seller", seller_id=order.seller_id)
    with clock.at(at):
        for line in order.lines.filter(kind="service", shipped_quantity=0):
            perform_service(actor=actor, line_id=line.id)
        open_goods = {
            line.id: min(most, line.quantity - line.shipped_quantity)
            for line in order.lines.filter(kind="goods")
        }
        if not any(open_goods.values()):
            return None
        shipment_id = ship_order(
            actor=actor,
            order_id=order.id,
            quantities=open_goods,
            carrier=chance.choice(CARRIERS),
            tracking_number=f"{chance.randint(10**11, 10**12)}",
        )
        relay(at_most=10_000)
    return shipment_id


def _deliver(shipment_id: UUID, at: datetime) -> None:
    with clock.at(at):
        track_shipment(actor=Actor.system(), shipment_id=shipment_id, state=ShipmentState.DELIVERED)
        relay(at_most=10_000)


def _fulfil(chance: Random, placed: PlacedPurchase, at: datetime) -> None:
    for order in _orders(placed):
        shipment_id = _ship(chance, order, at + timedelta(hours=chance.randint(1, 9)))
        if shipment_id:
            _deliver(shipment_id, at + timedelta(days=chance.randint(1, 3), hours=10))


def _pay_sellers() -> None:
    with clock.at(clock.now() - timedelta(days=7)):
        try:
            run_payouts(actor=OPERATOR)
        except NothingToPayOut:
            return
    with clock.at(clock.now() - timedelta(days=6)):
        for payout_id in Payout.objects.values_list("id", flat=True):
            confirm_payout(actor=OPERATOR, payout_id=payout_id)
        relay(at_most=10_000)


SELLERS = [email for role, email, _password in LOGINS if role == "Seller"]
STATES = (
    "awaiting payment",
    "to be shipped",
    "partly shipped",
    "on its way",
    "delivered",
    "completed",
    "complained about",
    "cancelled unpaid",
    "cancelled and refunded",
    "expired",
    "cash on delivery",
    "cash collected",
)


def _every_state(chance: Random, shoppers: list[Shopper], progress: Progress) -> None:
    """Give each state some orders; the demo's buyer and both demo sellers have every one."""
    shelves = [_popular(email) for email in SELLERS]
    plan = [(state, shopper) for shopper in shoppers[:3] for state in STATES]
    for done, (state, shopper) in enumerate(plan, start=1):
        products = [chance.choice(shelf) for shelf in shelves]
        _in_state(chance, state, shopper, products)
        progress("Orders in every state", done, len(plan))


def _popular(owner_email: str) -> list[Product]:
    company = Company.objects.get(memberships__person__email=owner_email)
    return list(
        Product.objects.filter(
            seller_id=company.id, kind=Product.Kind.GOODS, state=Product.State.PUBLISHED
        ).order_by("slug")[:25]
    )


def _in_state(chance: Random, state: str, shopper: Shopper, products: list[Product]) -> None:
    """Place a purchase and take it to the state, its last step some hours ago."""
    now = clock.now()
    age = timedelta(hours=chance.randint(2, 20))
    if state == "awaiting payment":
        _place(chance, shopper, products, at=now - age, voucher="NIAGA10")
        return
    if state == "expired":
        placed = _place(chance, shopper, products, at=now - timedelta(days=9))
        with clock.at(now - timedelta(days=8) + timedelta(minutes=1)):
            expire_purchase(purchase_id=placed.purchase_id)
        return
    if state == "cancelled unpaid":
        placed = _place(chance, shopper, products, at=now - timedelta(days=5))
        with clock.at(now - timedelta(days=5) + timedelta(hours=2)):
            cancel_purchase(
                actor=shopper.actor, purchase_id=placed.purchase_id, reason="Salah pilih ukuran"
            )
        return
    cash = state.startswith("cash")
    began = now - timedelta(days=6) - age
    placed = _place(
        chance,
        shopper,
        products,
        at=began,
        method="cash_on_delivery" if cash else "bank_transfer",
        quantity=2,
    )
    if not cash:
        _pay(placed, began + timedelta(hours=1))
    _after_payment(chance, state, shopper, placed, began)


def _after_payment(
    chance: Random, state: str, shopper: Shopper, placed: PlacedPurchase, began: datetime
) -> None:
    if state in ("to be shipped", "cash on delivery"):
        return
    if state == "cancelled and refunded":
        for order in _orders(placed)[:1]:
            with clock.at(began + timedelta(hours=5)):
                cancel_order(actor=shopper.actor, order_id=order.id, reason="Berubah pikiran")
                relay(at_most=10_000)
        return
    for order in _orders(placed):
        most = 1 if state == "partly shipped" else 999
        shipment_id = _ship(chance, order, began + timedelta(days=1), most=most)
        if shipment_id is None or state in ("partly shipped", "on its way"):
            continue
        _deliver(shipment_id, began + timedelta(days=3))
    with clock.at(began + timedelta(days=4)):
        if state == "completed":
            for order in _orders(placed):
                complete_order(actor=shopper.actor, order_id=order.id)
        if state == "complained about":
            _complain(shopper, _orders(placed)[0])
        relay(at_most=10_000)


def _complain(shopper: Shopper, order: Order) -> None:
    complaint_id = open_complaint(
        actor=shopper.actor,
        line_id=order.lines.order_by("position")[0].id,
        reason="damaged",
        body="Kemasannya robek saat diterima dan isinya sebagian tumpah. Mohon solusinya.",
        author=shopper.name,
    )
    if shopper.email == BUYER:
        answer_complaint(
            actor=Actor("seller", seller_id=order.seller_id),
            complaint_id=complaint_id,
            body="Mohon maaf, Kak. Boleh kirim fotonya? Kami siapkan penggantinya hari ini.",
            author=order.seller.name,
        )


def _waiting_for_the_operator() -> None:
    """Leave some work on the operator's desk: a new company, and money that fits nothing."""
    owner = Person.objects.create_user("rotan@niaga.localhost", PASSWORD, name="Wulan Sari")
    register_company(
        actor=Actor("seller", owner.id),
        details=CompanyDetails(
            name="Rotan Cirebon",
            legal_name="CV Rotan Cirebon Mandiri",
            nib="9120309876543",
            npwp="0013000616012000",
            taxable=False,
            email="rotan@niaga.localhost",
            phone="081222333444",
            street="Jl. Tegalwangi 21",
            village="Tegalwangi",
            district="Weru",
            city="Kabupaten Cirebon",
            province="Jawa Barat",
            postal_code="45154",
            bank_name="Bank Jabar",
            bank_account="0087654321",
            bank_holder="CV Rotan Cirebon Mandiri",
        ),
    )
    take_bank_receipt(
        actor=OPERATOR,
        line=ReceiptLine("BCA-20261120-0077", "8808123412341234", Money.of(175_000), clock.now()),
    )
