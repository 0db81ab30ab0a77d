"""What the operator asks of purchases: payments to confirm, refunds due, today's figures."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from niaga.flows.money.methods import METHODS
from niaga.flows.money.models import Escrow, GatewayOperation, Payment, Refund
from niaga.flows.money.states import PaymentState
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.ledger.office_queries import MovementView, movements_of
from niaga.plumbing.paging import Page, paged_by_state
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.states import OrderState


@dataclass(frozen=True, slots=True)
class PaymentSummary:
    """A payment with the purchase it is for; `can_confirm` says whether a person may do it."""

    payment_id: UUID
    purchase_id: UUID
    reference: str
    buyer_name: str
    buyer_email: str
    method: str
    method_label: str
    account_number: str | None
    amount: Money
    state: str
    label: str
    opened_at: datetime
    expires_at: datetime | None
    confirmed_at: datetime | None
    confirmed_by: str

    @property
    def can_confirm(self) -> bool:
        """Whether the whole payment is awaited, and by a method that is paid at once."""
        method = METHODS[self.method]
        return self.state == PaymentState.PENDING and method.captured_at == "confirmation"


@dataclass(frozen=True, slots=True)
class RefundView:
    """Money owed back to a buyer for one order; `by_card`: the bank gives it back by itself."""

    refund_id: UUID
    by_card: bool
    order_id: UUID
    order_reference: str
    purchase_reference: str
    buyer_name: str
    buyer_email: str
    seller_name: str
    amount: Money
    reason: str
    state: str
    label: str
    due_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One day's orders that were not cancelled: how many, their total, the commission agreed."""

    orders: int
    cancelled: int
    turnover: Money
    commission: Money


def payments_page(*, state: str = "", words: str = "", page: int = 1) -> Page[PaymentSummary]:
    """Return a page of payments: the pending by deadline, others newest first.

    `words` match virtual account, purchase reference, buyer or e-mail address. Two statements.
    """
    rows = _payments()
    if word := words.strip():
        rows = rows.filter(
            Q(account_number__startswith=word.replace(" ", ""))
            | Q(purchase__reference__icontains=word)
            | Q(purchase__name__icontains=word)
            | Q(purchase__email__icontains=word)
        )
    order = ("expires_at", "id") if state == PaymentState.PENDING else ("-opened_at", "-id")
    return paged_by_state(rows.order_by(*order), _payment, state=state, page=page)


def payment_summary(payment_id: UUID) -> PaymentSummary | None:
    """Return a payment, or None; one statement."""
    row = _payments().filter(pk=payment_id).first()
    return _payment(row) if row else None


def refunds_page(*, state: str = "", page: int = 1) -> Page[RefundView]:
    """Return a page of refunds, the longest due first; three statements."""
    rows = Refund.objects.select_related("payment").order_by("due_at", "id")
    found = paged_by_state(rows, lambda row: row, state=state, page=page)
    orders = _orders([row.cause_id for row in found.rows])
    return Page(
        tuple(_refund(row, orders[row.cause_id]) for row in found.rows),
        found.total,
        found.page,
        found.pages,
        found.by_state,
    )


def refund_view(refund_id: UUID) -> RefundView | None:
    """Return a refund, or None; two statements."""
    row = Refund.objects.select_related("payment").filter(pk=refund_id).first()
    return _refund(row, _orders([row.cause_id])[row.cause_id]) if row else None


def todays_figures(currency: str = "IDR") -> DayFigures:
    """Return what was ordered since midnight in the market's time zone; one statement."""
    midnight = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    good = ~Q(state=OrderState.CANCELLED)
    sums = Order.objects.filter(placed_at__gte=midnight, currency=currency).aggregate(
        orders=Count("pk", filter=good),
        cancelled=Count("pk", filter=~good),
        turnover=Sum("total_minor", filter=good),
        commission=Sum("commission_minor", filter=good),
    )
    return DayFigures(
        orders=sums["orders"],
        cancelled=sums["cancelled"],
        turnover=Money(int(sums["turnover"] or 0), currency),
        commission=Money(int(sums["commission"] or 0), currency),
    )


def order_movements(order_id: UUID) -> tuple[MovementView, ...]:
    """Return all that the ledger says of an order, of its charges, refunds and payout.

    A payout pays several orders at once. One statement.
    """
    refunds = Refund.objects.filter(cause_id=order_id).values("id")
    told = GatewayOperation.objects.filter(cause_id=order_id).values("id")
    parts = Escrow.objects.filter(cause_id=order_id)
    payouts = parts.filter(payout__isnull=False).values("payout_id")
    return movements_of(
        Q(entry__cause_id=order_id)
        | Q(entry__cause_id__in=refunds)
        | Q(entry__cause_id__in=parts.values("id"))
        | Q(entry__cause_id__in=told)
        | Q(entry__cause_id__in=payouts)
    )


def _payments() -> QuerySet[Payment]:
    return Payment.objects.filter(purchase__isnull=False).select_related("purchase")


def _payment(row: Payment) -> PaymentSummary:
    return PaymentSummary(
        payment_id=row.id,
        purchase_id=row.purchase.id,
        reference=row.purchase.reference,
        buyer_name=row.purchase.name,
        buyer_email=row.purchase.email,
        method=row.method,
        method_label=str(METHODS[row.method].label),
        account_number=row.account_number,
        amount=Money(row.amount_minor, row.currency),
        state=row.state,
        label=str(row.get_state_display()),
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        confirmed_at=row.confirmed_at,
        confirmed_by=row.confirmed_by,
    )


def _orders(order_ids: list[UUID]) -> dict[UUID, Order]:
    return Order.objects.select_related("purchase", "seller").in_bulk(order_ids)


def _refund(row: Refund, order: Order) -> RefundView:
    return RefundView(
        refund_id=row.id,
        by_card=METHODS[row.payment.method].captured_at == "dispatch",
        order_id=order.id,
        order_reference=order.reference,
        purchase_reference=order.purchase.reference,
        buyer_name=order.purchase.name,
        buyer_email=order.purchase.email,
        seller_name=order.seller.name,
        amount=Money(row.amount_minor, row.currency),
        reason=row.reason,
        state=row.state,
        label=str(row.get_state_display()),
        due_at=row.due_at,
        sent_at=row.sent_at,
    )
