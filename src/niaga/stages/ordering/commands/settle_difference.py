"""A difference is booked: its owner names the account and the reason, and the ledger says so."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db.models import F

from niaga.flows.money.commands.clear_difference import begin_ending, end_period
from niaga.flows.money.commands.keep_differences import BOOKING, Sides
from niaga.flows.money.commands.take_bank_entry import Why, is_booked, payout_named, settle_payout
from niaga.flows.money.events import DifferenceSettled
from niaga.flows.money.models import (
    BankEntry,
    BankReceipt,
    GatewayOperation,
    Reconciliation,
    ReconciliationDifference,
)
from niaga.flows.money.states import (
    BANK_ENTRY_TRANSITIONS,
    DIFFERENCE_TRANSITIONS,
    BankEntryState,
    DifferenceState,
    ReceiptState,
)
from niaga.flows.money.tasks import RECEIPT_TASK, open_money_tasks
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.plumbing.states import advance
from niaga.stages.ordering.four_sides import compared_again

ACCOUNTS = ("bank_fees", "rounding", "losses", "other_income")
BUYERS_MONEY = "unmatched_receipts"
"""For what came in: a buyer's, to be assigned to a purchase or sent back; the market keeps it."""
_SIGNS = {"capture": 1, "receipt": 1, "credit": -1}


@dataclass(eq=False)
class NotThatAccount(Refusal):
    """Such a difference can't be booked against this account."""

    code: ClassVar[str] = "not_that_account"
    account: str


@dataclass(eq=False)
class NothingToBook(Refusal):
    """Bank and ledger agree on it, or it is corrected where it stands: nothing is to be booked."""

    code: ClassVar[str] = "nothing_to_book"


@dataclass(eq=False)
class DifferenceChanged(Refusal):
    """The sides say something else by now; the next run shows what."""

    code: ClassVar[str] = "difference_changed"


@command
def settle_difference(*, actor: Actor, difference_id: UUID, account: str, reason: str) -> Money:
    """Book what the market has more (above zero) or less than its books said; return it.

    The other side of the bank (of the gateway, where it has settled nothing of it yet) is
    `account`. A payout that the bank carried out with its fee taken off, or sent back so, is
    settled itself, and only the rest is booked. A buyer's money becomes a receipt with a task.

    Raises:
        TaskOfAnother: nobody, or somebody else, has taken it.
        TransitionRefused: it has ended already.
        NotThatAccount: none of `accounts_for` it.
        NothingToBook: it is no matter of money at the bank.
        DifferenceChanged: look again first.
    """
    row = begin_ending(actor=actor, difference_id=difference_id, reason=reason)
    if account not in accounts_for(row.kind, row.problem, row.bank_minor):
        raise NotThatAccount(account)
    if row.reconciliation_id is not None:
        gap = _settle_with_gateway(row, account)
    elif row.kind == BOOKING:
        gap = _settle_booking(actor, row, account)
    else:
        gap = _gap(row)
        post(Posting("difference_settled", row.id, (_movement("bank", account, gap),)))
    advance(
        ReconciliationDifference,
        pk=row.id,
        to=DifferenceState.SETTLED,
        transitions=DIFFERENCE_TRANSITIONS,
        account=account,
        settled_minor=gap.minor,
    )
    end_period(row)
    record(
        DifferenceSettled(
            subject_id=row.id,
            kind=row.kind,
            reference=row.reference,
            account=account,
            amount_minor=gap.minor,
            currency=row.currency,
            reason=reason,
        ),
        actor=actor,
    )
    return gap


def accounts_for(kind: str, problem: str, bank_minor: int | None) -> tuple[str, ...]:
    """Return the accounts that a difference may be booked against; none where it can't be."""
    if kind == BOOKING:
        return (*ACCOUNTS, BUYERS_MONEY) if (bank_minor or 0) > 0 else ACCOUNTS
    at_bank = problem in ("bank", "bank_silent")
    return ACCOUNTS if kind in _SIGNS or at_bank else ()


