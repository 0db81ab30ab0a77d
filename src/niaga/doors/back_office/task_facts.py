"""What a task is about, in words of its kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from niaga.doors.back_office.words import (
    ACCOUNTS,
    BOOK_PROBLEMS,
    DIFFERENCE_KINDS,
    RECEIPT_NOTES,
)
from niaga.doors.look.formats import day, moment, money
from niaga.doors.look.page import Word
from niaga.flows.documents.tasks import DRAFT_TASK
from niaga.flows.money.office_queries import ReceiptView, receipt_view
from niaga.flows.money.reconciliation_queries import DifferenceView, difference
from niaga.flows.money.tasks import DIFFERENCE_TASK, RECEIPT_TASK
from niaga.kernel.money import Money
from niaga.plumbing.task_queries import TaskView
from niaga.stages.ordering.commands.settle_difference import accounts_for
from niaga.stages.ordering.refused_drafts import RefusedDraft, refused_draft, refused_drafts

type Facts = tuple[tuple[Word, Word], ...]


@dataclass(frozen=True, slots=True)
class TaskAbout:
    """What a task is about; `bookable`: a difference that can be booked in the ledger."""

    facts: Facts
    bookable: bool = False


def facts_of(kind: str, subject_id: UUID) -> Facts:
    """Return what a task is about, in words of its kind."""
    return about(kind, subject_id).facts


def about(kind: str, subject_id: UUID) -> TaskAbout:
    """Return what a task is about, and what can be done about it."""
    if kind == DIFFERENCE_TASK and (row := difference(subject_id)):
        return TaskAbout(_of_difference(row), bookable=bool(accounts_of(row)))
    if kind == RECEIPT_TASK and (receipt := receipt_view(subject_id)):
        return TaskAbout(_of_receipt(receipt))
    if kind == DRAFT_TASK and (draft := refused_draft(subject_id)):
        return TaskAbout(_of_draft(draft))
    return TaskAbout(())


def abouts_of(tasks: Sequence[TaskView]) -> dict[UUID, str]:
    """Return a line that tells tasks of one kind apart, by what they are about; two statements."""
    drafts = [task.subject_id for task in tasks if task.kind == DRAFT_TASK]
    if not drafts:
        return {}
    return {
        draft.draft_id: f"{draft.label} · {draft.order_reference} · {draft.rule}"
        for draft in refused_drafts(drafts)
    }


def accounts_of(row: DifferenceView) -> tuple[str, ...]:
    """Return the accounts that a difference may be booked against."""
    return accounts_for(row.kind, row.problem, row.bank.minor if row.bank else None)


def _of_difference(row: DifferenceView) -> Facts:
    return (
        (_("What"), f"{DIFFERENCE_KINDS[row.kind]} · {row.reference}"),
        (_("Problem"), BOOK_PROBLEMS[row.problem]),
        (_("Records"), _side(row.orders)),
        (_("Ledger"), _side(row.ledger)),
        (_("Gateway"), _side(row.gateway)),
        (_("Bank"), _side(row.bank)),
        (_("Day"), day(row.day)),
        *(
            (
                (_("Booked"), money(row.settled)),
                (_("Account"), ACCOUNTS[row.account]),
            )
            if row.account
            else ()
        ),
    )


def _side(amount: Money | None) -> Word:
    return "–" if amount is None else money(amount)


def _of_receipt(receipt: ReceiptView) -> Facts:
    why: Word = RECEIPT_NOTES.get(receipt.note, receipt.note)
    return (
        (_("Amount"), money(receipt.amount)),
        (_("Virtual account"), receipt.account_number),
        (_("Reference"), receipt.bank_reference),
        (_("Received"), moment(receipt.received_at)),
        (_("Why it pays nothing"), why),
    )


def _of_draft(draft: RefusedDraft) -> Facts:
    return (
        (_("Document"), draft.label),
        (_("Order"), f"{draft.order_reference} · {draft.seller_name}"),
        (_("Rule"), draft.rule),
        (_("What is wrong"), draft.message),
    )
