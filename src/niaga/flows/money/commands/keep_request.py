"""An operation's signed bytes are kept before they are sent, so that they are sent again as is."""

from datetime import timedelta
from uuid import UUID

from niaga.flows.money.models import GatewayOperation
from niaga.flows.money.states import OperationState
from niaga.kernel import clock
from niaga.plumbing.command import command

LONGEST_WAIT_S = 3600


@command
def keep_request(*, operation_id: UUID, request: str) -> str | None:
    """Keep `request` unless one is kept already, and count a try; return the bytes to send.

    None says that the operation is answered. The next try is due after 2, 4, 8 ... seconds.
    """
    row = GatewayOperation.objects.select_for_update().get(pk=operation_id)
    if row.state != OperationState.DUE:
        return None
    row.request = row.request or request
    row.tries += 1
    wait_s = min(2 ** min(row.tries, 12), LONGEST_WAIT_S)
    row.due_at = clock.now() + timedelta(seconds=wait_s)
    row.save(update_fields=["request", "tries", "due_at"])
    return row.request


@command
def drop_request(*, operation_id: UUID) -> None:
    """Forget bytes that the gateway will not admit any more: the next try signs new ones."""
    GatewayOperation.objects.filter(pk=operation_id, state=OperationState.DUE).update(
        request="", due_at=clock.now()
    )
