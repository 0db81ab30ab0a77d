"""What the operator asks of tasks. Who people are is asked elsewhere, by their ids."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from niaga.kernel import clock
from niaga.plumbing.models import Task
from niaga.plumbing.paging import Page, paged_by_state
from niaga.plumbing.task_states import TaskState


@dataclass(frozen=True, slots=True)
class NoteView:
    """A word about a task."""

    author_id: UUID
    text: str
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task; `notes` are told of a single one."""

    task_id: UUID
    kind: str
    subject_id: UUID
    state: str
    label: str
    owner_id: UUID | None
    opened_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    reason: str
    notes: tuple[NoteView, ...] = ()

    @property
    def is_late(self) -> bool:
        """Whether it should have been done by now."""
        return not self.done_at and self.due_at is not None and self.due_at < clock.now()


def tasks_page(
    *, state: str = "", kind: str = "", owner_id: UUID | None = None, page: int = 1
) -> Page[TaskView]:
    """Return a page of tasks: what waits first, the most urgent on top; two statements."""
    rows = Task.objects.order_by(
        F("done_at").desc(nulls_first=True), F("due_at").asc(nulls_last=True), "opened_at", "id"
    )
    if kind:
        rows = rows.filter(kind=kind)
    if owner_id is not None:
        rows = rows.filter(owner_id=owner_id)
    return paged_by_state(rows, task_as_view, state=state, page=page)


def task_view(task_id: UUID) -> TaskView | None:
    """Return a task with its notes, or None; two statements."""
    row = Task.objects.prefetch_related("notes").filter(pk=task_id).first()
    return task_as_view(row, with_notes=True) if row else None


def tasks_about(kind: str, subject_ids: list[UUID]) -> dict[UUID, TaskView]:
    """Return the tasks of a kind by what they are about; one statement."""
    rows = Task.objects.filter(kind=kind, subject_id__in=subject_ids)
    return {row.subject_id: task_as_view(row) for row in rows}


def tasks_waiting() -> int:
    """Return how many tasks are not done; one statement."""
    return Task.objects.exclude(state=TaskState.DONE).count()


def task_as_view(row: Task, *, with_notes: bool = False) -> TaskView:
    """Return a task as pages show it."""
    notes = row.notes.all() if with_notes else ()
    return TaskView(
        task_id=row.id,
        kind=row.kind,
        subject_id=row.subject_id,
        state=row.state,
        label=str(TaskState(row.state).label),
        owner_id=row.owner_id,
        opened_at=row.opened_at,
        due_at=row.due_at,
        done_at=row.done_at,
        reason=row.reason,
        notes=tuple(NoteView(note.author_id, note.text, note.noted_at) for note in notes),
    )
