"""What the steps of an operation share: where a payment stands, and whose money moves.

Which operation the books allow is the protocol's to say (`protocol.gateway.books`); the steps do
what it allows, and the database's constraints stand behind both.
"""

from datetime import timedelta
from uuid import UUID

from niaga.gateway.models import Authorization, Capture, IssuerMessage, Operation
from niaga.gateway.references import identifier, reference
from niaga.gateway.states import AUTHORIZATION_TRANSITIONS, AuthorizationState
from niaga.ledger.posting import AccountKey
from niaga.plumbing.states import advance
from niaga.protocol.errors import OperationError
from niaga.protocol.gateway.books import Movement, Position

REFUND_PERIOD = timedelta(days=180)
"""How long after its authorization a payment may be credited."""

_DECLINED = {
    AuthorizationState.AUTHORIZING,
    AuthorizationState.DECLINED,
    AuthorizationState.VOIDED,
}


def position_of(row: Authorization) -> Position:
    """Return where the payment stands; nothing is live of one that was not approved."""
    live = 0 if row.state in _DECLINED else row.amount_minor - row.released_minor
    return Position(
        xid=row.xid,
        auth_id=reference(row.id),
        currency=row.currency,
        authorised_minor=live,
        captured_minor=row.captured_minor,
        credited_minor=row.credited_minor,
        auth_exp_s=int(row.expires_at.timestamp()),
        refund_until_s=int((row.admitted_at + REFUND_PERIOD).timestamp()),
    )


def capture_of(row: Authorization, capture_id: str) -> Capture:
    """Return a capture of this payment, locked.

    Raises:
        OperationError: unknown_reference.
    """
    mine = row.captures.select_for_update().filter(pk=identifier(capture_id)).first()
    if mine is None:
        raise OperationError("unknown_reference")
    return mine


def movement_of(capture: Capture) -> Movement:
    """Return a capture as the books' rules see it."""
    return Movement(
        id=reference(capture.id),
        minor=capture.amount_minor,
        is_reversed=capture.reversed_at is not None,
        credited_minor=capture.credited_minor,
    )


def require_unbatched(operation_id: UUID) -> None:
    """Refuse what a batch has taken up; none will while this transaction runs.

    Raises:
        OperationError: not_in_this_state.
    """
    if Operation.objects.select_for_update().get(pk=operation_id).batch_id is not None:
        raise OperationError("not_in_this_state")


def accounts_of(row: Authorization) -> tuple[AccountKey, AccountKey]:
    """Return the two accounts between which the payment's money moves, the debtor's first."""
    return (
        AccountKey("cardholder", row.instrument_id),
        AccountKey("merchant_clearing", row.merchant_id),
    )


def keep_hold(
    row: Authorization, hold_id: UUID | None, when_nothing_is_left: AuthorizationState
) -> None:
    """Write down which hold is left; where none is, the authorization moves on."""
    if hold_id is not None:
        Authorization.objects.filter(pk=row.pk).update(hold_id=hold_id)
        return
    advance(
        Authorization,
        pk=row.pk,
        to=when_nothing_is_left,
        transitions=AUTHORIZATION_TRANSITIONS,
        hold_id=None,
    )


def message_about(operation_id: UUID) -> IssuerMessage:
    """Return the message by which the issuer was told of an operation."""
    return IssuerMessage.objects.get(operation_id=operation_id)
