"""Sellers are paid: one outgoing bank file with one line a seller."""

from collections import defaultdict
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.money.events import PayoutPaid, PayoutPrepared
from niaga.flows.money.models import Escrow, Payout, PayoutBatch
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
    """No seller has released money beyond the cash it holds already."""

    code: ClassVar[str] = "nothing_to_pay_out"


@dataclass(frozen=True, slots=True)
class MadeBatch:
    """The outgoing file: its id, its number, its lines and their total."""

    batch_id: UUID
    number: int
    payouts: int
    total: Money


@command
def run_payouts(*, actor: Actor, currency: str = "IDR") -> MadeBatch:
    """Put every seller's released money into one batch, netted against cash it holds.

    A seller whose courier holds more cash than the market owes stays out until the next run.

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
    due = {
        seller_id: (_net(escrows, currency), cash[AccountKey("cod_cash", seller_id)])
        for seller_id, escrows in ready.items()
    }
    due = {seller_id: pair for seller_id, pair in due.items() if pair[0] > pair[1]}
    if not due:
        raise NothingToPayOut
    batch = PayoutBatch.objects.create(
        id=new_id(), number=next_number("payout_batch"), made_at=clock.now()
    )
    payouts = _write_payouts(batch, due, currency)
    post(*(_netted(payouts[seller_id], net, held) for seller_id, (net, held) in due.items()))
    for seller_id, payout in payouts.items():
        _attach(actor, payout, ready[seller_id])
    total = Money.total((net - held for net, held in due.values()), currency)
    return MadeBatch(batch.id, batch.number, len(payouts), total)


def _write_payouts(
    batch: PayoutBatch, due: dict[UUID, tuple[Money, Money]], currency: str
) -> dict[UUID, Payout]:
    companies = Company.objects.in_bulk(due.keys())
    payouts = {
        seller_id: Payout(
            id=new_id(),
            batch=batch,
            seller_id=seller_id,
            bank_name=companies[seller_id].bank_name,
            bank_account=companies[seller_id].bank_account,
            bank_holder=companies[seller_id].bank_holder,
            amount_minor=(net - held).minor,
            currency=currency,
        )
        for seller_id, (net, held) in due.items()
    }
    Payout.objects.bulk_create(payouts.values())
    return payouts


def _netted(payout: Payout, net: Money, held: Money) -> Posting:
    """Return the entry that settles `net`: cash already held first, the bank file the rest."""
    owed = AccountKey("seller_payable", payout.seller_id)
    return Posting(
        "payout",
        payout.id,
        (
            Movement(owed, AccountKey("cod_cash", payout.seller_id), held),
            Movement(owed, AccountKey("payout_in_transit"), net - held),
        ),
    )


def _net(escrows: list[Escrow], currency: str) -> Money:
    return Money(sum(e.gross_minor - e.commission_minor for e in escrows), currency)


def _attach(actor: Actor, payout: Payout, escrows: list[Escrow]) -> None:
    Escrow.objects.filter(pk__in=[e.pk for e in escrows]).update(
        state=EscrowState.PAID_OUT, payout=payout
    )
    for escrow in escrows:
        record(
            PayoutPrepared(
                subject_id=escrow.cause_id, payout_id=payout.id, seller_id=payout.seller_id
            ),
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
    for cause_id in payout.escrows.values_list("cause_id", flat=True):
        record(
            PayoutPaid(subject_id=cause_id, payout_id=payout_id, seller_id=payout.seller_id),
            actor=actor,
        )
