"""What doors ask of purchases and orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import JSONObject

from niaga.flows.documents.queries import DocumentView, documents_of
from niaga.flows.goods.queries import (
    AwaitedView,
    BookingView,
    DownloadView,
    ShipmentView,
    awaited_of,
    awaited_view,
    booking_of,
    booking_view,
    download_views,
    downloads_of,
    key_texts,
    keys_of,
    shipments_of,
)
from niaga.flows.information.timeline import TimelineEntry, timeline
from niaga.flows.money.methods import METHODS
from niaga.flows.money.models import Authorization
from niaga.kernel.money import Money
from niaga.plumbing.outbox import Audience
from niaga.stages.ordering.models import Order, OrderLine, Purchase
from niaga.stages.ordering.order_money import (
    OrderRefund,
    SellerShare,
    refund_views,
    refunds_of,
    seller_share,
)
from niaga.stages.ordering.states import OrderState

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class LineView:
    """One order line, with what has become of it."""

    line_id: UUID
    product_id: UUID
    product_slug: str
    kind: str
    sku: str
    title: str
    options: str
    picture: str
    quantity: int
    shipped_quantity: int
    delivered_quantity: int
    unit_price: Money
    discount: Money
    tax: Money
    total: Money
    slot_starts_at: datetime | None
    booking: BookingView | None = None
    downloads: tuple[DownloadView, ...] = ()
    keys: tuple[str, ...] = ()
    awaited: AwaitedView | None = None

    @property
    def open_quantity(self) -> int:
        """How many units are still to be shipped."""
        return self.quantity - self.shipped_quantity


@dataclass(frozen=True, slots=True)
class PaymentView:
    """How a purchase is paid.

    `token` opens it to a wallet; `last_try` is what became of the last try by card that was signed
    (a code: declined reasons, or `no_answer`), empty where there was none or it is not over.
    """

    payment_id: UUID
    purchase_reference: str
    method: str
    method_label: str
    state: str
    label: str
    amount: Money
    account_number: str | None
    token: str | None
    last_try: str
    held_until: datetime | None
    expires_at: datetime | None
    confirmed_at: datetime | None
    confirmed_by: str

    @property
    def is_awaited(self) -> bool:
        """Whether the buyer has to pay before the sellers begin."""
        return METHODS[self.method].waits_for_payment

    @property
    def by_code(self) -> bool:
        """Whether it is paid by a code or number of the gateway."""
        return METHODS[self.method].by_code


@dataclass(frozen=True, slots=True)
class ContactView:
    """The buyer and where the parcel goes; `address_lines` is empty when nothing is shipped."""

    name: str
    email: str
    phone: str
    recipient: str
    address_lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """An order as lists show it."""

    order_id: UUID
    reference: str
    purchase_reference: str
    seller_id: UUID
    seller_name: str
    seller_slug: str
    buyer_name: str
    city: str
    state: str
    label: str
    total: Money
    placed_at: datetime
    units: int
    first_title: str
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderView:
    """One seller's order in full, as one side may see it.

    `share` (what the seller gets of it) is None for the buyer; `payment` is None for the seller
    (the purchase's payment may cover other sellers' orders: need to know).
    """

    order_id: UUID
    reference: str
    purchase_id: UUID
    purchase_reference: str
    person_id: UUID | None
    seller_id: UUID
    seller_name: str
    seller_slug: str
    state: str
    label: str
    method: str
    method_label: str
    delivery_name: str
    delivery_kind: str
    buyer_note: str
    purchase_order: str
    items: Money
    discount: Money
    delivery: Money
    tax: Money
    total: Money
    refunds: tuple[OrderRefund, ...]
    share: SellerShare | None
    payment: PaymentView | None
    contact: ContactView
    placed_at: datetime
    delivered_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str
    lines: tuple[LineView, ...]
    shipments: tuple[ShipmentView, ...]
    documents: tuple[DocumentView, ...]
    timeline: tuple[TimelineEntry, ...]

    @property
    def refunded(self) -> Money:
        """What the buyer was given back, or is owed."""
        return Money.total((refund.amount for refund in self.refunds), self.total.currency)

    @property
    def refund_label(self) -> str:
        """How far the newest refund is; empty without one."""
        return self.refunds[-1].label if self.refunds else ""


@dataclass(frozen=True, slots=True)
class PurchaseView:
    """A purchase as its buyer sees it."""

    purchase_id: UUID
    reference: str
    person_id: UUID | None
    placed_at: datetime
    total: Money
    discount: Money
    payment: PaymentView
    contact: ContactView
    orders: tuple[OrderSummary, ...]
    lines: dict[UUID, tuple[LineView, ...]]
    documents: dict[UUID, tuple[DocumentView, ...]]


def options_text(options: dict[str, Any]) -> str:
    """Return a variant's options in one line, such as `M, Merah`."""
    return ", ".join(str(value) for value in options.values())


