"""An order's share of its purchase's payment, part by part."""

from collections.abc import Iterable

from niaga.flows.money.commands.capture_payment import OrderShare, PartShare
from niaga.kernel.money import Money
from niaga.stages.ordering.models import Charge, Order, OrderLine


def order_share(order: Order, of_order: Iterable[OrderLine] | None = None) -> OrderShare:
    """Return the order's share; one statement where its lines are not given and were not read yet.

    Each line is a part, and the delivery where it costs something.
    """
    currency = order.currency
    lines = [
        PartShare(
            line.id,
            Money(line.total_minor, currency),
            Money(line.subsidy_minor, currency),
            Money(line.commission_minor, currency),
            taxed=line.tax_minor > 0,
        )
        for line in (order.lines.all() if of_order is None else of_order)
    ]
    delivery = _delivery(order, order.delivery_minor)
    return OrderShare(order.id, order.seller_id, tuple(lines + delivery))


def charge_share(charge: Charge) -> OrderShare:
    """Return what a charge (its order and lines are loaded) pays of each part of its order."""
    currency, order = charge.order.currency, charge.order
    lines = [
        PartShare(
            line.line_id,
            Money(line.total_minor, currency),
            Money(line.subsidy_minor, currency),
            Money(line.commission_minor, currency),
        )
        for line in charge.lines.all()
    ]
    delivery = _delivery(order, charge.delivery_minor)
    return OrderShare(order.id, order.seller_id, tuple(lines + delivery))


def _delivery(order: Order, minor: int) -> list[PartShare]:
    """Return the delivery's part; it contains PPN where the order does."""
    zero, paid = Money.zero(order.currency), Money(minor, order.currency)
    return [PartShare(order.id, paid, zero, zero, taxed=order.tax_minor > 0)] if paid else []
