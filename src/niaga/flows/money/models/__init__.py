"""Payments and what follows from them; Django looks for a room's models here."""

from niaga.flows.money.models.card import Authorization, GatewayOperation, StatusList
from niaga.flows.money.models.code import GatewayFeed, PayCode
from niaga.flows.money.models.escrow import Escrow, EscrowHold, Refund, RefundPart, SellerDebt
from niaga.flows.money.models.payment import BankReceipt, Capture, Payment
from niaga.flows.money.models.payout import (
    BankEntry,
    Payout,
    PayoutBatch,
    PayoutRun,
    PayoutSchedule,
)
from niaga.flows.money.models.reconciliation import (
    Reconciliation,
    ReconciliationDifference,
    ReconciliationRun,
)

__all__ = [
    "Authorization",
    "BankEntry",
    "BankReceipt",
    "Capture",
    "Escrow",
    "EscrowHold",
    "GatewayFeed",
    "GatewayOperation",
    "PayCode",
    "Payment",
    "Payout",
    "PayoutBatch",
    "PayoutRun",
    "PayoutSchedule",
    "Reconciliation",
    "ReconciliationDifference",
    "ReconciliationRun",
    "Refund",
    "RefundPart",
    "SellerDebt",
    "StatusList",
]
