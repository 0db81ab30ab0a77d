"""What the operator asks of the ledger: the movements behind a cause, each account's balance."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from niaga.kernel.money import Money
from niaga.ledger.chart import CHART
from niaga.ledger.models import Transfer
from niaga.ledger.queries import STANDING


@dataclass(frozen=True, slots=True)
class MovementView:
    """One movement with the entry it belongs to."""

    posted_at: datetime
    kind: str
    cause_id: UUID
    debit: str
    debit_owner_id: UUID | None
    credit: str
    credit_owner_id: UUID | None
    amount: Money


def movements_of(causes: Q) -> tuple[MovementView, ...]:
    """Return the movements of the entries that `causes` (a condition on entries) selects.

    In the order they were posted; one statement.
    """
    rows = (
        Transfer.objects.filter(causes)
        .select_related("entry", "debit", "credit")
        .order_by("entry__posted_at", "entry_id", "id")
    )
    return tuple(
        MovementView(
            posted_at=row.entry.posted_at,
            kind=row.entry.kind,
            cause_id=row.entry.cause_id,
            debit=row.debit.kind,
            debit_owner_id=row.debit.owner_id,
            credit=row.credit.kind,
            credit_owner_id=row.credit.owner_id,
            amount=Money(row.amount_minor, row.currency),
        )
        for row in rows
    )


def account_balances(kind: str, currency: str = "IDR") -> dict[UUID, Money]:
    """Return the balance of each owner's account of this kind, on the kind's normal side.

    Empty when the kind has no owners. One statement.
    """
    sign = 1 if CHART[kind].normal == "debit" else -1
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT owner_id, debit_minus_credit FROM ({STANDING}) s"  # noqa: S608
            " WHERE kind = %s AND currency = %s AND owner_id IS NOT NULL",
            [kind, currency],
        )
        rows = cursor.fetchall()
    return {owner_id: Money(sign * int(minor), currency) for owner_id, minor in rows}


def count_movements(kind: str, owner_id: UUID | None, currency: str = "IDR") -> int:
    """Return how many movements an account has."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT lines FROM ({STANDING}) s WHERE kind = %s"  # noqa: S608
            " AND owner_id IS NOT DISTINCT FROM %s AND currency = %s",
            [kind, owner_id, currency],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0
