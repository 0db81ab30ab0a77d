"""The ways to pay. A new one (a card) is a row in `METHODS` and the commands it calls."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def _virtual_account_number() -> str:
    """Return a 16-digit virtual account number: the market's prefix and 12 random digits."""
    return "8808" + "".join(secrets.choice("0123456789") for _ in range(12))


def _no_account() -> None:
    return None


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """One way to pay.

    `captured_at`: when the money is really there: on `confirmation` of the whole payment (an
    order waits for it), on `delivery` of each order (an order goes ahead at once), or at
    `dispatch` (authorised before, captured then). `open_for` limits how long a payment may wait.
    """

    code: str
    label: str | Promise
    hint: str | Promise
    captured_at: Literal["confirmation", "delivery", "dispatch"]
    open_for: timedelta | None
    new_account: Callable[[], str | None] = _no_account
    needs_parcel: bool = False

    @property
    def waits_for_payment(self) -> bool:
        """Whether an order waits in `placed` until the payment is confirmed."""
        return self.captured_at == "confirmation"


METHODS: dict[str, PaymentMethod] = {
    method.code: method
    for method in (
        PaymentMethod(
            code="bank_transfer",
            label=_("Bank transfer (virtual account)"),
            hint=_("Pay from any bank within 24 hours; your order is held for you meanwhile."),
            captured_at="confirmation",
            open_for=timedelta(hours=24),
            new_account=_virtual_account_number,
        ),
        PaymentMethod(
            code="cash_on_delivery",
            label=_("Cash on delivery"),
            hint=_("Pay the courier in cash when your parcel arrives."),
            captured_at="delivery",
            open_for=None,
            needs_parcel=True,
        ),
    )
}
