"""What a seller asks of its sales, and of the ledger's lines about them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import batched
from uuid import UUID

from django.db.models import Count, F, OuterRef, Subquery, Sum
from django.db.models.functions import TruncDate

from niaga.flows.money.models import Capture, Escrow, Refund, SellerDebt
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.ledger.posting import AccountKey
from niaga.ledger.statements import StatementLine, replayed, statement_page
from niaga.plumbing.days import today
from niaga.stages.ordering.models import Order, OrderLine
from niaga.stages.ordering.states import OrderState

NOT_SOLD = (OrderState.PLACED, OrderState.CANCELLED)
TO_SHIP = (OrderState.CONFIRMED, OrderState.PARTLY_SHIPPED)


@dataclass(frozen=True, slots=True)
class DaySales:
    """What was sold on a day of the market's time zone."""

    day: date
    orders: int
    total: Money


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """An order that waits for the seller."""

    order_id: UUID
    reference: str
    buyer_name: str
    city: str
    label: str
    state: str
    confirmed_at: datetime
    units: int
    first_title: str
    picture: str
    total: Money


@dataclass(frozen=True, slots=True)
class OwnMovement:
    """A line of the seller's statement and the order it speaks of (none for payouts)."""

    line: StatementLine
    order_id: UUID | None
    reference: str


@dataclass(frozen=True, slots=True)
class OwnStatement:
    """A page of the seller's statement; `older` and `newer` as in a `StatementPage`."""

    movements: tuple[OwnMovement, ...]
    older: UUID | None
    newer: UUID | None


@dataclass(frozen=True, slots=True)
class OrderCommission:
    """How an order's money is shared: `gross` less the other three is `net`.

    `given_back` is the seller's part of refunds, `withheld` its income tax on what is left.
    """

    order_id: UUID
    reference: str
    placed_at: datetime
    state: str
    label: str
    gross: Money
    commission: Money
    given_back: Money
    withheld: Money

    @property
    def net(self) -> Money:
        """What the seller gets."""
        return self.gross - self.commission - self.given_back - self.withheld


@dataclass(frozen=True, slots=True)
class OpenDebt:
    """What a seller was paid of an order that was refunded since, and the market still gets."""

    order_id: UUID
    reference: str
    amount: Money
    made_at: datetime


def open_debts(seller_id: UUID, at_most: int = 20) -> tuple[OpenDebt, ...]:
    """Return what the seller's next payout is lowered by, the oldest first; one statement."""
    orders = Order.objects.filter(pk=OuterRef("cause_id")).values("reference")
    rows = SellerDebt.objects.filter(seller_id=seller_id, payout=None)
    return tuple(
        OpenDebt(row.cause_id, row.reference, Money(row.amount_minor, row.currency), row.made_at)
        for row in rows.annotate(reference=Subquery(orders)).order_by("made_at", "id")[:at_most]
    )


def daily_sales(seller_id: UUID, days: int = 14) -> tuple[DaySales, ...]:
    """Return what was sold on each of the last days, today last; one statement."""
    first = today() - timedelta(days=days - 1)
    rows = (
        Order.objects.filter(seller_id=seller_id, placed_at__gte=clock.now() - timedelta(days=days))
        .exclude(state__in=NOT_SOLD)
        .annotate(day=TruncDate("placed_at"))
        .values("day")
        .annotate(orders=Count("id"), minor=Sum("total_minor"))
        .values_list("day", "orders", "minor")
    )
    found = {day: (orders, minor) for day, orders, minor in rows}
    nothing = (0, 0)
    every = (first + timedelta(days=n) for n in range(days))
    return tuple(
        DaySales(day, found.get(day, nothing)[0], Money(int(found.get(day, nothing)[1])))
        for day in every
    )


