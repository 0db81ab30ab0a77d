"""What the operator asks about cards: what the bank refused, and where the two books differ."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from niaga.flows.money.models import (
    GatewayOperation,
    Reconciliation,
    ReconciliationDifference,
)
from niaga.flows.money.states import OperationState
from niaga.kernel.money import Money
from niaga.plumbing.paging import Page, paged

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class RefusedOperation:
    """What the bank was told about an order (`cause_id`) and refused; nothing moved."""

    operation_id: UUID
    cause_id: UUID
    kind: str
    amount: Money | None
    reason: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """A movement on which the books differ; None: that side has no such movement."""

    problem: str
    kind: str
    remote_id: str
    cause_id: UUID | None
    ours: Money | None
    theirs: Money | None
    until: datetime


@dataclass(frozen=True, slots=True)
class ReconciliationView:
    """One comparison of a period's books."""

    since: datetime
    until: datetime
    state: str
    label: str
    agreed: int
    settled: Money


def refused_operations() -> tuple[RefusedOperation, ...]:
    """Return what the bank refused, the oldest first; one statement."""
    rows = GatewayOperation.objects.filter(state=OperationState.REFUSED).order_by("made_at")
    return tuple(
        RefusedOperation(
            operation_id=row.id,
            cause_id=row.cause_id,
            kind=row.kind,
            amount=None if row.amount_minor is None else Money(row.amount_minor, row.currency),
            reason=row.reason,
            made_at=row.made_at,
        )
        for row in rows[:MOST_SHOWN]
    )


def differences() -> tuple[DifferenceView, ...]:
    """Return where the two books differed, the newest first; two statements."""
    rows = list(
        ReconciliationDifference.objects.select_related("reconciliation").order_by(
            "-reconciliation__until", "id"
        )[:MOST_SHOWN]
    )
    known = GatewayOperation.objects.filter(remote_id__in=[row.remote_id for row in rows])
    causes = dict(known.values_list("remote_id", "cause_id"))
    return tuple(
        DifferenceView(
            problem=row.problem,
            kind=row.kind,
            remote_id=row.remote_id,
            cause_id=causes.get(row.remote_id),
            ours=_money(row.ours_minor, row.reconciliation.currency),
            theirs=_money(row.theirs_minor, row.reconciliation.currency),
            until=row.reconciliation.until,
        )
        for row in rows
    )


def reconciliations_page(page: int = 1) -> Page[ReconciliationView]:
    """Return a page of comparisons, the newest first; two statements."""
    return paged(Reconciliation.objects.order_by("-until"), _reconciliation, page=page)


def card_troubles() -> int:
    """Return how many refused operations wait for the operator; one statement."""
    return GatewayOperation.objects.filter(state=OperationState.REFUSED).count()


def refused_operation(operation_id: UUID) -> RefusedOperation | None:
    """Return one refused operation, or None."""
    return next((o for o in refused_operations() if o.operation_id == operation_id), None)


def _reconciliation(row: Reconciliation) -> ReconciliationView:
    return ReconciliationView(
        since=row.since,
        until=row.until,
        state=row.state,
        label=str(row.get_state_display()),
        agreed=row.agreed,
        settled=Money(row.settled_minor, row.currency),
    )


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)
