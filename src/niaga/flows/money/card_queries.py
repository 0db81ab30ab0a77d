"""What the operator asks about cards: what the bank refused, and the periods compared with it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from niaga.flows.money.models import GatewayOperation, Reconciliation
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
