"""What ordering does by the clock."""

from uuid import UUID

from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.plumbing.jobs import app
from niaga.stages.ordering.commands.cancel_order import expire_purchase, purchases_to_expire
from niaga.stages.ordering.commands.complete_order import complete_order, orders_to_complete


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="expire_purchases", pass_context=False)
def expire_purchases(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """End purchases whose payment did not come in time; return how many."""
    return sum(expire_purchase(purchase_id=pk) for pk in purchases_to_expire())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="complete_orders", pass_context=False)
def complete_orders(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Close delivered orders whose return window has passed; return how many."""
    return sum(_completed(order_id) for order_id in orders_to_complete())


def _completed(order_id: UUID) -> bool:
    """Complete one order; a complaint or the buyer may have come first, which is no error."""
    try:
        complete_order(actor=Actor.system(), order_id=order_id)
    except Refusal:
        return False
    return True
