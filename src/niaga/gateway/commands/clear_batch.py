"""The bank's clerk has found out why two books differed."""

from uuid import UUID

from niaga.gateway.models import Batch
from niaga.gateway.states import BATCH_TRANSITIONS, BatchState
from niaga.plumbing.command import command
from niaga.plumbing.states import advance


@command
def clear_batch(*, batch_id: UUID, note: str, cleared_by: str) -> None:
    """Close the task with the clerk's note (not empty).

    Raises:
        TransitionRefused: the batch does not differ, or was cleared before.
    """
    assert note, "a difference is cleared with a note"
    advance(
        Batch,
        pk=batch_id,
        to=BatchState.CLEARED,
        transitions=BATCH_TRANSITIONS,
        note=note,
        cleared_by=cleared_by,
    )
