"""The ledger, to look at."""

from niaga.ledger.models import Account, CarriedBalance, Hold, HoldEnd, JournalEntry, Transfer
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
show(
    Hold, "kind", "debit", "credit", "amount_minor", "currency",
    search=["cause_id"], joins=["debit", "credit"], when="held_at",
)  # fmt: skip
show(HoldEnd, "hold", "outcome", "ended_at", filters=["outcome"], joins=["hold"], when="ended_at")
show(CarriedBalance, "account", "balance_minor", "lines", "through_id", joins=["account"])
