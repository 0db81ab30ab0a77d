"""An order's share of its purchase's payment, part by part."""

from collections.abc import Iterable
from uuid import UUID

from niaga.flows.money.commands.capture_payment import OrderShare, PartShare
from niaga.kernel.money import Money
from niaga.stages.ordering.models import Charge, Order, OrderLine


def order_share(order: Order, of_order: Iterable[OrderLine] | None = None) -> OrderShare:
    """Return the order's share; one statement where its lines are not given and were not read yet.

    Each line is a part, and the delivery where it costs something.
    """
    currency = order.currency
    lines = [
        _part(currency, line.id, line.total_minor, line.subsidy_minor, line.commission_minor)
        for line in (order.lines.all() if of_order is None else of_order)
    ]
    delivery = [_part(currency, order.id, order.delivery_minor)] if order.delivery_minor else []
    return OrderShare(order.id, order.seller_id, tuple(lines + delivery))


def charge_share(charge: Charge) -> OrderShare:
    """Return what a charge (its order and lines are loaded) pays of each part of its order."""
    currency, order = charge.order.currency, charge.order
    lines = [
        _part(currency, line.line_id, line.total_minor, line.subsidy_minor, line.commission_minor)
        for line in charge.lines.all()
    ]
    delivery = [_part(currency, order.id, charge.delivery_minor)] if charge.delivery_minor else []
    return OrderShare(order.id, order.seller_id, tuple(lines + delivery))


def _part(
    currency: str, about_id: UUID, paid: int, subsidy: int = 0, commission: int = 0
) -> PartShare:
    return PartShare(
        about_id, Money(paid, currency), Money(subsidy, currency), Money(commission, currency)
    )
