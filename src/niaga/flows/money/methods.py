"""The ways to pay: a new one is a row in `METHODS` and the commands it calls."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from niaga.flows.money.card.keys import takes_cards
from niaga.kernel.ids import new_token

CARD = "card"
BANK_TRANSFER = "bank_transfer"


def _virtual_account_number() -> str:
    """Return a 16-digit virtual account number: the market's prefix and 12 random digits."""
    return f"8808{secrets.randbelow(10**12):012}"


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """One way to pay.

    `captured_at`: when the money is really there: on `confirmation` of the whole payment (an
    order waits for it), on `delivery` of each order (an order goes ahead at once), or at
    `dispatch` (authorised before, captured then). `open_for` limits how long a payment may wait.
    `new_account` makes the number to transfer to, `new_token` what opens the payment to a wallet;
    `by_code`: the gateway issues a code or number to pay by.
    """

    code: str
    label: str | Promise
    hint: str | Promise
    captured_at: Literal["confirmation", "delivery", "dispatch"]
    open_for: timedelta | None
    new_account: Callable[[], str | None] = _nothing
    new_token: Callable[[], str | None] = _nothing
    needs_parcel: bool = False
    by_code: bool = False

    @property
    def waits_for_payment(self) -> bool:
        """Whether an order waits in `placed` until the payment is confirmed or authorized."""
        return self.captured_at != "delivery"


METHODS: dict[str, PaymentMethod] = {
    method.code: method
    for method in (
        PaymentMethod(
            code="qris",
            label=_("QRIS"),
            hint=_("Scan a code with any bank or e-wallet app within 30 minutes."),
            captured_at="confirmation",
            open_for=timedelta(minutes=30),
            by_code=True,
        ),
        PaymentMethod(
            code="virtual_account",
            label=_("Virtual account"),
            hint=_("Transfer from any bank within 24 hours; it is seen within seconds."),
            captured_at="confirmation",
            open_for=timedelta(hours=24),
            by_code=True,
        ),
        PaymentMethod(
            code=BANK_TRANSFER,
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
        PaymentMethod(
            code=CARD,
            label=_("Card, from your wallet"),
            hint=_("Your bank sets the amount aside; it is charged when each seller ships."),
            captured_at="dispatch",
            open_for=timedelta(hours=1),
            new_token=new_token,
        ),
    )
}


def methods_taken() -> tuple[PaymentMethod, ...]:
    """Return the ways that a purchase can be paid now: codes and cards need a gateway."""
    if takes_cards():
        return tuple(METHODS.values())
    return tuple(m for m in METHODS.values() if not (m.by_code or m.code == CARD))


def methods_on_offer() -> tuple[PaymentMethod, ...]:
    """Return the ways to pay that buyers are offered now.

    With a gateway that is no transfer to be read from the bank's file: its own accounts are
    numbered, too, and seen at once.
    """
    taken = methods_taken()
    has_codes = any(method.by_code for method in taken)
    return tuple(m for m in taken if not (has_codes and m.code == BANK_TRANSFER))
