"""The ledger, to look at."""

from niaga.ledger.models import Account, JournalEntry, Transfer
from niaga.plumbing.admin import show

show(Account, "kind", "owner_id", "currency", search=["owner_id"], filters=["kind"])
show(
    JournalEntry, "kind", "cause_id", "posted_at",
    search=["cause_id"], filters=["kind"], when="posted_at",
)  # fmt: skip
show(
    Transfer, "entry", "debit", "credit", "amount_minor", "currency",
    search=["entry__cause_id"], joins=["entry", "debit", "credit"],
)  # fmt: skip
