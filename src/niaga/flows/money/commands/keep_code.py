"""A code to pay by is wanted for a payment, and issued by the gateway."""

from uuid import UUID

from niaga.flows.money.methods import METHODS
from niaga.flows.money.models import PayCode, Payment
from niaga.flows.money.states import PaymentState
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.plumbing.command import command
from niaga.protocol.merchant.purchase import new_xid


@command
def want_code(*, payment_id: UUID) -> PayCode | None:
    """Return the code of a payment's present method, made now without content where it is new.

    None: the payment does not wait for money by code.
    """
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    over = payment.expires_at is None or payment.expires_at <= clock.now()
    if payment.state != PaymentState.PENDING or over or not METHODS[payment.method].by_code:
        return None
    assert payment.expires_at is not None, "a payment that is waited for has a deadline"
    code, _ = PayCode.objects.get_or_create(
        payment=payment,
        kind=payment.method,
        # The gateway counts in seconds; the market waits until this one is surely over.
        expires_at=payment.expires_at.replace(microsecond=0),
        defaults={"id": new_id(), "xid": new_xid(), "made_at": clock.now()},
    )
    return code


@command
def keep_code(*, code_id: UUID, remote_id: str, content: str) -> None:
    """Keep what the gateway issued; what is kept already stays."""
    PayCode.objects.filter(pk=code_id, content="").update(remote_id=remote_id, content=content)
