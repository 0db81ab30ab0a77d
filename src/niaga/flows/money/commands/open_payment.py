"""A payment is opened for a purchase; it ends confirmed, expired or cancelled, exactly once."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from niaga.flows.money.methods import METHODS, methods_on_offer
from niaga.flows.money.models import Payment
from niaga.flows.money.states import PAYMENT_TRANSITIONS, PaymentState
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.states import TransitionRefused, try_advance
from niaga.plumbing.writes import insert


@dataclass(eq=False)
class MethodUnknown(Refusal):
    """There is no such way to pay."""

    code: ClassVar[str] = "method_unknown"
    method: str


@dataclass(frozen=True, slots=True)
class OpenedPayment:
    """What the buyer needs to pay: the account number where the method has one, the deadline."""

    payment_id: UUID
    account_number: str | None
    expires_at: datetime | None


@command
def open_payment(*, cause_id: UUID, method: str, amount: Money) -> OpenedPayment:
    """Open the payment of the purchase `cause_id`.

    Raises:
        MethodUnknown: no such method.
    """
    chosen = METHODS.get(method)
    if chosen is None:
        raise MethodUnknown(method)
    payment = Payment(
        id=new_id(),
        cause_id=cause_id,
        method=method,
        amount_minor=amount.minor,
        currency=amount.currency,
        account_number=chosen.new_account(),
        token=chosen.new_token(),
        opened_at=clock.now(),
        expires_at=clock.now() + chosen.open_for if chosen.open_for else None,
    )
    insert([payment])
    return OpenedPayment(payment.id, payment.account_number, payment.expires_at)


@command
def change_method(*, payment_id: UUID, method: str) -> OpenedPayment:
    """Let a payment that is still pending be paid in another way, from now on.

    Raises:
        MethodUnknown: this market has no such way, or it is not for payments that are waited for.
        TransitionRefused: the payment does not wait any more.
    """
    chosen = next((m for m in methods_on_offer() if m.code == method), None)
    if chosen is None or not chosen.waits_for_payment or chosen.open_for is None:
        raise MethodUnknown(method)
    account, until = chosen.new_account(), clock.now() + chosen.open_for
    moved = Payment.objects.filter(
        pk=payment_id, state=PaymentState.PENDING, expires_at__gt=clock.now()
    ).update(method=method, account_number=account, token=chosen.new_token(), expires_at=until)
    if not moved:
        raise TransitionRefused("payment", method)
    return OpenedPayment(payment_id, account, until)


@command
def close_unpaid(*, payment_id: UUID, state: PaymentState) -> bool:
    """Expire or cancel a payment that is still pending; say whether this call did it.

    Whoever moves the payment out of `pending` owns what follows: confirmation and expiry can
    race, and one of them finds nothing to do.
    """
    assert state in (PaymentState.EXPIRED, PaymentState.CANCELLED)
    return try_advance(Payment, pk=payment_id, to=state, transitions=PAYMENT_TRANSITIONS)
