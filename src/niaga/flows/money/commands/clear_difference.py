"""A difference between the market's books and the gateway's is cleared by who took its task."""

from uuid import UUID

from niaga.flows.money.models import Reconciliation, ReconciliationDifference
from niaga.flows.money.states import RECONCILIATION_TRANSITIONS, ReconciliationState
from niaga.flows.money.tasks import DIFFERENCE_TASK
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.commands.tasks import close_task
from niaga.plumbing.models import Task
from niaga.plumbing.states import advance
from niaga.plumbing.task_states import TaskState


@command
def clear_difference(*, actor: Actor, difference_id: UUID, note: str) -> None:
    """Close a difference with what was found; with its last one a period is cleared.

    No money moves: what is to be corrected is corrected in the books it stands in.

    Raises:
        TaskOfAnother: nobody, or somebody else, has taken it.
        TransitionRefused: it is cleared already.
    """
    row = ReconciliationDifference.objects.get(pk=difference_id)
    # The period is locked first: of two that clear its last differences one sees that all are.
    Reconciliation.objects.select_for_update().get(pk=row.reconciliation_id)
    close_task(actor=actor, kind=DIFFERENCE_TASK, subject_id=difference_id, reason=note)
    of_period = ReconciliationDifference.objects.filter(reconciliation_id=row.reconciliation_id)
    waiting = Task.objects.filter(
        kind=DIFFERENCE_TASK, subject_id__in=of_period.values("id")
    ).exclude(state=TaskState.DONE)
    if not waiting.exists():
        advance(
            Reconciliation,
            pk=row.reconciliation_id,
            to=ReconciliationState.CLEARED,
            transitions=RECONCILIATION_TRANSITIONS,
        )
