"""A simulator of a payer and their bank, for trying codes: no bank, and no part of one.

At a real acquirer the national switch tells of payments; what it says ends in the same command.
"""

from dataclasses import dataclass
from datetime import datetime

from niaga.gateway.commands.receive_payment import receive_payment
from niaga.gateway.models import PayCode
from niaga.kernel.money import Money


@dataclass(frozen=True, slots=True)
class SeenCode:
    """What a payer's bank shows before they confirm; nothing of what is bought is in a code."""

    content: str
    kind: str
    payee: str
    amount: Money
    expires_at: datetime
    is_paid: bool


def look_at(content: str) -> SeenCode | None:
    """Return what a code or account number asks for; None: there is no such."""
    row = PayCode.objects.select_related("merchant").filter(content=content).first()
    if row is None:
        return None
    return SeenCode(
        content=row.content,
        kind=row.kind,
        payee=row.merchant.name,
        amount=Money(row.amount_minor, row.currency),
        expires_at=row.expires_at,
        is_paid=row.receipts.exists(),
    )


def pay(content: str, amount: Money | None = None) -> None:
    """Pay what a code asks for, or another amount; raises as `receive_payment` does."""
    seen = look_at(content)
    receive_payment(content=content, amount=amount or (seen.amount if seen else Money.zero()))
