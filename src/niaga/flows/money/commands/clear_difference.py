"""A difference between the market's books and others' is explained by who took its task."""

from uuid import UUID

from niaga.flows.money.commands.keep_differences import BOOKING
from niaga.flows.money.models import BankEntry, Reconciliation, ReconciliationDifference
from niaga.flows.money.states import (
    BANK_ENTRY_TRANSITIONS,
    DIFFERENCE_TRANSITIONS,
    RECONCILIATION_TRANSITIONS,
    BankEntryState,
    DifferenceState,
    ReconciliationState,
)
from niaga.flows.money.tasks import DIFFERENCE_TASK
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.commands.tasks import close_task
from niaga.plumbing.states import advance


@command
def clear_difference(*, actor: Actor, difference_id: UUID, note: str) -> None:
    """Close a difference with what was found; with its last one a period is cleared.

    No money moves: what is to be corrected is corrected in the books it stands in.

    Raises:
        TaskOfAnother: nobody, or somebody else, has taken it.
        TransitionRefused: it is cleared already.
    """
    row = begin_ending(actor=actor, difference_id=difference_id, reason=note)
    advance(
        ReconciliationDifference,
        pk=difference_id,
        to=DifferenceState.CLEARED,
        transitions=DIFFERENCE_TRANSITIONS,
    )
    if row.kind == BOOKING and row.about_id is not None:
        advance(
            BankEntry,
            pk=row.about_id,
            to=BankEntryState.CLEARED,
            transitions=BANK_ENTRY_TRANSITIONS,
        )
    end_period(row)


def begin_ending(*, actor: Actor, difference_id: UUID, reason: str) -> ReconciliationDifference:
    """Close the difference's task inside the caller's command, and return the difference.

    Raises:
        TaskOfAnother: nobody, or somebody else, has taken it.
        TransitionRefused: it has ended already.
    """
    row = ReconciliationDifference.objects.get(pk=difference_id)
    # The period is locked first: of two that end its last differences one sees that all have.
    if row.reconciliation_id is not None:
        Reconciliation.objects.select_for_update().get(pk=row.reconciliation_id)
    close_task(actor=actor, kind=DIFFERENCE_TASK, subject_id=difference_id, reason=reason)
    return row


def end_period(row: ReconciliationDifference) -> None:
    """Clear the period compared with the gateway whose last difference this was."""
    if row.reconciliation_id is None:
        return
    of_period = ReconciliationDifference.objects.filter(reconciliation_id=row.reconciliation_id)
    if not of_period.filter(state=DifferenceState.OPEN).exists():
        advance(
            Reconciliation,
            pk=row.reconciliation_id,
            to=ReconciliationState.CLEARED,
            transitions=RECONCILIATION_TRANSITIONS,
        )
