"""The market's chart of accounts."""

from niaga.ledger.chart import AccountKind

MARKET_CHART = (
    # What the market holds or is owed.
    AccountKind("bank", "debit", "assets"),
    AccountKind("gateway_receivable", "debit", "assets"),  # captured by card, not settled yet
    AccountKind("cod_cash", "debit", "assets"),  # owner: the seller whose courier has it
    # What the market owes.
    AccountKind("escrow", "credit", "liabilities"),  # owner: seller; money of open orders
    AccountKind("seller_payable", "credit", "liabilities"),  # owner: seller
    AccountKind("payout_in_transit", "credit", "liabilities"),
    AccountKind("refund_payable", "credit", "liabilities"),
    AccountKind("unmatched_receipts", "credit", "liabilities"),
    AccountKind("commission_tax", "credit", "liabilities"),  # PPN inside commissions
    AccountKind("income_tax_withheld", "credit", "liabilities"),  # owner: seller; PPh 22
    # What the market earns and spends.
    AccountKind("commission", "credit", "income"),
    AccountKind("other_income", "credit", "income"),  # settled differences: more than expected
    AccountKind("voucher_expense", "debit", "expenses"),
    AccountKind("bank_fees", "debit", "expenses"),
    AccountKind("rounding", "debit", "expenses"),
    AccountKind("losses", "debit", "expenses"),  # settled differences: less than expected
)
