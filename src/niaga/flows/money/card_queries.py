"""What the operator asks about cards: what the bank refused, and where the two books differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from niaga.flows.money.models import (
    GatewayOperation,
    Reconciliation,
    ReconciliationDifference,
)
from niaga.flows.money.states import OperationState
from niaga.flows.money.tasks import DIFFERENCE_TASK
from niaga.kernel.money import Money
from niaga.parties.queries import person_names
from niaga.plumbing.models import Task
from niaga.plumbing.paging import Page, paged
from niaga.plumbing.task_queries import TaskView, tasks_about

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

    difference_id: UUID
    problem: str
    kind: str
    remote_id: str
    cause_id: UUID | None
    ours: Money | None
    theirs: Money | None
    until: datetime
    task: TaskView
    owner: str


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
    """Return where the two books differed: tasks first, the newest first; four statements."""
    rows = list(_differences()[:MOST_SHOWN])
    tasks = tasks_about(DIFFERENCE_TASK, [row.id for row in rows])
    known = GatewayOperation.objects.filter(remote_id__in=[row.remote_id for row in rows])
    causes = dict(known.values_list("remote_id", "cause_id"))
    names = person_names({task.owner_id for task in tasks.values() if task.owner_id})
    return tuple(_difference(row, causes.get(row.remote_id), tasks[row.id], names) for row in rows)


def difference(difference_id: UUID) -> DifferenceView | None:
    """Return one difference, or None."""
    row = _differences().filter(pk=difference_id).first()
    if row is None:
        return None
    known = GatewayOperation.objects.filter(remote_id=row.remote_id)
    cause_id = known.values_list("cause_id", flat=True).first()
    task = tasks_about(DIFFERENCE_TASK, [difference_id])[difference_id]
    return _difference(row, cause_id, task, person_names(filter(None, [task.owner_id])))


def _differences() -> QuerySet[ReconciliationDifference]:
    task = Task.objects.filter(kind=DIFFERENCE_TASK, subject_id=OuterRef("pk"))
    rows = ReconciliationDifference.objects.select_related("reconciliation")
    rows = rows.annotate(done_at=Subquery(task.values("done_at")))
    return rows.order_by(F("done_at").desc(nulls_first=True), "-reconciliation__until", "id")


def _difference(
    row: ReconciliationDifference,
    cause_id: UUID | None,
    task: TaskView,
    names: Mapping[UUID, str],
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
        task=task,
        owner=names.get(task.owner_id, "") if task.owner_id else "",
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
