"""A buyer places a purchase: one payment, one order a seller, stock promised, all or nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import F

from niaga.flows.goods.allocation import StockWish
from niaga.flows.goods.commands.allot_stock import Awaited
from niaga.flows.goods.commands.book_slot import SlotWish, hold_slots
from niaga.flows.goods.commands.hand_out_keys import hold_keys
from niaga.flows.goods.commands.reserve_stock import reserve_stock
from niaga.flows.money.commands.open_payment import MethodUnknown, OpenedPayment, open_payment
from niaga.flows.money.methods import PaymentMethod, methods_taken
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id, new_reference, new_token
from niaga.kernel.refusal import Refusal
from niaga.parties.identity import checked_phone
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.plumbing.writes import Write, insert, later, send
from niaga.stages.ordering.commands.confirm_order import confirm_orders, confirm_purchase_payment
from niaga.stages.ordering.draft import Draft, DraftLine, DraftOrder, VoucherTerms
from niaga.stages.ordering.drafting import VoucherRefused, draft_purchase
from niaga.stages.ordering.events import (
    OrderPlaced,
    PaymentOpened,
    PurchasePlaced,
    StockAwaited,
    StockReserved,
)
from niaga.stages.ordering.models import Order, OrderLine, Purchase
from niaga.stages.sharing.models import Voucher


@dataclass(eq=False)
class AddressMissing(Refusal):
    """Something must be shipped, and the address lacks `field`."""

    code: ClassVar[str] = "address_missing"
    field: str


@dataclass(eq=False)
class DeliveryUnavailable(Refusal):
    """A seller does not deliver to this address that way."""

    code: ClassVar[str] = "delivery_unavailable"
    seller: str


@dataclass(eq=False)
class TotalChanged(Refusal):
    """Prices changed since the buyer looked: nothing is placed before the new total is seen."""

    code: ClassVar[str] = "total_changed"
    expected_minor: int
    total_minor: int


@dataclass(eq=False)
class MethodNotForThis(Refusal):
    """The method cannot pay this purchase (cash needs a courier for every order)."""

    code: ClassVar[str] = "method_not_for_this"
    method: str


@dataclass(frozen=True, slots=True)
class PlacedPurchase:
    """What was placed: where to look at it, and how to pay."""

    purchase_id: UUID
    reference: str
    token: str


ADDRESS_FIELDS = (
    "recipient",
    "street",
    "village",
    "district",
    "city",
    "province",
    "postal_code",
)

_QUOTED = "UPDATE sharing_quotationline SET order_id = %s WHERE id = ANY(%s) AND order_id IS NULL"
_EMPTY = "DELETE FROM sharing_basketline WHERE basket_id = %s"


@command
def place_order(  # noqa: PLR0913 - the checkout form, field by field, as `once` marks it
    *,
    actor: Actor,
    basket_id: UUID,
    email: str,
    name: str,
    phone: str,
    language: str,
    address: Mapping[str, str] | None,
    deliveries: Mapping[str, str],
    method: str,
    voucher: str = "",
    note: str = "",
    expected_total_minor: int,
) -> PlacedPurchase:
    """Place what is in the basket. Call it through `once`, keyed by the checkout form.

    `address` has the ADDRESS_FIELDS; `deliveries` maps seller ids to delivery codes;
    `expected_total_minor` is the total the buyer saw.

    Raises:
        BasketEmpty, NotOnSale, CurrenciesMixed, VoucherRefused: see `draft_purchase`.
        MethodUnknown, MethodNotForThis: the way to pay.
        AddressMissing, DeliveryUnavailable, IdentityInvalid: where it goes.
        TotalChanged: the buyer saw another total.
        StockExhausted, SlotFull: not enough left; nothing was placed.
    """
    chosen_method = next((m for m in methods_taken() if m.code == method), None)
    if chosen_method is None:
        raise MethodUnknown(method)
    draft = draft_purchase(
        basket_id=basket_id,
        province=address["province"] if address else None,
        chosen={UUID(seller): code for seller, code in deliveries.items()},
        voucher_code=voucher,
    )
    _check(draft, chosen_method, address, expected_total_minor)
    buyer = Buyer(actor.person_id, email, name, checked_phone(phone), language)
    purchase, payment = _write_purchase(draft, method, buyer, address)
    placed = _write_orders(purchase, draft, note)
    later(Write(_EMPTY, [basket_id], changes="sharing_basketline"))
    if draft.voucher:
        _use_voucher(draft.voucher)
    _record(actor, purchase, placed, payment, method)
    if not chosen_method.waits_for_payment:
        send()  # what waits to be written can't be changed yet
        confirm_orders(
            actor=actor, orders=[(order, [line for line, _ in lines]) for order, lines in placed]
        )
    _take_goods(placed, payment.expires_at, purchase.province)
    if chosen_method.waits_for_payment and not draft.total:
        confirm_purchase_payment(
            actor=Actor.system(), purchase_id=purchase.id, confirmed_by="nothing to pay"
        )
    return PlacedPurchase(purchase.id, purchase.reference, purchase.token)


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, and in which language the purchase speaks to them."""

    person_id: UUID | None
    email: str
    name: str
    phone: str
    language: str