def order_view(order_id: UUID, *, audience: Audience, language: str) -> OrderView | None:
    """Return an order in full, or None; five statements (six with escrow), however long it is."""
    order = (
        Order.objects.select_related("purchase__payment", "seller")
        .annotate(last_try=_last_try("purchase__payment"), found_refunds=refunds_of("pk"))
        .filter(pk=order_id)
        .first()
    )
    if order is None:
        return None
    rows = list(_with_goods(order.lines.all()))
    return OrderView(
        order_id=order.id,
        reference=order.reference,
        purchase_id=order.purchase_id,
        purchase_reference=order.purchase.reference,
        person_id=order.purchase.person_id,
        seller_id=order.seller_id,
        seller_name=order.seller.name,
        seller_slug=order.seller.slug,
        state=order.state,
        label=str(order.get_state_display()),
        method=order.purchase.payment.method,
        method_label=str(METHODS[order.purchase.payment.method].label),
        delivery_name=order.delivery_name,
        delivery_kind=order.delivery_kind,
        buyer_note=order.buyer_note,
        purchase_order=order.purchase_order,
        items=Money(order.items_minor, order.currency),
        discount=Money(order.discount_minor, order.currency),
        delivery=Money(order.delivery_minor, order.currency),
        tax=Money(order.tax_minor, order.currency),
        total=Money(order.total_minor, order.currency),
        refunds=refund_views(order.found_refunds, order.currency),
        share=None if audience == "buyer" else seller_share(order),
        payment=None if audience == "seller" else payment_view(order.purchase, order.last_try),
        contact=contact_view(order.purchase),
        placed_at=order.placed_at,
        delivered_at=order.delivered_at,
        cancelled_at=order.cancelled_at,
        cancel_reason=order.cancel_reason,
        lines=line_views(rows, currency=order.currency, language=language),
        shipments=shipments_of(order_id, with_code=audience == "buyer"),
        documents=documents_of([order_id], for_buyer=audience == "buyer"),
        timeline=timeline([order_id, order.purchase_id], audience=audience),
    )


def _with_goods(lines: QuerySet[OrderLine]) -> QuerySet[Any]:
    """Return the lines in their order, with their products, bookings and downloads."""
    return (
        lines.select_related("product")
        .annotate(
            found_booking=booking_of("pk"),
            found_downloads=downloads_of("pk"),
            found_keys=keys_of("pk"),
            found_awaited=awaited_of("pk"),
        )
        .order_by("position")
    )


def line_views(rows: Sequence[Any], *, currency: str, language: str) -> tuple[LineView, ...]:
    """Return the lines (of `_with_goods`) with their bookings and downloads; no statement."""
    return tuple(
        LineView(
            line_id=row.id,
            product_id=row.product_id,
            product_slug=row.product.slug,
            kind=row.kind,
            sku=row.sku,
            title=row.title_en if language == "en" else row.title_id,
            options=options_text(row.options),
            picture=row.picture,
            quantity=row.quantity,
            shipped_quantity=row.shipped_quantity,
            delivered_quantity=row.delivered_quantity,
            unit_price=Money(row.unit_price_minor, currency),
            discount=Money(row.discount_minor, currency),
            tax=Money(row.tax_minor, currency),
            total=Money(row.total_minor, currency),
            slot_starts_at=row.slot_starts_at,
            booking=booking_view(row.found_booking),
            downloads=download_views(row.found_downloads),
            keys=key_texts(row.found_keys),
            awaited=awaited_view(row.found_awaited),
        )
        for row in rows
    )


def payment_view(purchase: Purchase, last_try: Mapping[str, Any] | None) -> PaymentView:
    """Return how the purchase is paid (its payment is loaded), and how the last try went."""
    payment = purchase.payment
    held_until = last_try["held_until"] if last_try else None
    return PaymentView(
        payment_id=payment.id,
        purchase_reference=purchase.reference,
        method=payment.method,
        method_label=str(METHODS[payment.method].label),
        state=payment.state,
        label=str(payment.get_state_display()),
        amount=Money(payment.amount_minor, payment.currency),
        account_number=payment.account_number,
        token=payment.token,
        last_try=last_try["reason"] if last_try else "",
        held_until=datetime.fromisoformat(held_until) if held_until else None,
        expires_at=payment.expires_at,
        confirmed_at=payment.confirmed_at,
        confirmed_by=payment.confirmed_by,
    )


def _last_try(payment: str) -> Subquery:
    """Return the last try by card that the buyer signed, as JSON; `payment` names the payment."""
    tries = Authorization.objects.filter(payment=OuterRef(payment), requested_at__isnull=False)
    found = tries.order_by("-requested_at")[:1]
    return Subquery(found.values(row=JSONObject(reason="reason", held_until="expires_at")))


