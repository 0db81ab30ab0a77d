"""What a task is about, in words of its kind."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from niaga.doors.back_office.words import BOOK_PROBLEMS, OPERATION_KINDS, RECEIPT_NOTES
from niaga.doors.look.formats import moment, money
from niaga.doors.look.page import Word
from niaga.flows.documents.tasks import DRAFT_TASK
from niaga.flows.money.card_queries import difference
from niaga.flows.money.office_queries import receipt_view
from niaga.flows.money.tasks import DIFFERENCE_TASK, RECEIPT_TASK
from niaga.plumbing.task_queries import TaskView
from niaga.stages.ordering.refused_drafts import refused_draft, refused_drafts

type Facts = tuple[tuple[Word, Word], ...]


def facts_of(kind: str, subject_id: UUID) -> Facts:
    """Return what a task is about, in words of its kind."""
    if kind == DIFFERENCE_TASK and (row := difference(subject_id)):
        return (
            (_("Movement"), f"{OPERATION_KINDS[row.kind]} · {row.remote_id}"),
            (_("Problem"), BOOK_PROBLEMS[row.problem]),
            (_("Ours"), money(row.ours) if row.ours else "–"),
            (_("The bank's"), money(row.theirs) if row.theirs else "–"),
            (_("Period until"), moment(row.until)),
        )
    if kind == RECEIPT_TASK and (receipt := receipt_view(subject_id)):
        why: Word = RECEIPT_NOTES.get(receipt.note, receipt.note)
        return (
            (_("Amount"), money(receipt.amount)),
            (_("Virtual account"), receipt.account_number),
            (_("Reference"), receipt.bank_reference),
            (_("Received"), moment(receipt.received_at)),
            (_("Why it pays nothing"), why),
        )
    if kind == DRAFT_TASK and (draft := refused_draft(subject_id)):
        return (
            (_("Document"), draft.label),
            (_("Order"), f"{draft.order_reference} · {draft.seller_name}"),
            (_("Rule"), draft.rule),
            (_("What is wrong"), draft.message),
        )
    return ()


def abouts_of(tasks: Sequence[TaskView]) -> dict[UUID, str]:
    """Return a line that tells tasks of one kind apart, by what they are about; two statements."""
    drafts = [task.subject_id for task in tasks if task.kind == DRAFT_TASK]
    if not drafts:
        return {}
    return {
        draft.draft_id: f"{draft.label} · {draft.order_reference} · {draft.rule}"
        for draft in refused_drafts(drafts)
    }
