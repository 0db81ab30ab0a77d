"""Posting entries: validate everything, then write; nothing is changed afterwards."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from niaga.kernel import clock
from niaga.kernel.ids import id_at, new_id
from niaga.kernel.money import Money
from niaga.ledger.chart import CHART
from niaga.ledger.models import JournalEntry, Transfer
from niaga.plumbing.writes import prepared_cursor


@dataclass(frozen=True, slots=True)
class AccountKey:
    """Names an account: a kind of the chart and, where the kind has one, its owner."""

    kind: str
    owner_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.kind not in CHART:
            raise LookupError(f"{self.kind} is not in the chart of accounts")


@dataclass(frozen=True, slots=True)
class Movement:
    """`amount` (> 0) debited to `debit` and credited to `credit`."""

    debit: AccountKey
    credit: AccountKey
    amount: Money


@dataclass(frozen=True, slots=True)
class Posting:
    """One journal entry to write: its step, its cause and its movements."""

    kind: str
    cause_id: UUID
    movements: tuple[Movement, ...]


def post(*postings: Posting) -> tuple[UUID, ...]:
    """Write journal entries and return their ids: at most four statements, however many.

    Movements of zero are left out; an entry without movements is not written.

    Raises:
        ValueError: a negative amount.
        IntegrityError: the step was posted before for this cause.
    """
    assert connection.in_atomic_block, "entries are posted inside a command"
    for posting in postings:
        if any(m.amount.minor < 0 for m in posting.movements):
            raise ValueError(f"{posting.kind}: amounts are not negative; swap the sides")
    written = [
        (posting, [m for m in posting.movements if m.amount])
        for posting in postings
        if any(posting.movements)
    ]
    written = [(posting, movements) for posting, movements in written if movements]
    if not written:
        return ()
    accounts = ensure_accounts(
        {
            (key, m.amount.currency)
            for _, movements in written
            for m in movements
            for key in (m.debit, m.credit)
        }
    )
    now = clock.now()  # keys follow it, too: an account's lines are read in the order of keys
    entries = [
        JournalEntry(id=id_at(now), kind=posting.kind, cause_id=posting.cause_id, posted_at=now)
        for posting, _ in written
    ]
    JournalEntry.objects.bulk_create(entries)
    Transfer.objects.bulk_create(
        Transfer(
            id=id_at(now),
            entry=entry,
            debit_id=accounts[m.debit, m.amount.currency],
            credit_id=accounts[m.credit, m.amount.currency],
            amount_minor=m.amount.minor,
            currency=m.amount.currency,
        )
        for entry, (_, movements) in zip(entries, written, strict=True)
        for m in movements
    )
    return tuple(entry.id for entry in entries)


def ensure_accounts(wanted: set[tuple[AccountKey, str]]) -> dict[tuple[AccountKey, str], UUID]:
    """Return the accounts' ids, making the missing ones; sorted, so that racing makers line up."""
    order = sorted(wanted, key=lambda k: (k[0].kind, str(k[0].owner_id), k[1]))
    kinds = [key.kind for key, _ in order]
    owners = [key.owner_id for key, _ in order]
    currencies = [currency for _, currency in order]
    find = (
        "SELECT a.kind, a.owner_id, a.currency, a.id FROM ledger_account a "
        "JOIN unnest(%s::text[], %s::uuid[], %s::text[]) AS w(kind, owner_id, currency) "
        "ON a.kind = w.kind AND a.owner_id IS NOT DISTINCT FROM w.owner_id "
        "AND a.currency = w.currency"
    )
    with prepared_cursor() as cursor:
        cursor.execute(find, [kinds, owners, currencies])
        rows = cursor.fetchall()
        if len(rows) < len(order):
            cursor.execute(
                "INSERT INTO ledger_account (id, kind, owner_id, currency) "
                "SELECT * FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[]) "
                "ON CONFLICT DO NOTHING",
                [[new_id() for _ in order], kinds, owners, currencies],
            )
            cursor.execute(find, [kinds, owners, currencies])
            rows = cursor.fetchall()
    return {(AccountKey(kind, owner), currency): pk for kind, owner, currency, pk in rows}
