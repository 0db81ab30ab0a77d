"""What the market asks its gateway about codes, over the line that card payments use."""

from dataclasses import dataclass
from datetime import UTC, datetime

from niaga.flows.money.card import bank
from niaga.flows.money.models import PayCode
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.protocol.merchant import codes as checks
from niaga.protocol.messages.parts import Amount


@dataclass(frozen=True, slots=True)
class HeardReceipt:
    """Money that came in: the gateway's name of it, the code's `xid`, how much, when."""

    remote_id: str
    xid: str
    amount: Money
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """What came in after the receipt numbered `after`; without `more`, all before `until`."""

    after: int
    receipts: tuple[HeardReceipt, ...]
    more: bool
    until: datetime


def order_code(row: PayCode) -> tuple[str, str]:
    """Return the gateway's name of a code, and the code; asked again, they are the same.

    Raises:
        UnreachableError: no usable answer came; nothing is known.
    """
    now, payment = clock.now(), row.payment
    request = bank.desk().order_code(
        xid=row.xid,
        kind=row.kind,
        amount=Amount(currency=payment.currency, minor=payment.amount_minor),
        expires_s=int(row.expires_at.timestamp()),
        now=now,
    )
    text = bank.send("/codes", request)
    with bank.judging(text, "an order of a code") as trust:
        said = checks.check_code(text, request=request, trust=trust, now=now).message
    return said.id, said.content


def ask_receipts(after: int) -> Heard:
    """Return what came in after a number. Raises as `order_code` does."""
    now = clock.now()
    request = bank.desk().ask_receipts(after=after, now=now)
    text = bank.send("/receipts", request)
    with bank.judging(text, "a question about receipts") as trust:
        said = checks.check_receipts(text, request=request, trust=trust, now=now).message
    return Heard(
        after,
        tuple(
            HeardReceipt(
                r.id,
                r.xid,
                Money(r.amount.minor, r.amount.currency),
                datetime.fromtimestamp(r.paid, UTC),
            )
            for r in said.receipts
        ),
        said.more == "yes",
        datetime.fromtimestamp(said.until, UTC),
    )
