"""One purchase of the demo, step by step, through the same commands as a real one.

Each step runs at its own instant in the past, and its events are delivered at that instant, so
that documents and timelines carry believable dates.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from niaga.flows.goods.commands.book_slot import open_slots
from niaga.flows.goods.models import Slot
from niaga.flows.goods.queries import available_stock
from niaga.flows.goods.states import ShipmentState
from niaga.flows.information.models import Product, Variant
from niaga.flows.money.bank_file import ReceiptLine
from niaga.flows.money.models import Payment
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.parties.models import Address
from niaga.plumbing.once import once
from niaga.plumbing.worker import catch_up
from niaga.project.demo.accounts import BUYER
from niaga.stages.ordering.commands.place_order import (
    ADDRESS_FIELDS,
    PlacedPurchase,
    place_order,
)
from niaga.stages.ordering.commands.ship_order import (
    perform_service,
    ship_order,
    track_shipment,
)
from niaga.stages.ordering.commands.take_bank_receipt import take_bank_receipt
from niaga.stages.ordering.drafting import draft_purchase
from niaga.stages.ordering.models import Order, OrderLine
from niaga.stages.sharing.models import Basket, BasketLine

CARRIERS = ("JNE", "SiCepat", "J&T Express", "Anteraja", "Pos Indonesia")
HERE = ZoneInfo("Asia/Jakarta")
OPERATOR = Actor("operator")


@dataclass(frozen=True, slots=True)
class Shopper:
    """Somebody who buys in the demo, with an account or as a guest."""

    actor: Actor
    email: str
    name: str
    phone: str
    language: str
    address: dict[str, str]

    def as_guest(self, name: str) -> "Shopper":
        """Return a guest of that name at the same address."""
        word = "".join(letter for letter in name.lower() if letter.isalpha())
        return replace(
            self,
            actor=Actor.guest(),
            email=f"{word}@pelanggan.localhost",
            name=name,
            language="id",
            address=self.address | {"recipient": name},
        )


def shoppers() -> list[Shopper]:
    """Return the buyers with an account, the demo's own first."""
    found = [
        Shopper(
            actor=Actor("buyer", address.person_id),
            email=address.person.email,
            name=address.person.name,
            phone=address.phone,
            language=address.person.language,
            address={name: getattr(address, name) for name in ADDRESS_FIELDS},
        )
        for address in Address.objects.select_related("person").order_by("person__email")
    ]
    return sorted(found, key=lambda shopper: shopper.email != BUYER)


def place(  # noqa: PLR0913 - each way in which the demo's purchases differ
    chance: Random,
    shopper: Shopper,
    products: Sequence[Product],
    *,
    at: datetime,
    method: str = "bank_transfer",
    voucher: str = "",
    quantity: int = 1,
    deliveries: Mapping[UUID, str] = MappingProxyType({}),
    ahead: int = 0,
) -> PlacedPurchase:
    """Fill a basket with a variant of each product that is left, and place it.

    `ahead` units of each may be ordered beyond what is there.
    """
    with clock.at(at):
        basket_id = _basket(chance, products, at, quantity, ahead)
        draft = draft_purchase(
            basket_id=basket_id,
            province=shopper.address["province"],
            chosen=deliveries,
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
                "name": shopper.name,
                "phone": shopper.phone,
                "language": shopper.language,
                "address": shopper.address,
                "deliveries": {str(seller): code for seller, code in deliveries.items()},
                "method": method,
                "voucher": voucher,
                "expected_total_minor": draft.total.minor,
            },
        )
        Basket.objects.filter(pk=basket_id).delete()
        catch_up()
    return placed


def _basket(
    chance: Random, products: Sequence[Product], at: datetime, quantity: int, ahead: int
) -> UUID:
    basket = Basket.objects.create(id=new_id())
    variants: dict[UUID, list[Variant]] = defaultdict(list)
    for variant in Variant.objects.filter(product__in=products).order_by("position"):
        variants[variant.product_id].append(variant)
    free = available_stock([v.id for own in variants.values() for v in own])
    for product in products:
        own = variants[product.id]
        if product.kind == Product.Kind.GOODS:
            own = [v for v in own if free.get(v.id, 0) + ahead >= quantity]
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
    """Return a free slot after `at`; the demo's past has no slots of its own, so open one."""
    soon = (at + timedelta(hours=1), at + timedelta(days=4))
    free = Slot.objects.filter(sku_id=variant.id, starts_at__range=soon, booked=0)
    if found := free.order_by("starts_at").first():
        return found
    day = at.astimezone(HERE) + timedelta(days=1)
    starts = day.replace(hour=10, minute=0, second=0, microsecond=0)
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


def orders_of(placed: PlacedPurchase) -> list[Order]:
    """Return the purchase's orders, one a seller."""
    return list(Order.objects.filter(purchase_id=placed.purchase_id).order_by("id"))


def pay(placed: PlacedPurchase, at: datetime) -> None:
    """Let the buyer's transfer arrive, as a line of the bank's file."""
    payment = Payment.objects.get(cause_id=placed.purchase_id)
    assert payment.account_number is not None
    with clock.at(at):
        take_bank_receipt(
            actor=OPERATOR,
            line=ReceiptLine(
                bank_reference=f"BCA-{at:%Y%m%d}-{placed.reference}",
                account_number=payment.account_number,
                amount=Money(payment.amount_minor, payment.currency),
                received_at=at,
            ),
        )
        catch_up()


def ship(chance: Random, order: Order, at: datetime, *, most: int = 999) -> UUID | None:
    """Ship what is open of an order's goods, at most `most` of a line."""
    open_goods = {
        line.id: min(most, line.quantity - line.shipped_quantity)
        for line in order.lines.filter(kind="goods")
    }
    if not any(open_goods.values()):
        return None
    with clock.at(at):
        shipment_id = ship_order(
            actor=Actor("seller", seller_id=order.seller_id),
            order_id=order.id,
            quantities=open_goods,
            carrier=chance.choice(CARRIERS),
            tracking_number=f"{chance.randint(10**11, 10**12)}",
        )
        catch_up()
    return shipment_id


def deliver(shipment_id: UUID, at: datetime) -> None:
    """Let the carrier hand the parcel over."""
    with clock.at(at):
        track_shipment(actor=Actor.system(), shipment_id=shipment_id, state=ShipmentState.DELIVERED)
        catch_up()


def perform(order: Order) -> None:
    """Give the order's services, each an hour after its slot began."""
    for line in OrderLine.objects.filter(order=order, kind="service"):
        assert line.slot_starts_at is not None
        with clock.at(line.slot_starts_at + timedelta(hours=1)):
            perform_service(actor=Actor("seller", seller_id=order.seller_id), line_id=line.id)
            catch_up()


def fulfil(chance: Random, placed: PlacedPurchase, at: datetime) -> None:
    """Ship, deliver and perform everything within three days of `at`."""
    for order in orders_of(placed):
        perform(order)
        shipment_id = ship(chance, order, at + timedelta(hours=chance.randint(1, 9)))
        if shipment_id:
            deliver(shipment_id, at + timedelta(days=chance.randint(1, 2), hours=10))
