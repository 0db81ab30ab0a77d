"""The buyer signed an offer: from here on the bank is asked, until its answer is known."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from niaga.flows.money.card.offers import SignedRequest
from niaga.flows.money.commands.keep_offer import check_payable
from niaga.flows.money.models import Authorization, Payment
from niaga.flows.money.states import (
    AUTHORIZATION_TRANSITIONS,
    PAYMENT_TRANSITIONS,
    AuthorizationState,
    PaymentState,
)
from niaga.kernel import clock
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.reads import Columns
from niaga.plumbing.states import advance_later
from niaga.plumbing.writes import prepared_cursor

LOOK_AGAIN = timedelta(seconds=10.5)
"""When somebody else looks after a request whose sender has died: the bank answers earlier."""


@dataclass(eq=False)
class OfferAnswered(Refusal):
    """The offer was answered before, by another signature."""

    code: ClassVar[str] = "xid_conflict"
    xid: str


_PAYMENT = Columns(Payment, "y", "id", "method", "state", "expires_at")
_LOCK = f"""
    SELECT a.state, a.ds_hash, a.xid, {_PAYMENT}
      FROM money_authorization a JOIN money_payment y ON y.id = a.payment_id
     WHERE a.id = %s
       FOR UPDATE
"""  # noqa: S608 - columns of ours


@command
def request_authorization(*, authorization_id: UUID, signed: SignedRequest) -> bool:
    """Bind the offer to the one signature it is paid by; say whether this call did it.

    Whose call it was asks the bank: the first try is counted here. The same signature again
    changes nothing.

    Raises:
        OfferAnswered: another signature came before.
        NotPayable: the payment waits for no card any more (another try won, it is over).
    """
    with prepared_cursor() as cursor:
        cursor.execute(_LOCK, [authorization_id])
        state, ds_hash, xid, *of_payment = cursor.fetchone()
    if state != AuthorizationState.OFFERED:
        if ds_hash != signed.ds_hash:
            raise OfferAnswered(xid)
        return False
    payment = _PAYMENT.read(of_payment)
    check_payable(payment)
    now = clock.now()
    advance_later(
        Payment, pk=payment.pk, to=PaymentState.AUTHORIZING, transitions=PAYMENT_TRANSITIONS
    )
    advance_later(
        Authorization,
        pk=authorization_id,
        to=AuthorizationState.REQUESTED,
        transitions=AUTHORIZATION_TRANSITIONS,
        request=signed.text,
        ds_hash=signed.ds_hash,
        auth_req=signed.auth_req,
        requested_at=now,
        tries=1,
        due_at=now + LOOK_AGAIN,
    )
    return True


@command
def count_try(*, authorization_id: UUID, next_at_s: float) -> int | None:
    """Note that the bank is asked again; return the number of the try, None where it is decided.

    Committed before the bank is asked, so that two who ask see each other.
    """
    row = Authorization.objects.select_for_update().get(pk=authorization_id)
    if row.state != AuthorizationState.REQUESTED:
        return None
    row.tries += 1
    row.due_at = clock.now() + timedelta(seconds=next_at_s)
    row.save(update_fields=["tries", "due_at"])
    return row.tries
