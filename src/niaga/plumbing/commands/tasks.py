"""Tasks for the operator: opened by what a machine can't decide, taken, and closed with words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from heapq import heapify, heapreplace
from typing import ClassVar
from uuid import UUID

from django.db.models import Count

from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.models import Task, TaskNote
from niaga.plumbing.states import advance, try_advance
from niaga.plumbing.task_states import TASK_TRANSITIONS, TaskState


@dataclass(eq=False)
class TaskOfAnother(Refusal):
    """Whoever works on a task, or gives it away, must have taken it."""

    code: ClassVar[str] = "task_of_another"


@command
def open_tasks(
    *,
    kind: str,
    subject_ids: tuple[UUID, ...],
    due_in: timedelta | None = None,
    among: Sequence[UUID] = (),
) -> None:
    """Open a task of `kind` about each thing, unless there was one before; two statements.

    Each is given to the one `among` these people who has the fewest; to nobody where there are
    none. Whoever it is may give it away, and any colleague may take it over.
    """
    if not subject_ids:
        return
    now = clock.now()
    due_at = now + due_in if due_in else None
    owners = _least_busy(among)
    Task.objects.bulk_create(
        (
            Task(
                id=new_id(),
                kind=kind,
                subject_id=subject_id,
                state=TaskState.TAKEN if owner_id else TaskState.OPEN,
                owner_id=owner_id,
                opened_at=now,
                due_at=due_at,
                taken_at=now if owner_id else None,
            )
            for subject_id, owner_id in zip(subject_ids, owners, strict=False)
        ),
        ignore_conflicts=True,
    )


def _least_busy(people: Sequence[UUID]) -> Iterator[UUID | None]:
    """Yield who has the fewest tasks that wait, again and again, counting those yielded."""
    waiting = Task.objects.filter(owner_id__in=people).exclude(state=TaskState.DONE)
    has = dict(waiting.values_list("owner_id").annotate(Count("pk"))) if people else {}
    busy = [(has.get(pk, 0), place, pk) for place, pk in enumerate(people)]
    heapify(busy)
    while busy:
        tasks, place, pk = busy[0]
        yield pk
        heapreplace(busy, (tasks + 1, place, pk))
    while True:
        yield None


@command
def take_task(*, actor: Actor, task_id: UUID) -> None:
    """Make the operator the one who looks after a task, instead of whoever did before.

    Raises:
        TransitionRefused: it is done.
    """
    assert actor.person_id is not None, "a task belongs to a person"
    _to(task_id, actor.person_id)


@command
def give_task(*, actor: Actor, task_id: UUID, person_id: UUID) -> None:
    """Give one's own task to a colleague.

    Raises:
        TaskOfAnother: nobody, or somebody else, has taken it.
        TransitionRefused: it is done.
    """
    _check_own(actor, Task.objects.select_for_update().get(pk=task_id))
    _to(task_id, person_id)


@command
def note_task(*, actor: Actor, task_id: UUID, text: str) -> None:
    """Write down what was found so far; anybody may, also when the task is done."""
    assert text, "a note says something"
    assert actor.person_id is not None, "a note is a person's"
    TaskNote.objects.create(
        id=new_id(), task_id=task_id, author_id=actor.person_id, text=text, noted_at=clock.now()
    )


@command
def close_task(*, actor: Actor, kind: str, subject_id: UUID, reason: str) -> None:
    """End the task about a thing; what it asked for is settled by the caller.

    Raises:
        TaskOfAnother: nobody, or somebody else, has taken it.
        TransitionRefused: it is done already.
    """
    assert reason, "the reason is kept"
    advance(
        Task,
        pk=check_own_task(actor, kind=kind, subject_id=subject_id),
        to=TaskState.DONE,
        transitions=TASK_TRANSITIONS,
        done_at=clock.now(),
        reason=reason,
    )


@command
def drop_task(*, kind: str, subject_id: UUID, reason: str) -> bool:
    """End a task that settled itself, whosever it is; say whether there was one."""
    found = Task.objects.filter(kind=kind, subject_id=subject_id).values_list("id", flat=True)
    return any(
        try_advance(
            Task,
            pk=pk,
            to=TaskState.DONE,
            transitions=TASK_TRANSITIONS,
            done_at=clock.now(),
            reason=reason,
        )
        for pk in found
    )


def check_own_task(actor: Actor, *, kind: str, subject_id: UUID) -> UUID:
    """Lock the task about a thing and return its id, if the actor has taken it.

    Raises:
        TaskOfAnother: nobody, or somebody else, has taken it.
    """
    task = Task.objects.select_for_update().get(kind=kind, subject_id=subject_id)
    _check_own(actor, task)
    return task.id


def _check_own(actor: Actor, task: Task) -> None:
    if task.owner_id is None or task.owner_id != actor.person_id:
        raise TaskOfAnother


def _to(task_id: UUID, person_id: UUID) -> None:
    advance(
        Task,
        pk=task_id,
        to=TaskState.TAKEN,
        transitions=TASK_TRANSITIONS,
        owner_id=person_id,
        taken_at=clock.now(),
    )
