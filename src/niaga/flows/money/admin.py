"""Payments and what follows from them, to look at."""

from niaga.flows.money.models import (
    Authorization,
    BankEntry,
    BankReceipt,
    Capture,
    Escrow,
    EscrowHold,
    GatewayFeed,
    GatewayOperation,
    PayCode,
    Payment,
    Payout,
    PayoutBatch,
    PayoutRun,
    PayoutSchedule,
    Reconciliation,
    ReconciliationDifference,
    ReconciliationRun,
    Refund,
    RefundPart,
    SellerDebt,
    StatusList,
)
from niaga.plumbing.admin import show

show(
    Payment, "account_number", "method", "amount_minor", "currency", "state", "opened_at",
    search=["account_number", "cause_id"], filters=["state", "method"], when="opened_at",
)  # fmt: skip
show(
    Capture, "cause_id", "amount_minor", "currency", "captured_at",
    search=["cause_id"], when="captured_at",
)  # fmt: skip
show(
    Escrow, "cause_id", "about_id", "seller_id", "gross_minor", "commission_minor", "state",
    "held_at",
    search=["cause_id", "seller_id"], filters=["state"], when="held_at",
)  # fmt: skip
show(
    EscrowHold, "escrow", "reason", "owner", "state", "deadline_at", "held_at",
    search=["about_id", "escrow__cause_id"], filters=["state", "reason"], joins=["escrow"],
    when="held_at",
)  # fmt: skip
show(
    RefundPart, "refund", "escrow", "quantity", "paid_minor", "subsidy_minor", "commission_minor",
    search=["refund__cause_id"], joins=["refund", "escrow"],
)  # fmt: skip
show(
    SellerDebt, "seller_id", "cause_id", "amount_minor", "currency", "made_at", "payout",
    search=["seller_id", "cause_id"], joins=["payout"], when="made_at",
)  # fmt: skip
show(
    Refund, "cause_id", "amount_minor", "currency", "state", "due_at",
    search=["cause_id"], filters=["state"], when="due_at",
)  # fmt: skip
show(PayoutBatch, "number", "made_at", search=["number"], when="made_at")
show(
    Payout, "batch", "seller_id", "amount_minor", "currency", "state", "paid_at",
    search=["seller_id", "bank_account"], filters=["state"], joins=["batch"],
)  # fmt: skip
show(
    BankReceipt, "bank_reference", "account_number", "amount_minor", "state", "received_at",
    search=["bank_reference", "account_number"], filters=["state"], when="received_at",
)  # fmt: skip
show(
    Authorization, "xid", "payment", "amount_minor", "captured_minor", "currency", "state",
    "offered_at", search=["xid", "auth_id"], filters=["state"], joins=["payment"],
    when="offered_at", secret=["offer", "checkout", "request", "auth_req", "auth_res"],
)  # fmt: skip
show(
    GatewayOperation, "kind", "cause_id", "amount_minor", "moved_minor", "currency", "state",
    "made_at", search=["cause_id", "remote_id"], filters=["state", "kind"], when="made_at",
    secret=["request", "answer"],
)  # fmt: skip
show(
    Reconciliation, "since", "until", "currency", "state", "agreed", "settled_minor",
    filters=["state"], when="until", secret=["request", "answer"],
)  # fmt: skip
show(
    ReconciliationDifference, "day", "kind", "problem", "reference", "orders_minor", "ledger_minor",
    "gateway_minor", "bank_minor", "state", "account", search=["reference", "about_id"],
    filters=["state", "kind", "problem"],
)  # fmt: skip
show(
    ReconciliationRun, "day", "currency", "ran_at", "compared", "differing", "opened", "gone",
    "bank_heard", when="ran_at",
)  # fmt: skip
show(StatusList, "subject", "issued_at", "expires_at", search=["subject"], when="issued_at")
show(PayoutSchedule, "seller_id", "every", "least_minor", search=["seller_id"], filters=["every"])
show(PayoutRun, "every", "currency", "day", "ran_at", filters=["every"], when="ran_at")
show(
    BankEntry, "reference", "end_to_end_id", "amount_minor", "currency", "booked_on", "state",
    search=["reference", "end_to_end_id"], filters=["state"], when="taken_at",
)  # fmt: skip
show(
    PayCode, "kind", "content", "payment", "expires_at", "made_at",
    search=["content", "xid"], filters=["kind"], joins=["payment"], when="made_at",
)  # fmt: skip
show(GatewayFeed, "after", "heard_until")
