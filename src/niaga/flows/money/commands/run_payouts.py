"""Sellers are paid: one outgoing bank file with one line a seller."""

from collections import defaultdict
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.money.events import PayoutPaid, PayoutPrepared
from niaga.flows.money.models import Escrow, Payout, PayoutBatch, SellerDebt
from niaga.flows.money.refunding import escrow_part
from niaga.flows.money.states import PAYOUT_TRANSITIONS, EscrowState, PayoutState
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.ledger.queries import balances
from niaga.parties.models import Company
from niaga.plumbing.command import command
from niaga.plumbing.numbering import next_number
from niaga.plumbing.outbox import record
from niaga.plumbing.states import advance


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


@dataclass(frozen=True, slots=True)
class Due:
    """What a seller would get: `net` released, less cash it holds and debts for refunds."""

    net: Money
    cash: Money
    debt: Money

    @property
    def amount(self) -> Money:
        """What is transferred; not above zero when the seller has it already."""
        return self.net - self.cash - self.debt


@command
def run_payouts(*, actor: Actor, currency: str = "IDR") -> MadeBatch:
    """Put every seller's released money into one batch, netted against cash it holds and debts.

    A debt is what a seller was paid of an order that was refunded since. A seller who holds or
    owes as much as it would get stays out until the next run.

    Raises:
        NothingToPayOut: nobody has anything to get.
    """
    ready: dict[UUID, list[Escrow]] = defaultdict(list)
    for escrow in (
        Escrow.objects.select_for_update()
        .filter(state=EscrowState.RELEASABLE, currency=currency)
        .order_by("id")
    ):
        ready[escrow.seller_id].append(escrow)
    cash = balances(*(AccountKey("cod_cash", s) for s in ready), currency=currency)
    debts = _debts(tuple(ready), currency)
    due = {
        seller_id: Due(
            _net(escrows, currency),
            cash[AccountKey("cod_cash", seller_id)],
            Money.total(debts[seller_id].values(), currency),
        )
        for seller_id, escrows in ready.items()
    }
    due = {seller_id: one for seller_id, one in due.items() if one.amount.minor > 0}
    if not due:
        raise NothingToPayOut
    batch = PayoutBatch.objects.create(
        id=new_id(), number=next_number("payout_batch"), made_at=clock.now()
    )
    payouts = _write_payouts(batch, due, currency)
    post(*(_netted(payouts[seller_id], one) for seller_id, one in due.items()))
    for seller_id, payout in payouts.items():
        SellerDebt.objects.filter(pk__in=debts[seller_id]).update(payout=payout)
        _attach(actor, payout, ready[seller_id])
    total = Money.total((one.amount for one in due.values()), currency)
    return MadeBatch(batch.id, batch.number, len(payouts), total)


def _debts(sellers: tuple[UUID, ...], currency: str) -> dict[UUID, dict[UUID, Money]]:
    """Return each seller's open debts by id, locked."""
    found: dict[UUID, dict[UUID, Money]] = {seller_id: {} for seller_id in sellers}
    rows = SellerDebt.objects.select_for_update().filter(
        seller_id__in=sellers, currency=currency, payout=None
    )
    for row in rows.order_by("id"):
        found[row.seller_id][row.id] = Money(row.amount_minor, currency)
    return found


def _write_payouts(batch: PayoutBatch, due: dict[UUID, Due], currency: str) -> dict[UUID, Payout]:
    companies = Company.objects.in_bulk(due.keys())
    payouts = {
        seller_id: Payout(
            id=new_id(),
            batch=batch,
            seller_id=seller_id,
            bank_name=companies[seller_id].bank_name,
            bank_account=companies[seller_id].bank_account,
            bank_holder=companies[seller_id].bank_holder,
            amount_minor=one.amount.minor,
            currency=currency,
        )
        for seller_id, one in due.items()
    }
    Payout.objects.bulk_create(payouts.values())
    return payouts


def _netted(payout: Payout, due: Due) -> Posting:
    """Return the entry that settles what is owed: cash already held first, the bank file the rest.

    A debt was taken off what is owed when the refund was made.
    """
    owed = AccountKey("seller_payable", payout.seller_id)
    return Posting(
        "payout",
        payout.id,
        (
            Movement(owed, AccountKey("cod_cash", payout.seller_id), due.cash),
            Movement(owed, AccountKey("payout_in_transit"), due.amount),
        ),
    )


def _net(escrows: list[Escrow], currency: str) -> Money:
    return Money.total((escrow_part(escrow).net for escrow in escrows), currency)


def _attach(actor: Actor, payout: Payout, escrows: list[Escrow]) -> None:
    Escrow.objects.filter(pk__in=[e.pk for e in escrows]).update(
        state=EscrowState.PAID_OUT, payout=payout
    )
    for cause_id in sorted({escrow.cause_id for escrow in escrows}):
        record(
            PayoutPrepared(subject_id=cause_id, payout_id=payout.id, seller_id=payout.seller_id),
            actor=actor,
        )


@command
def confirm_payout(*, actor: Actor, payout_id: UUID) -> None:
    """The bank carried a payout out.

    Raises:
        TransitionRefused: it was confirmed before.
    """
    advance(
        Payout,
        pk=payout_id,
        to=PayoutState.PAID,
        transitions=PAYOUT_TRANSITIONS,
        paid_at=clock.now(),
    )
    payout = Payout.objects.get(pk=payout_id)
    post(
        Posting(
            "payout_paid",
            payout_id,
            (
                Movement(
                    AccountKey("payout_in_transit"),
                    AccountKey("bank"),
                    Money(payout.amount_minor, payout.currency),
                ),
            ),
        )
    )
    for cause_id in sorted(set(payout.escrows.values_list("cause_id", flat=True))):
        record(
            PayoutPaid(subject_id=cause_id, payout_id=payout_id, seller_id=payout.seller_id),
            actor=actor,
        )
