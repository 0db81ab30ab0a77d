"""Sellers are paid: one outgoing bank file, filled some sellers at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.money.commands.pay_sellers import pay_sellers
from niaga.flows.money.owed import OwedNow, sellers_owed
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal

# Of orders, in one transaction: it locks that much, and keeps that many events in memory.
MOST_PARTS = 10_000


@dataclass(eq=False)
class NothingToPayOut(Refusal):
    """No seller has released money beyond the cash it holds and what it has to give back."""

    code: ClassVar[str] = "nothing_to_pay_out"


@dataclass(frozen=True, slots=True)
class MadeBatch:
    """The outgoing file: its id, its number, its lines and their total."""

    batch_id: UUID
    number: int
    payouts: int
    total: Money


def run_payouts(*, actor: Actor, currency: str = "IDR") -> MadeBatch:
    """Put every seller's released money into one batch, netted against cash it holds and debts.

    A debt is what a seller was paid of an order that was refunded since. A seller who holds or
    owes as much as it would get stays out until the next run. Also what the bank sent back is
    paid again. Each some thousand parts of orders are a transaction of their own: a run that is
    interrupted has paid some sellers whole, and the next one pays the others.

    Raises:
        NothingToPayOut: nobody has anything to get.
    """
    return fill_batch(sellers_owed(currency), actor=actor, currency=currency)


def fill_batch(owed: Iterable[OwedNow], *, actor: Actor, currency: str) -> MadeBatch:
    """Put these sellers into one batch.

    Raises:
        NothingToPayOut: none of them has anything to get.
    """
    batch: MadeBatch | None = None
    for sellers in _portions(one for one in owed if one.amount.minor > 0):
        filled = pay_sellers(
            actor=actor,
            currency=currency,
            sellers=sellers,
            batch_id=batch.batch_id if batch else None,
        )
        if filled:
            before = (batch.payouts, batch.total) if batch else (0, Money.zero(currency))
            batch = MadeBatch(
                filled.batch_id,
                filled.number,
                filled.payouts + before[0],
                filled.total + before[1],
            )
    if batch is None:
        raise NothingToPayOut
    return batch


def _portions(owed: Iterable[OwedNow]) -> Iterator[tuple[UUID, ...]]:
    portion: list[UUID] = []
    parts = 0
    for one in owed:
        if portion and parts + one.parts > MOST_PARTS:
            yield tuple(portion)
            portion, parts = [], 0
        portion.append(one.seller_id)
        parts += one.parts
    if portion:
        yield tuple(portion)
