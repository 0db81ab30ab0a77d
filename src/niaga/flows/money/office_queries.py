"""What the operator asks of money: what waits, the bank's receipts, payouts and their batches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from niaga.flows.money.models import BankEntry, BankReceipt, Payout, PayoutBatch
from niaga.flows.money.owed import sellers_owed
from niaga.flows.money.states import BankEntryState, PayoutState
from niaga.kernel.money import Money
from niaga.parties.queries import company_names
from niaga.plumbing.paging import Page, paged, paged_by_state


@dataclass(frozen=True, slots=True)
class MoneyWaiting:
    """How many of each wait for the operator."""

    payments: int
    receipts: int
    refunds: int
    sellers: int
    payouts: int


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """An incoming transfer; `note` says why it matched nothing."""

    receipt_id: UUID
    bank_reference: str
    account_number: str
    amount: Money
    received_at: datetime
    state: str
    label: str
    note: str
    purchase_id: UUID | None


@dataclass(frozen=True, slots=True)
class EntryView:
    """A booking on the bank's statement; `amount` is above zero where money came in.

    `account` is the ledger's that it was booked against.
    """

    entry_id: UUID
    reference: str
    counterparty: str
    text: str
    amount: Money
    booked_on: date
    state: str
    label: str
    note: str
    account: str
    batch_id: UUID | None
    batch_number: int


@dataclass(frozen=True, slots=True)
class PayoutDue:
    """What a seller would get now: `net` released, less `held` in cash and `debt` for refunds.

    `returned` was sent back by the bank and goes out again; `account_refused`: to the account
    that it came back from.
    """

    seller_id: UUID
    seller_name: str
    orders: int
    net: Money
    returned: Money
    held: Money
    debt: Money
    account_refused: bool

    @property
    def amount(self) -> Money:
        """What would be transferred; nothing when the seller holds or owes as much itself."""
        owed = self.net + self.returned - self.held - self.debt
        return max(owed, Money.zero(self.net.currency))


@dataclass(frozen=True, slots=True)
class PayoutView:
    """One seller's line of a batch."""

    payout_id: UUID
    seller_id: UUID
    seller_name: str
    bank_name: str
    bank_account: str
    bank_holder: str
    amount: Money
    state: str
    label: str
    paid_at: datetime | None
    returned_at: datetime | None
    return_reason: str
    orders: int


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """An outgoing file as lists show it; `waiting` lines are not confirmed yet.

    `returned` lines were sent back by the bank.
    """

    batch_id: UUID
    number: int
    made_at: datetime
    payouts: int
    waiting: int
    returned: int
    total: Money


@dataclass(frozen=True, slots=True)
class BatchView:
    """An outgoing file with its lines."""

    about: BatchSummary
    payouts: tuple[PayoutView, ...]


def money_waiting() -> MoneyWaiting:
    """Return how much of each kind waits for the operator; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT COUNT(*) FROM money_payment"
            "         WHERE state = 'pending' AND account_number IS NOT NULL),"
            " (SELECT COUNT(*) FROM money_bankreceipt WHERE state = 'unmatched'),"
            " (SELECT COUNT(*) FROM money_refund r WHERE state = 'due' AND NOT EXISTS ("
            "   SELECT 1 FROM money_gatewayoperation g"
            "    WHERE g.about_id = r.id AND g.kind = 'credit')),"
            " (SELECT COUNT(DISTINCT seller_id) FROM money_escrow WHERE state = 'releasable'),"
            " (SELECT COUNT(*) FROM money_payout WHERE state = 'prepared')"
        )
        row = cursor.fetchone()
    assert row is not None
    return MoneyWaiting(*row)


def receipts_page(*, state: str = "", words: str = "", page: int = 1) -> Page[ReceiptView]:
    """Return a page of bank receipts, newest first; two statements."""
    rows = BankReceipt.objects.select_related("payment")
    if word := words.strip():
        rows = rows.filter(Q(bank_reference__icontains=word) | Q(account_number__startswith=word))
    return paged_by_state(rows.order_by("-received_at", "-id"), _receipt, state=state, page=page)


def receipt_view(receipt_id: UUID) -> ReceiptView | None:
    """Return an incoming transfer, or None; one statement."""
    row = BankReceipt.objects.select_related("payment").filter(pk=receipt_id).first()
    return _receipt(row) if row else None


def receipt_notes(bank_references: Iterable[str]) -> dict[str, str]:
    """Return why receipts matched nothing, by the bank's reference; one statement."""
    rows = BankReceipt.objects.filter(bank_reference__in=list(bank_references))
    return dict(rows.values_list("bank_reference", "note"))