def _write_purchase(
    draft: Draft, method: str, buyer: Buyer, address: Mapping[str, str] | None
) -> tuple[Purchase, OpenedPayment]:
    purchase_id = new_id()
    payment = open_payment(cause_id=purchase_id, method=method, amount=draft.total)
    purchase = Purchase(
        id=purchase_id,
        reference=new_reference("NG"),
        token=new_token(),
        person_id=buyer.person_id,
        email=buyer.email,
        name=buyer.name,
        phone=buyer.phone,
        language=buyer.language,
        payment_id=payment.payment_id,
        voucher_id=draft.voucher.voucher_id if draft.voucher else None,
        total_minor=draft.total.minor,
        currency=draft.currency,
        placed_at=clock.now(),
        **(_shipping(address) if draft.needs_address and address else {}),
    )
    insert([purchase])
    return purchase, payment


def _check(
    draft: Draft,
    method: PaymentMethod,
    address: Mapping[str, str] | None,
    expected_total_minor: int,
) -> None:
    if method.needs_parcel and not draft.only_parcels:
        raise MethodNotForThis(method.code)
    if draft.needs_address:
        for name in ADDRESS_FIELDS:
            if not address or not address.get(name, "").strip():
                raise AddressMissing(name)
        if address and not re.fullmatch(r"\d{5}", address["postal_code"]):
            raise AddressMissing("postal_code")
    for order in draft.orders:
        if order.needs_parcel and order.delivery is None:
            raise DeliveryUnavailable(order.seller.name)
    if draft.total.minor != expected_total_minor:
        raise TotalChanged(expected_total_minor, draft.total.minor)


def _shipping(address: Mapping[str, str]) -> dict[str, str]:
    return {name: address[name].strip() for name in ADDRESS_FIELDS}


type Placed = list[tuple[Order, list[tuple[OrderLine, DraftLine]]]]


def _write_orders(purchase: Purchase, draft: Draft, note: str) -> Placed:
    placed: Placed = []
    for drafted in draft.orders:
        order = Order(
            id=new_id(),
            reference=new_reference("OR"),
            purchase=purchase,
            seller_id=drafted.seller.seller_id,
            delivery_name=drafted.delivery.name if drafted.delivery else "",
            delivery_kind=drafted.delivery.kind if drafted.delivery else "",
            buyer_note=note[:300],
            purchase_order=drafted.purchase_order,
            placed_at=clock.now(),
            **_order_money(drafted),
        )
        lines = [
            (_order_line(order, position, line), line)
            for position, line in enumerate(drafted.lines, start=1)
        ]
        placed.append((order, lines))
    insert(order for order, _ in placed)
    insert(line for _, lines in placed for line, _ in lines)
    for order, lines in placed:
        _use_quotes(order, [line.quoted_id for _, line in lines if line.quoted_id])
    return placed


def _use_quotes(order: Order, quoted_ids: list[UUID]) -> None:
    """Let quoted prices be taken once: of two who place at the same price, one fails."""
    if quoted_ids:
        table, count = "sharing_quotationline", len(quoted_ids)
        later(Write(_QUOTED, [order.id, quoted_ids], changes=table, rows=count))


