"""A payment is opened for a purchase; it ends confirmed, expired or cancelled, exactly once."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from niaga.flows.money.methods import METHODS, methods_on_offer
from niaga.flows.money.models import GatewayFeed, PayCode, Payment
from niaga.flows.money.states import PAYMENT_TRANSITIONS, PaymentState
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.states import TransitionRefused, try_advance
from niaga.plumbing.writes import insert
from niaga.protocol.merchant.purchase import new_xid


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

    Money that comes in by the number or codes it had before is still the payment's.

    Raises:
        MethodUnknown: this market has no such way, or it is not for payments that are waited for.
        TransitionRefused: the payment does not wait any more.
    """
    chosen = next((m for m in methods_on_offer() if m.code == method), None)
    if chosen is None or not chosen.waits_for_payment or chosen.open_for is None:
        raise MethodUnknown(method)
    account, until = chosen.new_account(), clock.now() + chosen.open_for
    _keep_account(Payment.objects.select_for_update().get(pk=payment_id))
    moved = Payment.objects.filter(
        pk=payment_id, state=PaymentState.PENDING, expires_at__gt=clock.now()
    ).update(method=method, account_number=account, token=chosen.new_token(), expires_at=until)
    if not moved:
        raise TransitionRefused("payment", method)
    return OpenedPayment(payment_id, account, until)


def _keep_account(payment: Payment) -> None:
    if payment.account_number and payment.expires_at:
        PayCode.objects.create(
            id=new_id(),
            payment=payment,
            kind=payment.method,
            xid=new_xid(),
            content=payment.account_number,
            expires_at=payment.expires_at,
            made_at=clock.now(),
        )


@command
def close_unpaid(*, payment_id: UUID, state: PaymentState) -> bool:
    """Expire or cancel a payment that is still pending; say whether this call did it.

    Whoever moves the payment out of `pending` owns what follows: confirmation and expiry can
    race, and one of them finds nothing to do.
    """
    assert state in (PaymentState.EXPIRED, PaymentState.CANCELLED)
    return try_advance(Payment, pk=payment_id, to=state, transitions=PAYMENT_TRANSITIONS)


def not_all_heard() -> QuerySet[Payment]:
    """Return pending payments by code of which the gateway has not told all that came in time."""
    heard = GatewayFeed.objects.filter(heard_until__gte=OuterRef("expires_at"))
    by_code = [code for code, method in METHODS.items() if method.by_code]
    of_payment = PayCode.objects.filter(payment=OuterRef("pk"), kind__in=by_code)
    return Payment.objects.filter(Exists(of_payment), ~Exists(heard), state=PaymentState.PENDING)
