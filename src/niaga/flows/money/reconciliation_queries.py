"""What the operator asks about reconciliation: the days' runs, and what differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, OuterRef, Subquery

from niaga.flows.money.models import (
    GatewayOperation,
    ReconciliationDifference,
    ReconciliationRun,
)
from niaga.flows.money.states import DifferenceState
from niaga.flows.money.tasks import DIFFERENCE_TASK
from niaga.kernel.money import Money
from niaga.parties.queries import person_names
from niaga.plumbing.models import Task
from niaga.plumbing.paging import Page, paged
from niaga.plumbing.task_queries import TaskView, tasks_about

MOST_SHOWN = 50
_KINDS = ("payment", "refund", "payout", "settlement", "booking")


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """Something on which the sides differ; None: that side does not speak of it.

    `order_id` is known of what was compared with the gateway. `settled` was booked against
    `account`. Whose task it is (`owner`) is told in lists.
    """

    difference_id: UUID
    day: date
    kind: str
    problem: str
    reference: str
    order_id: UUID | None
    orders: Money | None
    ledger: Money | None
    gateway: Money | None
    bank: Money | None
    state: str
    label: str
    account: str
    settled: Money
    task: TaskView
    owner: str


@dataclass(frozen=True, slots=True)
class KindTotal:
    """What the sides say together of all things of a kind; None: that side has nothing to say."""

    kind: str
    count: int
    differing: int
    orders: Money | None
    ledger: Money | None
    gateway: Money | None
    bank: Money | None


@dataclass(frozen=True, slots=True)
class RunView:
    """A day's run; `opened` of those `differing` were found by it first, `gone` ended with it."""

    run_id: UUID
    day: date
    currency: str
    ran_at: datetime
    bank_heard: bool
    compared: int
    differing: int
    opened: int
    gone: int
    totals: tuple[KindTotal, ...]


def runs_page(page: int = 1) -> Page[RunView]:
    """Return a page of runs, the newest first; two statements."""
    return paged(ReconciliationRun.objects.order_by("-ran_at", "-id"), _run, page=page)


def run_view(run_id: UUID) -> RunView | None:
    """Return a run, or None; one statement."""
    row = ReconciliationRun.objects.filter(pk=run_id).first()
    return _run(row) if row else None


def run_differences(run: RunView, page: int = 1) -> Page[DifferenceView]:
    """Return a page of what differed in a run, the oldest first; four statements."""
    rows = ReconciliationDifference.objects.filter(
        run__ran_at__lte=run.ran_at, seen__ran_at__gte=run.ran_at, currency=run.currency
    )
    cut = paged(rows.order_by("day", "id"), lambda row: row, page=page)
    return Page(_views(cut.rows), cut.total, cut.page, cut.pages)


def count_open_differences() -> int:
    """Return how many differences wait for somebody; one statement."""
    return ReconciliationDifference.objects.filter(state=DifferenceState.OPEN).count()


def gateway_differences() -> tuple[DifferenceView, ...]:
    """Return where gateway and ledger differed: what waits first; four statements."""
    task = Task.objects.filter(kind=DIFFERENCE_TASK, subject_id=OuterRef("pk"))
    rows = ReconciliationDifference.objects.filter(reconciliation__isnull=False)
    rows = rows.annotate(done_at=Subquery(task.values("done_at")))
    order = F("done_at").desc(nulls_first=True), "-reconciliation__until", "id"
    return _views(list(rows.order_by(*order)[:MOST_SHOWN]))


def difference(difference_id: UUID) -> DifferenceView | None:
    """Return one difference, or None; two statements."""
    row = ReconciliationDifference.objects.filter(pk=difference_id).first()
    if row is None:
        return None
    return _difference(row, None, tasks_about(DIFFERENCE_TASK, [row.id])[row.id], {})


def _views(rows: Sequence[ReconciliationDifference]) -> tuple[DifferenceView, ...]:
    tasks = tasks_about(DIFFERENCE_TASK, [row.id for row in rows])
    names = person_names({task.owner_id for task in tasks.values() if task.owner_id})
    with_gateway = [row.reference for row in rows if row.reconciliation_id]
    operations = GatewayOperation.objects.filter(remote_id__in=with_gateway)
    orders = dict(operations.values_list("remote_id", "cause_id")) if with_gateway else {}
    return tuple(_difference(row, orders.get(row.reference), tasks[row.id], names) for row in rows)


def _difference(
    row: ReconciliationDifference,
    order_id: UUID | None,
    task: TaskView,
    names: Mapping[UUID, str],
) -> DifferenceView:
    return DifferenceView(
        difference_id=row.id,
        day=row.day,
        kind=row.kind,
        problem=row.problem,
        reference=row.reference,
        order_id=order_id,
        orders=_money(row.orders_minor, row.currency),
        ledger=_money(row.ledger_minor, row.currency),
        gateway=_money(row.gateway_minor, row.currency),
        bank=_money(row.bank_minor, row.currency),
        state=row.state,
        label=str(row.get_state_display()),
        account=row.account,
        settled=Money(row.settled_minor, row.currency),
        task=task,
        owner=names.get(task.owner_id, "") if task.owner_id else "",
    )


def _run(row: ReconciliationRun) -> RunView:
    return RunView(
        run_id=row.id,
        day=row.day,
        currency=row.currency,
        ran_at=row.ran_at,
        bank_heard=row.bank_heard,
        compared=row.compared,
        differing=row.differing,
        opened=row.opened,
        gone=row.gone,
        totals=tuple(_total(kind, row) for kind in _KINDS if kind in row.totals),
    )


def _total(kind: str, row: ReconciliationRun) -> KindTotal:
    said = row.totals[kind]
    sides = (_money(said[side], row.currency) for side in ("orders", "ledger", "gateway", "bank"))
    return KindTotal(kind, said["count"], said["differing"], *sides)


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)
