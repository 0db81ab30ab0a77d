"""A buyer who has not paid yet chooses another way to pay the purchase."""

from uuid import UUID

from niaga.flows.goods.commands.reserve_stock import extend_reservations
from niaga.flows.money.commands.open_payment import change_method
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.ordering.events import PaymentOpened
from niaga.stages.ordering.models import OrderLine, Purchase


@command
def pay_another_way(*, actor: Actor, purchase_id: UUID, method: str) -> None:
    """Let the purchase be paid by `method`; its goods stay promised as long as that may take.

    Raises:
        MethodUnknown: the purchase can't be paid that way.
        TransitionRefused: it is paid, over, or the bank is being asked.
    """
    purchase = Purchase.objects.get(pk=purchase_id)
    opened = change_method(payment_id=purchase.payment_id, method=method)
    assert opened.expires_at is not None, "a payment that is waited for has a deadline"
    lines = OrderLine.objects.filter(order__purchase=purchase, kind="goods")
    extend_reservations(
        cause_ids=tuple(lines.values_list("id", flat=True)), expires_at=opened.expires_at
    )
    record(
        PaymentOpened(
            subject_id=purchase_id,
            method=method,
            amount_minor=purchase.total_minor,
            currency=purchase.currency,
            expires_at=opened.expires_at,
        ),
        actor=actor,
    )
