"""Take a part of what is held."""

from uuid import UUID

from django.db.models import F

from niaga.gateway.issuer import iso8583
from niaga.gateway.issuer.messages import write_message
from niaga.gateway.models import Authorization, Capture
from niaga.gateway.operations import keep_hold, position_of
from niaga.gateway.states import AuthorizationState
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.ledger.holds import post_hold
from niaga.plumbing.command import command
from niaga.protocol.errors import OperationError
from niaga.protocol.gateway import books
from niaga.protocol.messages import operations as messages


@command
def capture_hold(*, row: Authorization, order: messages.Capture, operation_id: UUID) -> Money:
    """Take a part of the hold of `row` (locked); several captures may follow each other.

    Expiry is judged here, once: whether the worker has let go of the hold makes no difference.

    Raises:
        OperationError: unknown_reference, authorization_expired, amount_differs (currency),
            amount_exceeds_authorised, not_in_this_state.
    """
    books.capture(position_of(row), order, now=clock.now())
    amount = Money(order.amount.minor, row.currency)
    if row.hold_id is None:
        raise OperationError("not_in_this_state")
    Authorization.objects.filter(pk=row.pk).update(
        captured_minor=F("captured_minor") + amount.minor
    )
    Capture.objects.create(
        id=operation_id,
        authorization=row,
        amount_minor=amount.minor,
        currency=amount.currency,
        captured_at=clock.now(),
    )
    rest = post_hold(hold_id=row.hold_id, kind="capture", cause_id=operation_id, amount=amount)
    keep_hold(row, rest, AuthorizationState.CAPTURED)
    write_message(row, kind=iso8583.ADVICE, amount_minor=amount.minor, operation_id=operation_id)
    return amount
