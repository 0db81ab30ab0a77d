"""What the operator asks of the ledger: the movements behind a cause, each account's balance."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import BigIntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from niaga.kernel.money import Money
from niaga.ledger.chart import CHART
from niaga.ledger.models import Account, Transfer


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
    accounts = Account.objects.filter(kind=kind, currency=currency, owner_id__isnull=False)
    sums = accounts.annotate(
        minor=Coalesce(_sum("debit"), 0) - Coalesce(_sum("credit"), 0)
    ).values_list("owner_id", "minor")
    return {owner: Money(sign * int(minor), currency) for owner, minor in sums if owner}


def _sum(side: str) -> Subquery:
    rows = Transfer.objects.filter(**{side: OuterRef("pk")}).values(side)
    total = rows.annotate(total=Sum("amount_minor")).values("total")
    return Subquery(total, output_field=BigIntegerField())


def count_movements(kind: str, owner_id: UUID | None, currency: str = "IDR") -> int:
    """Return how many movements an account has."""
    mine = {"kind": kind, "owner_id": owner_id, "currency": currency}
    accounts = Account.objects.filter(**mine).values("id")
    return Transfer.objects.filter(Q(debit__in=accounts) | Q(credit__in=accounts)).count()