def _order_money(drafted: DraftOrder) -> dict[str, Any]:
    return {
        "currency": drafted.currency,
        "items_minor": drafted.items.minor,
        "discount_minor": drafted.discount.minor,
        "subsidy_minor": drafted.subsidy.minor,
        "delivery_minor": drafted.delivery_price.minor,
        "tax_minor": drafted.tax.minor,
        "total_minor": drafted.total.minor,
        "commission_minor": drafted.commission.minor,
    }


def _order_line(order: Order, position: int, line: DraftLine) -> OrderLine:
    return OrderLine(
        id=new_id(),
        order=order,
        position=position,
        product_id=line.product_id,
        variant_id=line.variant_id,
        kind=line.kind,
        sku=line.sku,
        title_id=line.title_id,
        title_en=line.title_en,
        options=dict(line.options),
        picture=line.picture,
        slot_starts_at=line.slot_starts_at,
        quantity=line.quantity,
        unit_price_minor=line.unit_price.minor,
        discount_minor=line.discount.minor,
        subsidy_minor=line.subsidy.minor,
        commission_minor=line.commission.minor,
        commission_plan_id=line.plan_id,
        tax_minor=line.tax.minor,
        total_minor=line.total.minor,
    )


def _use_voucher(voucher: VoucherTerms) -> None:
    used = (
        Voucher.objects.filter(pk=voucher.voucher_id)
        .exclude(uses_limit__isnull=False, uses__gte=F("uses_limit"))
        .update(uses=F("uses") + 1)
    )
    if not used:
        raise VoucherRefused(voucher.code, "used_up")


def _record(
    actor: Actor, purchase: Purchase, placed: Placed, payment: OpenedPayment, method: str
) -> None:
    sku_ids = sorted({line.variant_id for _, lines in placed for line, _ in lines})
    record(
        PurchasePlaced(
            subject_id=purchase.id, reference=purchase.reference, sku_ids=tuple(sku_ids)
        ),
        actor=actor,
    )
    for order, _ in placed:
        record(
            OrderPlaced(
                subject_id=order.id,
                purchase_id=purchase.id,
                seller_id=order.seller_id,
                reference=order.reference,
            ),
            actor=actor,
        )
    record(
        PaymentOpened(
            subject_id=purchase.id,
            method=method,
            amount_minor=purchase.total_minor,
            currency=purchase.currency,
            expires_at=payment.expires_at,
        ),
        actor=actor,
    )


def _take_goods(placed: Placed, expires_at: datetime | None, province: str) -> None:
    """Promise slots and stock last of all, so that their locks are held shortest."""
    lines = [pair for _, pairs in placed for pair in pairs]
    hold_slots(
        wishes=tuple(
            SlotWish(line.id, drafted.slot_id, line.quantity)
            for line, drafted in lines
            if line.kind == "service" and drafted.slot_id
        )
    )
    hold_keys(
        wishes=tuple(
            StockWish(line.id, line.variant_id, line.quantity)
            for line, _ in lines
            if line.kind == "digital"
        )
    )
    awaited = reserve_stock(
        wishes=tuple(
            StockWish(line.id, line.variant_id, line.quantity)
            for line, _ in lines
            if line.kind == "goods"
        ),
        expires_at=expires_at,
        province=province,
    )
    _record_goods(placed, expires_at, {wait.cause_id: wait for wait in awaited})


def _record_goods(
    placed: Placed, expires_at: datetime | None, awaited: Mapping[UUID, Awaited]
) -> None:
    for order, lines in placed:
        waits = [awaited[line.id] for line, _ in lines if line.id in awaited]
        to_come = sum(wait.quantity for wait in waits)
        goods = sum(line.quantity for line, _ in lines if line.kind == "goods")
        if goods > to_come:
            record(
                StockReserved(subject_id=order.id, quantity=goods - to_come, expires_at=expires_at),
                actor=Actor.system(),
            )
        if waits:
            last = max(wait.promised_date for wait in waits)
            record(
                StockAwaited(subject_id=order.id, quantity=to_come, promised_date=last.isoformat()),
                actor=Actor.system(),
            )
