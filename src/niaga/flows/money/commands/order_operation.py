"""The gateway is to be told something: written with the work, told by the worker afterwards."""

from uuid import UUID

from django.db.models import Max

from niaga.flows.money.models import Authorization, GatewayOperation
from niaga.flows.money.states import OPERATION_TRANSITIONS, OperationState
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.plumbing.command import command
from niaga.plumbing.states import advance


@command
def order_operation(
    *,
    authorization_id: UUID,
    kind: GatewayOperation.Kind,
    cause_id: UUID,
    about_id: UUID,
    amount: Money | None,
    reference: str = "",
) -> UUID:
    """Write an operation down, with the next number of its authorization; return its id.

    `amount` is None for a reversal of all that is left.
    """
    row = Authorization.objects.select_for_update().get(pk=authorization_id)
    last = row.operations.aggregate(last=Max("seq"))["last"] or 0
    now = clock.now()
    return GatewayOperation.objects.create(
        id=new_id(),
        authorization=row,
        kind=kind,
        seq=last + 1,
        cause_id=cause_id,
        about_id=about_id,
        amount_minor=amount.minor if amount else None,
        currency=row.currency,
        reference=reference,
        made_at=now,
        due_at=now,
    ).id


@command
def retry_operation(*, operation_id: UUID) -> UUID:
    """Have a refused operation told again, newly signed; return its order's id.

    Raises:
        TransitionRefused: it is not refused.
    """
    advance(
        GatewayOperation,
        pk=operation_id,
        to=OperationState.DUE,
        transitions=OPERATION_TRANSITIONS,
        request="",
        answer="",
        reason="",
        tries=0,
        due_at=clock.now(),
    )
    return GatewayOperation.objects.values_list("cause_id", flat=True).get(pk=operation_id)
