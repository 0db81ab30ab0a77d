"""Undo a capture: its amount is held again while the authorization lives, or let go."""

from uuid import UUID

from django.db.models import F

from niaga.gateway.issuer.messages import request_of, reverse_message
from niaga.gateway.models import Authorization, Capture
from niaga.gateway.operations import (
    accounts_of,
    capture_of,
    message_about,
    movement_of,
    position_of,
    require_unbatched,
)
from niaga.gateway.states import AUTHORIZATION_TRANSITIONS, AuthorizationState
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.ledger.holds import hold, void_hold
from niaga.ledger.posting import Movement, Posting, post
from niaga.plumbing.command import command
from niaga.plumbing.states import advance
from niaga.protocol.gateway import books
from niaga.protocol.messages import operations as messages

_LIVE = {AuthorizationState.APPROVED, AuthorizationState.CAPTURED}


@command
def reverse_capture(
    *, row: Authorization, order: messages.CaptureReversal, operation_id: UUID
) -> Money:
    """Undo a capture of `row` (locked) whole, before a credit or a batch has built on it.

    Raises:
        OperationError: unknown_reference, already_reversed, amount_differs, not_in_this_state.
    """
    capture = capture_of(row, order.capture_id)
    books.reverse_capture(position_of(row), order, movement_of(capture))
    require_unbatched(capture.pk)
    amount = Money(capture.amount_minor, capture.currency)
    Capture.objects.filter(pk=capture.pk, reversed_at=None).update(reversed_at=clock.now())
    debtor, creditor = accounts_of(row)
    post(Posting("capture_reversal", operation_id, (Movement(creditor, debtor, amount),)))
    reverse_message(
        row, message_about(capture.pk), amount_minor=amount.minor, operation_id=operation_id
    )
    if row.state in _LIVE and clock.now() < row.expires_at:
        _hold_again(row, amount)
    else:
        _let_go(row, amount)
    return amount


def _hold_again(row: Authorization, amount: Money) -> None:
    rest = Money(row.amount_minor - row.captured_minor - row.released_minor, row.currency)
    if row.hold_id is not None:
        void_hold(hold_id=row.hold_id)
    movement = Movement(*accounts_of(row), rest + amount)
    held = hold(kind="authorization", cause_id=row.id, movement=movement)
    _change(row, AuthorizationState.APPROVED, captured_minor=-amount.minor, hold_id=held)


def _let_go(row: Authorization, amount: Money) -> None:
    _change(
        row,
        AuthorizationState.EXPIRED,
        captured_minor=-amount.minor,
        released_minor=amount.minor,
    )
    # A reversed capture is held again at the issuer, so that hold is reversed too.
    reverse_message(row, request_of(row), amount_minor=amount.minor)


def _change(
    row: Authorization,
    after_captured: AuthorizationState,
    *,
    captured_minor: int,
    released_minor: int = 0,
    hold_id: UUID | None = None,
) -> None:
    """Add the amounts; an authorization captured whole is that no longer."""
    changes = {
        "captured_minor": F("captured_minor") + captured_minor,
        "released_minor": F("released_minor") + released_minor,
        "hold_id": hold_id or row.hold_id,
    }
    if row.state == AuthorizationState.CAPTURED:
        advance(
            Authorization,
            pk=row.pk,
            to=after_captured,
            transitions=AUTHORIZATION_TRANSITIONS,
            **changes,
        )
    else:
        Authorization.objects.filter(pk=row.pk).update(**changes)
