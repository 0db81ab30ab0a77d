"""Differences between orders, ledger, gateway and bank are kept, each once, and end when gone."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from niaga.flows.money.models import ReconciliationDifference, ReconciliationRun
from niaga.flows.money.states import DIFFERENCE_TRANSITIONS, DifferenceState
from niaga.flows.money.tasks import DIFFERENCE_TASK, open_money_tasks
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.plumbing.command import command
from niaga.plumbing.commands.tasks import drop_task
from niaga.plumbing.states import try_advance

BOOKING = "booking"
"""The kind of a difference that is a booking of the bank's which nobody else knows of."""
UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Sides:
    """What each side says of a thing, in minor units; None: it does not speak of it (yet)."""

    orders: int | None = None
    ledger: int | None = None
    gateway: int | None = None
    bank: int | None = None


@dataclass(frozen=True, slots=True)
class ReconciliationItem:
    """A thing that a run compared: `problem` says on what the sides differ, empty where they agree.

    `reference` is what people call it by.
    """

    kind: str
    about_id: UUID
    reference: str
    sides: Sides
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What came of a run: how much was compared, differs now, is new, and is gone."""

    run_id: UUID
    day: date
    currency: str
    compared: int
    differing: int
    opened: int
    gone: int
    bank_heard: bool


@command
def open_difference(*, kind: str, about_id: UUID, reference: str, day: date, amount: Money) -> None:
    """Open a difference that only the bank speaks of, and its task."""
    row = ReconciliationDifference.objects.create(
        id=new_id(),
        day=day,
        kind=kind,
        problem=UNEXPLAINED,
        about_id=about_id,
        reference=reference,
        currency=amount.currency,
        bank_minor=amount.minor,
    )
    open_money_tasks(DIFFERENCE_TASK, row.id)


def open_abouts(currency: str) -> Mapping[str, Mapping[UUID, bool]]:
    """Return what differs still, by kind: each run looks at it again, whatever its day.

    Of each thing it says whether the bank has been heard about it.
    """
    found: dict[str, dict[UUID, bool]] = {}
    rows = ReconciliationDifference.objects.filter(
        state=DifferenceState.OPEN, currency=currency, about_id__isnull=False
    )
    for kind, about_id, bank_minor in rows.values_list("kind", "about_id", "bank_minor"):
        assert about_id is not None, "only such were asked for"
        found.setdefault(kind, {})[about_id] = bank_minor is not None
    return found


@command
def record_run(
    *, day: date, currency: str, compared: Sequence[ReconciliationItem], bank_heard: bool
) -> RunReport:
    """Keep a run: what differs anew is a task, what differs no more ends by itself.

    A difference that somebody explained or booked is not opened again while the sides say what
    they said then.
    """
    with connection.cursor() as cursor:
        # Two runs at once would open the same differences twice.
        cursor.execute("LOCK TABLE money_reconciliationrun IN SHARE ROW EXCLUSIVE MODE")
    known = {(row.kind, row.about_id): row for row in _latest(compared)}
    differing, fresh, gone = [], [], []
    for one in compared:
        row = known.get((one.kind, one.about_id))
        is_open = row is not None and row.state == DifferenceState.OPEN
        if not one.problem:
            gone += [row] if row is not None and is_open else []
        elif row is not None and is_open:
            differing.append((row, one))
        elif row is None or row.state == DifferenceState.GONE or _sides(row) != one.sides:
            fresh.append(one)
    run = ReconciliationRun.objects.create(
        id=new_id(),
        day=day,
        currency=currency,
        ran_at=clock.now(),
        bank_heard=bank_heard,
        compared=len(compared),
        differing=len(differing) + len(fresh),
        opened=len(fresh),
        gone=len(gone),
        totals=_totals(compared),
    )
    _see_again(run, differing)
    _open(run, fresh)
    for row in gone:
        _end(row)
    return RunReport(
        run.id, day, currency, run.compared, run.differing, run.opened, run.gone, bank_heard
    )


def _latest(compared: Sequence[ReconciliationItem]) -> list[ReconciliationDifference]:
    """Return the newest difference about each thing that was compared."""
    rows = ReconciliationDifference.objects.filter(about_id__in=[one.about_id for one in compared])
    return list(rows.order_by("kind", "about_id", "-id").distinct("kind", "about_id"))


def _sides(row: ReconciliationDifference) -> Sides:
    return Sides(row.orders_minor, row.ledger_minor, row.gateway_minor, row.bank_minor)


def _columns(sides: Sides) -> dict[str, int | None]:
    return {f"{side}_minor": minor for side, minor in asdict(sides).items()}


def _see_again(
    run: ReconciliationRun, differing: list[tuple[ReconciliationDifference, ReconciliationItem]]
) -> None:
    for row, one in differing:
        row.run_id, row.seen_id, row.problem = row.run_id or run.id, run.id, one.problem
        for column, minor in _columns(one.sides).items():
            setattr(row, column, minor)
    columns = ["run", "seen", "problem", *_columns(Sides())]
    ReconciliationDifference.objects.bulk_update([row for row, _ in differing], columns)


def _open(run: ReconciliationRun, fresh: list[ReconciliationItem]) -> None:
    rows = ReconciliationDifference.objects.bulk_create(
        ReconciliationDifference(
            id=new_id(),
            run=run,
            seen=run,
            day=run.day,
            kind=one.kind,
            problem=one.problem,
            about_id=one.about_id,
            reference=one.reference,
            currency=run.currency,
            **_columns(one.sides),
        )
        for one in fresh
    )
    open_money_tasks(DIFFERENCE_TASK, *(row.id for row in rows))


def _end(row: ReconciliationDifference) -> None:
    try_advance(
        ReconciliationDifference,
        pk=row.id,
        to=DifferenceState.GONE,
        transitions=DIFFERENCE_TRANSITIONS,
    )
    drop_task(kind=DIFFERENCE_TASK, subject_id=row.id, reason="All sides agree now.")


def _totals(compared: Sequence[ReconciliationItem]) -> dict[str, dict[str, int | None]]:
    totals: dict[str, dict[str, int | None]] = {}
    for one in compared:
        total = totals.setdefault(one.kind, {"count": 0, "differing": 0, **asdict(Sides())})
        total["count"] = (total["count"] or 0) + 1
        total["differing"] = (total["differing"] or 0) + bool(one.problem)
        for side, minor in asdict(one.sides).items():
            if minor is not None:
                total[side] = (total[side] or 0) + minor
    return totals
