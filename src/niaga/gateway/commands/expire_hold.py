"""Nobody captured the money in time: it is let go."""

from uuid import UUID

from django.db.models import F

from niaga.gateway.issuer.messages import request_of, reverse_message
from niaga.gateway.models import Authorization
from niaga.gateway.states import AUTHORIZATION_TRANSITIONS, AuthorizationState
from niaga.kernel import clock
from niaga.ledger.holds import expire_hold as end_hold
from niaga.plumbing.command import command
from niaga.plumbing.states import advance


def holds_to_expire(*, at_most: int = 100) -> tuple[UUID, ...]:
    """Return authorizations whose time is over while money is still held."""
    over = Authorization.objects.filter(
        state=AuthorizationState.APPROVED, expires_at__lte=clock.now()
    )
    return tuple(over.order_by("expires_at").values_list("pk", flat=True)[:at_most])


@command
def expire_hold(*, authorization_id: UUID) -> bool:
    """Let go of what is still held of an authorization past its time; say whether anything was."""
    row = Authorization.objects.select_for_update().get(pk=authorization_id)
    if row.state != AuthorizationState.APPROVED or clock.now() < row.expires_at:
        return False
    assert row.hold_id is not None, "what is approved is held"
    rest_minor = row.amount_minor - row.captured_minor - row.released_minor
    end_hold(hold_id=row.hold_id)
    advance(
        Authorization,
        pk=row.pk,
        to=AuthorizationState.EXPIRED,
        transitions=AUTHORIZATION_TRANSITIONS,
        hold_id=None,
        released_minor=F("released_minor") + rest_minor,
    )
    reverse_message(row, request_of(row), amount_minor=rest_minor)
    return True
