"""A part of an order paid by card is charged: what was shipped, given, or opened to download."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import F, Sum

from niaga.flows.money.commands.order_operation import order_operation
from niaga.flows.money.models import Authorization, GatewayOperation
from niaga.flows.money.states import AuthorizationState
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money, share_down
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.ordering.events import BankInstructed
from niaga.stages.ordering.models import Charge, ChargeLine, Order, OrderLine
from niaga.stages.ordering.states import OrderState

CHARGE_BEFORE_END = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Part:
    """Units of a line that are charged now, after those charged before."""

    line: OrderLine
    before: int
    quantity: int
    currency: str

    @property
    def items_minor(self) -> int:
        return self.line.unit_price_minor * self.quantity

    @property
    def discount_minor(self) -> int:
        return self._share(self.line.discount_minor)

    @property
    def subsidy_minor(self) -> int:
        return self._share(self.line.subsidy_minor)

    @property
    def commission_minor(self) -> int:
        return self._share(self.line.commission_minor)

    def _share(self, whole_minor: int) -> int:
        whole = Money(whole_minor, self.currency)
        after = _so_far(whole, self.before + self.quantity, self.line.quantity)
        return (after - _so_far(whole, self.before, self.line.quantity)).minor


@command
def charge_shipped(*, order_id: UUID, line_ids: tuple[UUID, ...]) -> None:
    """Charge what of these lines has left the seller and was not charged yet."""
    authorization = authorization_of(order_id)
    if authorization is None:
        return
    lines = OrderLine.objects.filter(pk__in=line_ids).order_by("position")
    wanted = {line.id: line.shipped_quantity - line.charged_quantity for line in lines}
    _charge(authorization, order_id, wanted)


@command
def charge_rest(*, order_id: UUID) -> None:
    """Charge all of the order that was not charged yet: the bank holds the amount no longer.

    Escrow then keeps the buyer's money instead of the bank.
    """
    authorization = authorization_of(order_id)
    if authorization is None:
        return
    lines = OrderLine.objects.filter(order_id=order_id).order_by("position")
    wanted = {line.id: line.quantity - line.charged_quantity for line in lines}
    _charge(authorization, order_id, wanted)


@command
def release_hold(*, order_id: UUID) -> Money:
    """Have the bank let go of what of a cancelled order was not charged; return that amount.

    What was charged before goes back by credits, of which the bank is told as well.
    """
    order = Order.objects.get(pk=order_id)
    authorization = authorization_of(order_id)
    charged = order.charges.aggregate(total=Sum("total_minor"))["total"] or 0
    rest = Money(order.total_minor - charged, order.currency)
    if authorization is None:
        return Money.zero(order.currency)
    if rest:
        order_operation(
            authorization_id=authorization.id,
            kind=GatewayOperation.Kind.REVERSAL,
            cause_id=order_id,
            about_id=order_id,
            amount=rest,
        )
    record(
        BankInstructed(subject_id=order_id, authorization_id=authorization.id),
        actor=Actor.system(),
    )
    return rest


def orders_to_charge(at_most: int = 200) -> tuple[UUID, ...]:
    """Return orders with uncharged units whose hold at the bank ends within a day."""
    uncharged = OrderLine.objects.filter(
        quantity__gt=F("charged_quantity"),
        order__purchase__payment__authorizations__in=Authorization.objects.filter(
            state=AuthorizationState.APPROVED, expires_at__lte=clock.now() + CHARGE_BEFORE_END
        ),
    ).exclude(order__state=OrderState.CANCELLED)
    return tuple(uncharged.values_list("order_id", flat=True).distinct()[:at_most])


def authorization_of(order_id: UUID) -> Authorization | None:
    """Return the approved authorization of the order's payment; None where no card pays it."""
    return Authorization.objects.filter(
        payment__purchase__orders=order_id, state=AuthorizationState.APPROVED
    ).first()


def _charge(authorization: Authorization, order_id: UUID, wanted: Mapping[UUID, int]) -> None:
    order = Order.objects.select_for_update().get(pk=order_id)
    lines = {line.id: line for line in order.lines.all()}
    parts = [
        _Part(lines[line_id], lines[line_id].charged_quantity, quantity, order.currency)
        for line_id, quantity in wanted.items()
        if quantity > 0
    ]
    if not parts:
        return
    charge = _write(order, parts)
    if not charge.total_minor:
        return
    order_operation(
        authorization_id=authorization.id,
        kind=GatewayOperation.Kind.CAPTURE,
        cause_id=order_id,
        about_id=charge.id,
        amount=Money(charge.total_minor, order.currency),
    )
    record(
        BankInstructed(subject_id=order_id, authorization_id=authorization.id),
        actor=Actor.system(),
    )


def _write(order: Order, parts: list[_Part]) -> Charge:
    before = order.charges.aggregate(total=Sum("total_minor"), delivery=Sum("delivery_minor"))
    total_before = before["total"] or 0
    with_goods = any(part.line.kind == "goods" for part in parts)
    delivery = order.delivery_minor if with_goods and not before["delivery"] else 0
    items = sum(part.items_minor for part in parts)
    discount = sum(part.discount_minor for part in parts)
    total = items - discount + delivery

    def share(whole_minor: int) -> int:
        whole = Money(whole_minor, order.currency)
        after = _so_far(whole, total_before + total, order.total_minor)
        return (after - _so_far(whole, total_before, order.total_minor)).minor

    charge = Charge.objects.create(
        id=new_id(),
        order=order,
        items_minor=items,
        discount_minor=discount,
        delivery_minor=delivery,
        tax_minor=share(order.tax_minor),
        subsidy_minor=sum(part.subsidy_minor for part in parts),
        commission_minor=sum(part.commission_minor for part in parts),
        total_minor=total,
        made_at=clock.now(),
    )
    ChargeLine.objects.bulk_create(
        ChargeLine(
            id=new_id(),
            charge=charge,
            line=part.line,
            quantity=part.quantity,
            discount_minor=part.discount_minor,
            subsidy_minor=part.subsidy_minor,
            commission_minor=part.commission_minor,
            total_minor=part.items_minor - part.discount_minor,
        )
        for part in parts
    )
    for part in parts:
        OrderLine.objects.filter(pk=part.line.pk).update(
            charged_quantity=F("charged_quantity") + part.quantity
        )
    return charge


def _so_far(whole: Money, done: int, of: int) -> Money:
    """Return the part of `whole` that `done` of `of` bears: the steps add up to it exactly."""
    return whole if done == of else share_down(whole, done, of)
