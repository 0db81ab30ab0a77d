"""The kinds of tasks that the flow of money opens, how soon each is due, and whose it is."""

from datetime import timedelta
from uuid import UUID

from niaga.parties.queries import operators
from niaga.plumbing.commands.tasks import open_tasks

DIFFERENCE_TASK = "difference"
"""Two sides differ on a movement; about a `ReconciliationDifference`."""
RECEIPT_TASK = "receipt"
"""Money came in that pays nothing; about a `BankReceipt`."""
DUE_IN = timedelta(days=2)


def open_money_tasks(kind: str, *subject_ids: UUID) -> None:
    """Open a task about each thing inside the caller's command, with an operator as its owner."""
    open_tasks(kind=kind, subject_ids=subject_ids, due_in=DUE_IN, among=tuple(operators()))
