"""The flow of money: payments, captures, escrow, refunds and payouts, each posted to the ledger."""
