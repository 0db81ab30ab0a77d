"""What the operator asks about cards: what the bank refused, and where the two books differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from niaga.flows.money.models import (
    GatewayOperation,
    Reconciliation,
    ReconciliationDifference,
)
from niaga.flows.money.states import DifferenceState, OperationState
from niaga.kernel.money import Money
from niaga.parties.queries import person_names
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
    """A movement on which the books differ; None: that side has no such movement.

    Attributes:
        owner_id: the operator who looks into it, or cleared it.
        note: what was found; empty until it is cleared.
    """

    difference_id: UUID
    problem: str
    kind: str
    remote_id: str
    cause_id: UUID | None
    ours: Money | None
    theirs: Money | None
    until: datetime
    state: str
    label: str
    owner_id: UUID | None
    owner: str
    cleared_at: datetime | None
    note: str

    @property
    def is_cleared(self) -> bool:
        """Whether nobody need look at it any more."""
        return self.state == DifferenceState.CLEARED


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
    """Return where the two books differed: tasks first, the newest first; three statements."""
    rows = list(_differences()[:MOST_SHOWN])
    known = GatewayOperation.objects.filter(remote_id__in=[row.remote_id for row in rows])
    causes = dict(known.values_list("remote_id", "cause_id"))
    names = person_names({row.owner_id for row in rows if row.owner_id})
    return tuple(_difference(row, causes.get(row.remote_id), names) for row in rows)


def difference(difference_id: UUID) -> DifferenceView | None:
    """Return one difference, or None."""
    row = _differences().filter(pk=difference_id).first()
    if row is None:
        return None
    known = GatewayOperation.objects.filter(remote_id=row.remote_id)
    cause_id = known.values_list("cause_id", flat=True).first()
    return _difference(row, cause_id, person_names(filter(None, [row.owner_id])))


def _differences() -> QuerySet[ReconciliationDifference]:
    waiting_first = F("cleared_at").desc(nulls_first=True)
    rows = ReconciliationDifference.objects.select_related("reconciliation")
    return rows.order_by(waiting_first, "-reconciliation__until", "id")


def _difference(
    row: ReconciliationDifference, cause_id: UUID | None, names: Mapping[UUID, str]
) -> DifferenceView:
    return DifferenceView(
        difference_id=row.id,
        problem=row.problem,
        kind=row.kind,
        remote_id=row.remote_id,
        cause_id=cause_id,
        ours=_money(row.ours_minor, row.reconciliation.currency),
        theirs=_money(row.theirs_minor, row.reconciliation.currency),
        until=row.reconciliation.until,
        state=row.state,
        label=str(DifferenceState(row.state).label),
        owner_id=row.owner_id,
        owner=names.get(row.owner_id, "") if row.owner_id else "",
        cleared_at=row.cleared_at,
        note=row.note,
    )


def reconciliations_page(page: int = 1) -> Page[ReconciliationView]:
    """Return a page of comparisons, the newest first; two statements."""
    return paged(Reconciliation.objects.order_by("-until"), _reconciliation, page=page)


def differences_waiting() -> int:
    """Return how many differences nobody has cleared yet; one statement."""
    return ReconciliationDifference.objects.exclude(state=DifferenceState.CLEARED).count()


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
