"""Paying by code, between the commands: here, and never in a transaction, the gateway is asked.

Nothing the buyer's browser says pays a purchase: only what the gateway signs does.
"""

import contextlib
from datetime import timedelta
from uuid import UUID

from niaga.flows.money.card import codes
from niaga.flows.money.card.keys import takes_cards
from niaga.flows.money.card.transport import UnreachableError
from niaga.flows.money.commands.keep_code import keep_code, want_code
from niaga.flows.money.methods import METHODS
from niaga.flows.money.models import GatewayFeed, PayCode, Payment
from niaga.flows.money.states import PaymentState
from niaga.kernel import clock
from niaga.stages.ordering.commands.cancel_order import expire_purchase, purchases_to_expire
from niaga.stages.ordering.commands.take_gateway_receipts import take_gateway_receipts

HEAR_AT_LEAST = timedelta(hours=1)


def code_of(payment_id: UUID) -> PayCode | None:
    """Return the code a payment may be paid by now, asked of the gateway where it is new.

    None: the payment does not wait for money by code, or the gateway does not answer now.
    """
    code = want_code(payment_id=payment_id)
    if code is None or code.content:
        return code
    try:
        remote_id, content = codes.order_code(code)
    except UnreachableError:
        return None
    keep_code(code_id=code.id, remote_id=remote_id, content=content)
    code.remote_id, code.content = remote_id, content
    return code


def hear() -> int:
    """Ask the gateway what came in, and take it; return how many receipts were new.

    Raises:
        UnreachableError: the gateway does not answer now; what was taken stays taken.
    """
    taken = 0
    while True:
        after = GatewayFeed.objects.values_list("after", flat=True).first() or 0
        heard = codes.ask_receipts(after)
        taken += take_gateway_receipts(heard=heard)
        if not heard.more:
            return taken


def expire() -> int:
    """End purchases whose payment did not come in time; return how many.

    What is paid by code ends only after the gateway has told all that came before its deadline.
    """
    if takes_cards():
        with contextlib.suppress(UnreachableError):  # purchases by code wait; others do not
            hear()
    return sum(expire_purchase(purchase_id=pk) for pk in purchases_to_expire())


def waits_for_codes() -> bool:
    """Say whether money may come in by a code at this moment.

    After a deadline little comes, so once in an hour is enough to ask then.
    """
    if not takes_cards() or not PayCode.objects.exists():
        return False
    if not GatewayFeed.objects.filter(heard_until__gt=clock.now() - HEAR_AT_LEAST).exists():
        return True
    by_code = [code for code, method in METHODS.items() if method.by_code]
    return PayCode.objects.filter(
        kind__in=by_code, payment__state=PaymentState.PENDING, expires_at__gt=clock.now()
    ).exists()


def codes_wanted(at_most: int = 100) -> tuple[UUID, ...]:
    """Return payments that wait for a code the gateway has not issued yet."""
    by_code = [code for code, method in METHODS.items() if method.by_code]
    waiting = Payment.objects.filter(
        method__in=by_code, state=PaymentState.PENDING, expires_at__gt=clock.now()
    ).exclude(codes__in=PayCode.objects.exclude(content=""))
    return tuple(waiting.order_by("opened_at").values_list("id", flat=True)[:at_most])