def contact_view(purchase: Purchase) -> ContactView:
    """Return the buyer and the address of a purchase."""
    lines = (
        purchase.street,
        ", ".join(part for part in (purchase.village, purchase.district) if part),
        " ".join(part for part in (purchase.city, purchase.postal_code) if part),
        purchase.province,
    )
    return ContactView(
        name=purchase.name,
        email=purchase.email,
        phone=purchase.phone,
        recipient=purchase.recipient,
        address_lines=tuple(line for line in lines if line),
    )


def purchase_view(reference: str, *, language: str) -> PurchaseView | None:
    """Return a purchase with its orders, or None; four statements."""
    purchase = (
        Purchase.objects.select_related("payment")
        .annotate(last_try=_last_try("payment"))
        .filter(reference=reference)
        .first()
    )
    if purchase is None:
        return None
    lines = Prefetch("lines", _with_goods(OrderLine.objects.all()))
    found = Order.objects.filter(purchase=purchase).select_related("purchase", "seller")
    orders = list(found.prefetch_related(lines).order_by("seller__name"))
    rows = {order.id: list(order.lines.all()) for order in orders}
    every = [row for lines in rows.values() for row in lines]
    views = {
        view.line_id: view
        for view in line_views(every, currency=purchase.currency, language=language)
    }
    ids = {order.id for order in orders}
    papers = documents_of(list(ids), for_buyer=True)
    return PurchaseView(
        purchase_id=purchase.id,
        reference=purchase.reference,
        person_id=purchase.person_id,
        placed_at=purchase.placed_at,
        total=Money(purchase.total_minor, purchase.currency),
        discount=Money(sum(order.discount_minor for order in orders), purchase.currency),
        payment=payment_view(purchase, purchase.last_try),
        contact=contact_view(purchase),
        orders=tuple(order_summary(order, language) for order in orders),
        lines={order_id: tuple(views[row.id] for row in lines) for order_id, lines in rows.items()},
        documents={
            order_id: tuple(p for p in papers if p.cause_id == order_id) for order_id in ids
        },
    )


def _for_list(orders: QuerySet[Order]) -> QuerySet[Order]:
    lines = Prefetch("lines", OrderLine.objects.select_related("product"))
    return orders.select_related("purchase", "seller").prefetch_related(lines)


def order_summary(order: Order, language: str) -> OrderSummary:
    """Return the order as lists show it (purchase, seller and lines are loaded already)."""
    lines = sorted(order.lines.all(), key=lambda line: line.position)
    first = lines[0]
    return OrderSummary(
        order_id=order.id,
        reference=order.reference,
        purchase_reference=order.purchase.reference,
        seller_id=order.seller_id,
        seller_name=order.seller.name,
        seller_slug=order.seller.slug,
        buyer_name=order.purchase.name,
        city=order.purchase.city,
        state=order.state,
        label=str(order.get_state_display()),
        total=Money(order.total_minor, order.currency),
        placed_at=order.placed_at,
        units=sum(line.quantity for line in lines),
        first_title=first.title_en if language == "en" else first.title_id,
        pictures=tuple(line.picture for line in lines[:4]),
    )


@dataclass(frozen=True, slots=True)
class OrderPage:
    """A page of orders: the rows, how many there are in all, and how many in each state."""

    rows: tuple[OrderSummary, ...]
    total: int
    page: int
    pages: int
    by_state: dict[str, int]


def orders_page(
    *,
    language: str,
    person_id: UUID | None = None,
    seller_id: UUID | None = None,
    state: str = "",
    words: str = "",
    page: int = 1,
) -> OrderPage:
    """Return a page of orders, newest first, of a buyer, of a seller, or (neither) of all.

    `state` is an OrderState or empty; `words` match reference, buyer or SKU. Three statements.
    """
    orders = Order.objects.all()
    if person_id:
        orders = orders.filter(purchase__person_id=person_id)
    if seller_id:
        orders = orders.filter(seller_id=seller_id)
    if words.strip():
        word = words.strip()
        orders = orders.filter(
            Q(reference__icontains=word)
            | Q(purchase__reference__icontains=word)
            | Q(purchase__name__icontains=word)
            | Q(lines__sku__iexact=word)
        ).distinct()
    counted = orders.order_by().values("state").annotate(n=Count("pk", distinct=True))
    by_state = {row["state"]: row["n"] for row in counted}
    if state in OrderState.values:
        orders = orders.filter(state=state)
        total = by_state.get(state, 0)
    else:
        total = sum(by_state.values())
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    start = (page - 1) * PAGE_SIZE
    rows = _for_list(orders).order_by("-placed_at", "-id")[start : start + PAGE_SIZE]
    return OrderPage(
        tuple(order_summary(order, language) for order in rows), total, page, pages, by_state
    )


def units_sold(product_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many units of each product were ordered and not cancelled; one statement."""
    rows = (
        OrderLine.objects.filter(product_id__in=product_ids)
        .exclude(order__state__in=[OrderState.CANCELLED, OrderState.PLACED])
        .values("product_id")
        .annotate(units=Sum("quantity"))
        .values_list("product_id", "units")
    )
    return dict(rows)