def entries_page(*, state: str = "", words: str = "", page: int = 1) -> Page[EntryView]:
    """Return a page of the bank's bookings, newest first; two statements."""
    rows = BankEntry.objects.select_related("payout__batch")
    if word := words.strip():
        rows = rows.filter(
            Q(reference__icontains=word) | Q(text__icontains=word) | Q(counterparty__icontains=word)
        )
    return paged_by_state(rows.order_by("-booked_on", "-id"), _entry, state=state, page=page)


def count_unmatched_entries() -> int:
    """Return how many bookings of the bank fit no payout; one statement."""
    return BankEntry.objects.filter(state=BankEntryState.UNMATCHED).count()


def _entry(row: BankEntry) -> EntryView:
    batch = row.payout.batch if row.payout else None
    return EntryView(
        entry_id=row.id,
        reference=row.reference,
        counterparty=row.counterparty,
        text=row.text,
        amount=Money(row.amount_minor, row.currency),
        booked_on=row.booked_on,
        state=row.state,
        label=str(row.get_state_display()),
        note=row.note,
        account=row.account,
        batch_id=batch.id if batch else None,
        batch_number=batch.number if batch else 0,
    )


def payouts_due() -> tuple[PayoutDue, ...]:
    """Return what each seller with released money would get now, in each currency; two statements.

    By currency, then by name.
    """
    owed = sellers_owed()
    names = company_names(one.seller_id for one in owed) if owed else {}
    found = (
        PayoutDue(
            seller_id=one.seller_id,
            seller_name=names[one.seller_id],
            orders=one.orders,
            net=one.net,
            returned=one.returned,
            held=one.cash,
            debt=one.debt,
            account_refused=one.account_refused,
        )
        for one in owed
    )
    return tuple(sorted(found, key=lambda due: (due.net.currency, due.seller_name)))


def batches_page(page: int = 1) -> Page[BatchSummary]:
    """Return a page of outgoing files, newest first; two statements."""
    return paged(_batches().order_by("-number"), _batch, page=page)


def batch_view(batch_id: UUID) -> BatchView | None:
    """Return an outgoing file with its lines, or None; three statements."""
    row = _batches().filter(pk=batch_id).first()
    if row is None:
        return None
    payouts = list(
        Payout.objects.filter(batch_id=batch_id)
        .annotate(orders=Count("escrows__cause_id", distinct=True))
        .order_by("id")
    )
    names = company_names(payout.seller_id for payout in payouts)
    return BatchView(
        _batch(row),
        tuple(
            PayoutView(
                payout_id=payout.id,
                seller_id=payout.seller_id,
                seller_name=names[payout.seller_id],
                bank_name=payout.bank_name,
                bank_account=payout.bank_account,
                bank_holder=payout.bank_holder,
                amount=Money(payout.amount_minor, payout.currency),
                state=payout.state,
                label=str(payout.get_state_display()),
                paid_at=payout.paid_at,
                returned_at=payout.returned_at,
                return_reason=payout.return_reason,
                orders=payout.orders,
            )
            for payout in payouts
        ),
    )


def payout_batch_of(payout_id: UUID) -> UUID | None:
    """Return the outgoing file that a payout is a line of, or None."""
    return Payout.objects.filter(pk=payout_id).values_list("batch_id", flat=True).first()


def _receipt(row: BankReceipt) -> ReceiptView:
    return ReceiptView(
        receipt_id=row.id,
        bank_reference=row.bank_reference,
        account_number=row.account_number,
        amount=Money(row.amount_minor, row.currency),
        received_at=row.received_at,
        state=row.state,
        label=str(row.get_state_display()),
        note=row.note,
        purchase_id=row.payment.cause_id if row.payment else None,
    )


def _batches() -> QuerySet[Any]:
    return PayoutBatch.objects.annotate(
        lines=Count("payouts"),
        waiting=Count("payouts", filter=Q(payouts__state=PayoutState.PREPARED)),
        returned=Count("payouts", filter=Q(payouts__state=PayoutState.RETURNED)),
        total=Sum("payouts__amount_minor"),
    )


def _batch(row: Any) -> BatchSummary:
    return BatchSummary(
        batch_id=row.id,
        number=row.number,
        made_at=row.made_at,
        payouts=row.lines,
        waiting=row.waiting,
        returned=row.returned,
        total=Money(int(row.total or 0), row.currency),
    )
