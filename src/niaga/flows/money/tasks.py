"""The kinds of tasks that the flow of money opens, and how soon each is due."""

from datetime import timedelta

DIFFERENCE_TASK = "difference"
"""The books of two sides differ on a movement; about a `ReconciliationDifference`."""
RECEIPT_TASK = "receipt"
"""Money came in that pays nothing; about a `BankReceipt`."""
DUE_IN = timedelta(days=2)
