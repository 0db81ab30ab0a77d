"""The gateway's chart of accounts."""

from niaga.ledger.chart import AccountKind

GATEWAY_CHART = (
    # What issuers owe for captures. Owner: the instrument.
    AccountKind("cardholder", "debit", "assets"),
    AccountKind("payer_banks", "debit", "assets"),  # what payers' banks owe for codes paid
    # What merchants are owed. Owner: the merchant.
    AccountKind("merchant_clearing", "credit", "liabilities"),  # captured, in no batch yet
    AccountKind("merchant_settlement", "credit", "liabilities"),  # in a closed batch
)
