"""Let go of what is held, in part or whole, even before the payment was seen."""

from datetime import UTC, datetime
from uuid import UUID

from django.db.models import F

from niaga.gateway.issuer.messages import request_of, reverse_message
from niaga.gateway.models import Authorization
from niaga.gateway.operations import accounts_of, keep_hold, position_of
from niaga.gateway.states import AUTHORIZATION_TRANSITIONS, AuthorizationState
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.ledger.holds import hold, void_hold
from niaga.ledger.posting import Movement
from niaga.plumbing.command import command
from niaga.plumbing.states import advance
from niaga.protocol.errors import OperationError
from niaga.protocol.gateway import books
from niaga.protocol.messages import operations as messages

NO_CURRENCY = "IDR"  # a tombstone holds nothing, in the house's currency


def bury_unseen(*, merchant_id: UUID, xid: str) -> None:
    """Set up a tombstone where no payment of that transaction id is known."""
    now = clock.now()
    Authorization.objects.get_or_create(
        merchant_id=merchant_id,
        xid=xid,
        defaults={
            "state": AuthorizationState.VOIDED,
            "reason": "voided",
            "currency": NO_CURRENCY,
            "admitted_at": now,
            "decided_at": now,
            "answer_due_at": now,
            "expires_at": datetime.fromtimestamp(0, UTC),
        },
    )


@command
def reverse_hold(*, row: Authorization, order: messages.Reversal, operation_id: UUID) -> Money:
    """Let go of an amount held for `row` (locked), or of all that is left.

    To let go of all is done also where nothing is held any more. A payment that the issuer is
    still being asked for is declined at once, as `voided`.

    Raises:
        OperationError: not_in_this_state (captured whole, or a part of what is not held),
            amount_exceeds_authorised, amount_differs (currency).
    """
    if row.state == AuthorizationState.AUTHORIZING and order.amount is None:
        _void(row, operation_id)
        return Money.zero(row.currency)
    if row.hold_id is None:
        if order.amount is not None or row.state == AuthorizationState.CAPTURED:
            raise OperationError("not_in_this_state")
        return Money.zero(row.currency)
    before = position_of(row)
    after = books.reverse(before, order)
    rest = Money(after.authorised_minor - after.captured_minor, row.currency)
    amount = Money(before.authorised_minor - after.authorised_minor, row.currency)
    void_hold(hold_id=row.hold_id)
    Authorization.objects.filter(pk=row.pk).update(
        released_minor=F("released_minor") + amount.minor
    )
    kept = None
    if rest:
        movement = Movement(*accounts_of(row), rest)
        kept = hold(kind="authorization", cause_id=row.id, movement=movement)
    keep_hold(row, kept, AuthorizationState.REVERSED)
    reverse_message(row, request_of(row), amount_minor=amount.minor, operation_id=operation_id)
    return amount


def _void(row: Authorization, operation_id: UUID) -> None:
    advance(
        Authorization,
        pk=row.pk,
        to=AuthorizationState.VOIDED,
        transitions=AUTHORIZATION_TRANSITIONS,
        reason="voided",
        decided_at=clock.now(),
    )
    reverse_message(row, request_of(row), amount_minor=row.amount_minor, operation_id=operation_id)