def orders_to_ship(seller_id: UUID, *, language: str, at_most: int = 6) -> tuple[WaitingOrder, ...]:
    """Return the orders that wait longest for the seller; one statement."""
    lines = OrderLine.objects.filter(order_id=OuterRef("pk")).order_by("position")
    units = lines.order_by().values("order_id").annotate(n=Sum("quantity")).values("n")
    rows = (
        Order.objects.filter(seller_id=seller_id, state__in=TO_SHIP)
        .select_related("purchase")
        .annotate(
            units=Subquery(units),
            first_title=Subquery(lines.values(f"title_{language}")[:1]),
            picture=Subquery(lines.values("picture")[:1]),
        )
        .order_by(F("confirmed_at").asc(nulls_last=True), "id")[:at_most]
    )
    return tuple(
        WaitingOrder(
            order_id=row.id,
            reference=row.reference,
            buyer_name=row.purchase.name,
            city=row.purchase.city,
            label=str(row.get_state_display()),
            state=row.state,
            confirmed_at=row.confirmed_at or row.placed_at,
            units=row.units or 0,
            first_title=row.first_title or "",
            picture=row.picture or "",
            total=Money(row.total_minor, row.currency),
        )
        for row in rows
    )


def is_own_order(order_id: UUID, seller_id: UUID) -> bool:
    """Say whether the order is the seller's."""
    return Order.objects.filter(pk=order_id, seller_id=seller_id).exists()


def order_of_line(line_id: UUID, seller_id: UUID) -> UUID | None:
    """Return the seller's order that has this line, or None."""
    mine = OrderLine.objects.filter(pk=line_id, order__seller_id=seller_id)
    return mine.values_list("order_id", flat=True).first()


def own_statement(
    seller_id: UUID,
    *,
    account: str,
    limit: int,
    before: UUID | None = None,
    after: UUID | None = None,
) -> OwnStatement:
    """Return a page of one of the seller's accounts, newest first; five statements."""
    key = AccountKey(account, seller_id)
    page = statement_page(key, limit=limit, before=before, after=after)
    return OwnStatement(_with_orders(seller_id, page.lines), page.older, page.newer)


def whole_statement(seller_id: UUID, *, account: str) -> Iterator[OwnMovement]:
    """Yield every movement of one of the seller's accounts, oldest first, in little memory."""
    for lines in batched(replayed(AccountKey(account, seller_id)), 2_000, strict=False):
        yield from _with_orders(seller_id, lines)


def _with_orders(seller_id: UUID, lines: Sequence[StatementLine]) -> tuple[OwnMovement, ...]:
    causes = {line.cause_id for line in lines}
    behind = _orders_behind(causes)
    names = order_references(seller_id, causes | set(behind.values()))

    def own(line: StatementLine) -> OwnMovement:
        order_id = behind.get(line.cause_id, line.cause_id)
        known = order_id in names
        return OwnMovement(line, order_id if known else None, names.get(order_id, ""))

    return tuple(own(line) for line in lines)


def order_references(seller_id: UUID, order_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the references of those ids that are the seller's orders; one statement."""
    rows = Order.objects.filter(seller_id=seller_id, pk__in=order_ids)
    return dict(rows.values_list("id", "reference"))


def _orders_behind(cause_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return which order a movement's cause (an escrow, a refund, a capture) belongs to."""
    found = [
        model.objects.filter(pk__in=cause_ids).values_list("id", "cause_id")
        for model in (Escrow, Refund, Capture)
    ]
    return dict(found[0].union(*found[1:], all=True))


def commissions(seller_id: UUID, at_most: int = 10) -> tuple[OrderCommission, ...]:
    """Return how the money of the newest sold orders is shared; one statement."""
    parts = Escrow.objects.filter(cause_id=OuterRef("pk")).order_by().values("cause_id")
    lost = parts.annotate(n=Sum(F("refunded_minor") - F("refunded_commission_minor")))
    kept = parts.annotate(n=Sum("withheld_minor"))
    rows = (
        Order.objects.filter(seller_id=seller_id)
        .exclude(state__in=NOT_SOLD)
        .annotate(lost_minor=Subquery(lost.values("n")), withheld_minor=Subquery(kept.values("n")))
    )
    return tuple(
        OrderCommission(
            order_id=row.id,
            reference=row.reference,
            placed_at=row.placed_at,
            state=row.state,
            label=str(row.get_state_display()),
            gross=Money(row.total_minor + row.subsidy_minor, row.currency),
            commission=Money(row.commission_minor, row.currency),
            given_back=Money(row.lost_minor or 0, row.currency),
            withheld=Money(row.withheld_minor or 0, row.currency),
        )
        for row in rows.order_by("-placed_at", "-id")[:at_most]
    )
