"""Some sellers are put into an outgoing bank file, with all they are owed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from niaga.flows.money.events import PayoutPrepared
from niaga.flows.money.models import Escrow, Payout, PayoutBatch, SellerDebt
from niaga.flows.money.models.escrow import NET_SQL
from niaga.flows.money.owed import RETURNED, Owed
from niaga.flows.money.paid_out import orders_paid
from niaga.flows.money.states import EscrowState
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.ledger.queries import balances
from niaga.parties.banks import find_bank
from niaga.parties.models import Company
from niaga.plumbing.command import command
from niaga.plumbing.numbering import next_number
from niaga.plumbing.outbox import record

# Parts of orders are locked in the order of their keys, as refunds lock them.
_TAKE = f"""
    WITH ready AS (
        SELECT id, seller_id FROM money_escrow
         WHERE state = 'releasable' AND currency = %(currency)s AND seller_id = ANY(%(sellers)s)
         ORDER BY id FOR UPDATE
    ), taken AS (
        UPDATE money_escrow e SET state = 'paid_out', payout_id = w.payout_id
          FROM ready
          JOIN unnest(%(sellers)s::uuid[], %(payouts)s::uuid[]) AS w(seller_id, payout_id)
            ON w.seller_id = ready.seller_id
         WHERE e.id = ready.id
        RETURNING e.seller_id, {NET_SQL} AS net
    ) SELECT seller_id, SUM(net) FROM taken GROUP BY seller_id
"""  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class FilledBatch:
    """The bank file, how many lines this call gave it, and their total."""

    batch_id: UUID
    number: int
    payouts: int
    total: Money


@command
def pay_sellers(
    *, actor: Actor, currency: str, sellers: tuple[UUID, ...], batch_id: UUID | None
) -> FilledBatch | None:
    """Put all that these sellers are owed into the batch, a line each; make one where none is.

    Cash that a seller's couriers hold and its debts are set off first; who has as much already
    stays out. Return None, having done nothing, when nobody is left.
    """
    with connection.cursor() as cursor:
        # Two runs at once would set the same cash off twice.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('payouts'))")
    taking = {seller_id: new_id() for seller_id in sorted(sellers)}
    nets = _take(taking, currency)
    debts = _locked(SellerDebt.objects.filter(payout=None), taking, currency)
    returned = _locked(Payout.objects.filter(**RETURNED), taking, currency)
    owed = _owed(taking, nets, returned, debts, currency)
    paid = {one.seller_id: one for one in owed if one.amount.minor > 0}
    _leave([payout_id for seller_id, payout_id in taking.items() if seller_id not in paid])
    if not paid:
        return None
    batch = _batch(batch_id, currency)
    payouts = _write(batch, {seller_id: taking[seller_id] for seller_id in paid}, paid)
    for seller_id, payout in payouts.items():
        if debts[seller_id]:
            SellerDebt.objects.filter(pk__in=debts[seller_id]).update(payout=payout)
        if returned[seller_id]:
            Payout.objects.filter(pk__in=returned[seller_id]).update(repaid_by=payout)
    post(*(_netted(payout, paid[seller_id]) for seller_id, payout in payouts.items()))
    _tell(actor, payouts.values())
    total = Money.total((one.amount for one in paid.values()), currency)
    return FilledBatch(batch.id, batch.number, len(paid), total)


def _owed(
    sellers: Iterable[UUID],
    nets: Mapping[UUID, Money],
    returned: Mapping[UUID, Mapping[UUID, Money]],
    debts: Mapping[UUID, Mapping[UUID, Money]],
    currency: str,
) -> list[Owed]:
    cash = balances(
        *(AccountKey("cod_cash", seller_id) for seller_id in sellers), currency=currency
    )
    return [
        Owed(
            seller_id=seller_id,
            net=nets.get(seller_id, Money.zero(currency)),
            returned=Money.total(returned[seller_id].values(), currency),
            cash=cash[AccountKey("cod_cash", seller_id)],
            debt=Money.total(debts[seller_id].values(), currency),
        )
        for seller_id in sellers
    ]


def _tell(actor: Actor, payouts: Iterable[Payout]) -> None:
    for payout, causes in orders_paid(payouts).items():
        for cause_id in causes:
            prepared = PayoutPrepared(
                subject_id=cause_id, payout_id=payout.id, seller_id=payout.seller_id
            )
            record(prepared, actor=actor)


def _take(payout_ids: Mapping[UUID, UUID], currency: str) -> dict[UUID, Money]:
    """Move every part that is ready to its seller's payout; return what they come to."""
    sellers, payouts = list(payout_ids), list(payout_ids.values())
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"currency": currency, "sellers": sellers, "payouts": payouts})
        return {seller_id: Money(int(net), currency) for seller_id, net in cursor.fetchall()}


def _locked[M: (SellerDebt, Payout)](
    rows: QuerySet[M], sellers: Iterable[UUID], currency: str
) -> dict[UUID, dict[UUID, Money]]:
    """Return each seller's rows by id, locked until the command ends."""
    found: dict[UUID, dict[UUID, Money]] = {seller_id: {} for seller_id in sellers}
    mine = rows.select_for_update().filter(seller_id__in=list(found), currency=currency)
    for row in mine.order_by("id"):
        found[row.seller_id][row.id] = Money(row.amount_minor, currency)
    return found


def _leave(payout_ids: list[UUID]) -> None:
    """Give parts back that were taken for sellers who get nothing now."""
    left = Escrow.objects.filter(payout_id__in=payout_ids)
    left.update(state=EscrowState.RELEASABLE, payout=None)


def _batch(batch_id: UUID | None, currency: str) -> PayoutBatch:
    if batch_id is not None:
        return PayoutBatch.objects.get(pk=batch_id, currency=currency)
    return PayoutBatch.objects.create(
        id=new_id(), number=next_number("payout_batch"), currency=currency, made_at=clock.now()
    )


def _write(
    batch: PayoutBatch, payout_ids: Mapping[UUID, UUID], paid: Mapping[UUID, Owed]
) -> dict[UUID, Payout]:
    companies = Company.objects.in_bulk(list(payout_ids))
    payouts = {}
    for seller_id, payout_id in payout_ids.items():
        company = companies[seller_id]
        bank = find_bank(company.bank_name)
        payouts[seller_id] = Payout(
            id=payout_id,
            batch=batch,
            seller_id=seller_id,
            bank_code=bank.code if bank else "",
            bank_name=company.bank_name,
            bank_account=company.bank_account,
            bank_holder=company.bank_holder,
            amount_minor=paid[seller_id].amount.minor,
            currency=batch.currency,
        )
    Payout.objects.bulk_create(payouts.values())
    return payouts


def _netted(payout: Payout, owed: Owed) -> Posting:
    """Return the entry that settles what is owed: cash already held first, the bank file the rest.

    A debt was taken off what is owed when the refund was made.
    """
    payable = AccountKey("seller_payable", payout.seller_id)
    return Posting(
        "payout",
        payout.id,
        (
            Movement(payable, AccountKey("cod_cash", payout.seller_id), owed.cash),
            Movement(payable, AccountKey("payout_in_transit"), owed.amount),
        ),
    )
