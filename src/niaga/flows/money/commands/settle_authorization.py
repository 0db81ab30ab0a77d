"""What the bank said is written down, once; whoever comes second finds nothing to do."""

from uuid import UUID

from niaga.flows.money.card.bank import Word
from niaga.flows.money.commands.order_operation import order_operation
from niaga.flows.money.models import Authorization, GatewayOperation, Payment
from niaga.flows.money.states import (
    AUTHORIZATION_TRANSITIONS,
    PAYMENT_TRANSITIONS,
    AuthorizationState,
    PaymentState,
)
from niaga.kernel import clock
from niaga.plumbing.command import command
from niaga.plumbing.states import TransitionRefused, advance, advance_later, try_advance
from niaga.plumbing.writes import prepared_cursor

_LOCK = """
    SELECT a.state, y.id, y.state
      FROM money_authorization a JOIN money_payment y ON y.id = a.payment_id
     WHERE a.id = %s
       FOR UPDATE
"""


@command
def approve_authorization(*, authorization_id: UUID, word: Word) -> bool:
    """The bank sets the amount aside; say whether this call wrote it.

    An approval of what was called off meanwhile is ignored: its reversal is on its way.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_LOCK, [authorization_id])
        state, payment_id, payment_state = cursor.fetchone()
    if AuthorizationState.APPROVED not in AUTHORIZATION_TRANSITIONS[state]:
        return False
    if PaymentState.AUTHORIZED not in PAYMENT_TRANSITIONS[payment_state]:
        raise TransitionRefused(thing="payment", wished=PaymentState.AUTHORIZED)
    advance_later(
        Authorization,
        pk=authorization_id,
        to=AuthorizationState.APPROVED,
        transitions=AUTHORIZATION_TRANSITIONS,
        auth_res=word.text,
        auth_id=word.auth_id,
        expires_at=word.expires_at,
        answered_at=clock.now(),
        due_at=None,
    )
    advance_later(
        Payment, pk=payment_id, to=PaymentState.AUTHORIZED, transitions=PAYMENT_TRANSITIONS
    )
    return True


@command
def decline_authorization(*, authorization_id: UUID, word: Word) -> bool:
    """The bank said no: the payment waits again, for another card or way; say whether we wrote it.

    Where the bank would not even judge the request (`failed`), a reversal makes sure that nothing
    is set aside by an earlier, unanswered sending of it.
    """
    moved = try_advance(
        Authorization,
        pk=authorization_id,
        to=AuthorizationState.DECLINED,
        transitions=AUTHORIZATION_TRANSITIONS,
        auth_res=word.text,
        reason=word.reason[:40],
        answered_at=clock.now(),
        due_at=None,
    )
    if moved:
        _move_payment(authorization_id, PaymentState.PENDING)
        if word.result == "failed":
            _reverse_by_xid(authorization_id)
    return moved


@command
def void_authorization(*, authorization_id: UUID) -> bool:
    """No answer came in time: call the try off, whatever the bank made of it; say whether we did.

    The reversal that frees the buyer's money is written in the same transaction, so an approval
    that arrives later can't be captured.
    """
    moved = try_advance(
        Authorization,
        pk=authorization_id,
        to=AuthorizationState.VOIDED,
        transitions=AUTHORIZATION_TRANSITIONS,
        reason="no_answer",
        answered_at=clock.now(),
        due_at=None,
    )
    if moved:
        _move_payment(authorization_id, PaymentState.PENDING)
        _reverse_by_xid(authorization_id)
    return moved


def _move_payment(authorization_id: UUID, state: PaymentState) -> None:
    payment_id = Authorization.objects.values_list("payment_id", flat=True).get(pk=authorization_id)
    advance(Payment, pk=payment_id, to=state, transitions=PAYMENT_TRANSITIONS)


def _reverse_by_xid(authorization_id: UUID) -> None:
    row = Authorization.objects.select_related("payment").get(pk=authorization_id)
    order_operation(
        authorization_id=authorization_id,
        kind=GatewayOperation.Kind.REVERSAL,
        cause_id=row.payment.cause_id,
        about_id=authorization_id,
        amount=None,
    )
