"""A difference between the market's books and the gateway's: somebody takes it, and clears it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.money.models import Reconciliation, ReconciliationDifference
from niaga.flows.money.states import (
    DIFFERENCE_TRANSITIONS,
    RECONCILIATION_TRANSITIONS,
    DifferenceState,
    ReconciliationState,
)
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.states import advance


@dataclass(eq=False)
class DifferenceOfAnother(Refusal):
    """Whoever clears a difference must have taken it."""

    code: ClassVar[str] = "difference_of_another"


@command
def take_difference(*, actor: Actor, difference_id: UUID) -> None:
    """Make the operator the one who looks into a difference, instead of whoever did before.

    Raises:
        TransitionRefused: it is cleared.
    """
    assert actor.person_id is not None, "a task belongs to a person"
    advance(
        ReconciliationDifference,
        pk=difference_id,
        to=DifferenceState.TAKEN,
        transitions=DIFFERENCE_TRANSITIONS,
        owner_id=actor.person_id,
        taken_at=clock.now(),
    )


@command
def clear_difference(*, actor: Actor, difference_id: UUID, note: str) -> None:
    """Close a difference with what was found; with its last one a period is cleared.

    No money moves: what is to be corrected is corrected in the books it stands in.

    Raises:
        DifferenceOfAnother: nobody, or somebody else, has taken it.
        TransitionRefused: it is cleared already.
    """
    assert note, "the reason is kept"
    row = ReconciliationDifference.objects.get(pk=difference_id)
    # The period is locked first: of two that clear its last differences one sees that all are.
    Reconciliation.objects.select_for_update().get(pk=row.reconciliation_id)
    row = ReconciliationDifference.objects.select_for_update().get(pk=difference_id)
    if row.owner_id != actor.person_id:
        raise DifferenceOfAnother
    advance(
        ReconciliationDifference,
        pk=difference_id,
        to=DifferenceState.CLEARED,
        transitions=DIFFERENCE_TRANSITIONS,
        cleared_at=clock.now(),
        note=note,
    )
    of_period = ReconciliationDifference.objects.filter(reconciliation_id=row.reconciliation_id)
    if not of_period.exclude(state=DifferenceState.CLEARED).exists():
        advance(
            Reconciliation,
            pk=row.reconciliation_id,
            to=ReconciliationState.CLEARED,
            transitions=RECONCILIATION_TRANSITIONS,
        )