def _movement(where: str, account: str, gap: Money) -> Movement:
    """Return what raises `where` by the gap against the account, or lowers it."""
    there, other = AccountKey(where), AccountKey(account)
    return Movement(there, other, gap) if gap.minor > 0 else Movement(other, there, -gap)


def _gap(row: ReconciliationDifference) -> Money:
    """Return what the bank has more than the ledger says, where that is as it was found."""
    assert row.about_id is not None, "a day's run says what a difference is about"
    now, settled = compared_again(row.kind, row.about_id, row.day, row.currency)
    if now != Sides(row.orders_minor, row.ledger_minor, row.gateway_minor, row.bank_minor):
        raise DifferenceChanged
    came = (now.bank or 0) + (now.gateway or 0 if row.kind == "payment" else 0)
    gap = came - (now.ledger or 0) - settled
    if not gap:
        raise NothingToBook
    return Money(gap, row.currency)


def _settle_booking(actor: Actor, row: ReconciliationDifference, account: str) -> Money:
    """Book what only the bank spoke of, less what it says of a payout."""
    assert row.about_id is not None, "it is about an entry of the statement"
    entry = BankEntry.objects.select_for_update().get(pk=row.about_id)
    amount, payout = Money(entry.amount_minor, entry.currency), None
    if entry.note == Why.OTHER_AMOUNT and account != BUYERS_MONEY:
        payout = payout_named(entry.end_to_end_id)
    gap = amount
    if payout is not None:
        sign = 1 if amount.minor > 0 else -1
        if is_booked(payout, came_back=sign > 0):
            raise DifferenceChanged  # the payout is settled by another booking since
        gap = amount - Money(payout.amount_minor, payout.currency) * sign
        settle_payout(actor, payout, came_back=sign > 0, words=entry.text or "returned")
    receipt = _keep_for_buyer(entry) if account == BUYERS_MONEY else None
    matched = payout is not None or receipt is not None
    advance(
        BankEntry,
        pk=entry.id,
        to=BankEntryState.MATCHED if matched else BankEntryState.BOOKED,
        transitions=BANK_ENTRY_TRANSITIONS,
        account=account,
        payout=payout,
        receipt=receipt,
        note=Why.PAYS_NOTHING if receipt else "",
    )
    post(Posting("difference_settled", row.id, (_movement("bank", account, gap),)))
    return gap


def _keep_for_buyer(entry: BankEntry) -> BankReceipt:
    """Keep what came in as a receipt that pays nothing until somebody assigns it."""
    receipt = BankReceipt.objects.create(
        id=new_id(),
        bank_reference=f"statement {entry.id}",
        account_number="",
        amount_minor=entry.amount_minor,
        currency=entry.currency,
        received_at=clock.now(),
        state=ReceiptState.UNMATCHED,
        note="unknown_account",
    )
    open_money_tasks(RECEIPT_TASK, receipt.id)
    return receipt


def _settle_with_gateway(row: ReconciliationDifference, account: str) -> Money:
    """Settle a movement as the gateway has it, and book how far our books were from that."""
    sign = _SIGNS[row.kind]
    ours, theirs = sign * (row.ledger_minor or 0), sign * (row.gateway_minor or 0)
    gap = Money(theirs - ours, row.currency)
    movements = [_movement("gateway_receivable", account, gap)]
    if theirs:
        settled = Money(theirs, row.currency)
        movements.append(_movement("bank", "gateway_receivable", settled))
    post(Posting("difference_settled", row.id, tuple(movements)))
    assert row.reconciliation_id is not None, "a comparison with the gateway found it"
    Reconciliation.objects.filter(pk=row.reconciliation_id).update(
        settled_minor=F("settled_minor") + theirs
    )
    # Its movement is settled: the gateway owes nothing of it any more.
    GatewayOperation.objects.filter(remote_id=row.reference, reconciliation=None).update(
        reconciliation=row.reconciliation_id
    )
    BankReceipt.objects.filter(remote_id=row.reference, reconciliation=None).update(
        reconciliation=row.reconciliation_id
    )
    return gap
