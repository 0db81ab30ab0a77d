"""An order's part of its purchase's payment."""

from niaga.flows.money.commands.capture_payment import OrderShare
from niaga.kernel.money import Money
from niaga.stages.ordering.models import Order


def order_share(order: Order) -> OrderShare:
    """Return the order's part of its purchase's payment."""
    return OrderShare(
        order_id=order.id,
        seller_id=order.seller_id,
        paid=Money(order.total_minor, order.currency),
        subsidy=Money(order.subsidy_minor, order.currency),
        commission=Money(order.commission_minor, order.currency),
    )
