"""Words for codes that only the operator meets."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from niaga.doors.look.timeline import WORDINGS

ACCOUNTS: dict[str, Promise] = {
    "bank": _("Bank account"),
    "gateway_receivable": _("Card money on its way"),
    "cod_cash": _("Cash with couriers"),
    "escrow": _("Held for open orders"),
    "seller_payable": _("Owed to sellers"),
    "payout_in_transit": _("Payouts in bank files"),
    "refund_payable": _("Owed to buyers"),
    "unmatched_receipts": _("Unmatched receipts"),
    "commission_tax": _("PPN on commissions"),
    "income_tax_withheld": _("PPh 22 withheld of sellers"),
    "commission": _("Commission earned"),
    "other_income": _("Other income"),
    "voucher_expense": _("Vouchers borne by the market"),
    "bank_fees": _("Bank fees"),
    "rounding": _("Rounding"),
    "losses": _("Losses"),
}

CATEGORIES: dict[str, Promise] = {
    "assets": _("What the market has"),
    "liabilities": _("What the market owes"),
    "income": _("What the market earns"),
    "expenses": _("What the market spends"),
}

ENTRIES: dict[str, Promise] = {
    "capture": _("Payment received"),
    "card_capture": _("Charged to the card"),
    "card_settlement": _("Card money settled to the bank"),
    "release": _("Released to the seller"),
    "tax_withheld": _("PPh 22 withheld"),
    "tax_given_back": _("PPh 22 given back"),
    "refund": _("Refund due"),
    "refund_sent": _("Refund transferred"),
    "payout_returned": _("Sent back by the bank"),
    "payout": _("Put into a bank file"),
    "payout_paid": _("Paid out"),
    "unmatched_receipt": _("Receipt that matched nothing"),
    "bank_fee": _("Bank fee"),
    "difference_settled": _("Difference booked"),
}

OPERATION_KINDS: dict[str, Promise] = {
    "capture": _("Charge to the card"),
    "capture_reversal": _("Charge undone"),
    "reversal": _("Amount let go"),
    "credit": _("Given back to the card"),
    "credit_reversal": _("Refund undone"),
    "receipt": _("Paid by code"),
}

DIFFERENCE_KINDS: dict[str, Promise] = OPERATION_KINDS | {
    "payment": _("Payment"),
    "refund": _("Refund"),
    "payout": _("Payout"),
    "settlement": _("Settlement by the gateway"),
    "booking": _("Booking of the bank"),
}

BOOK_PROBLEMS: dict[str, Promise] = {
    "ledger": _("The ledger does not say what the records say"),
    "gateway": _("The gateway does not say what the ledger says"),
    "bank": _("The bank does not say what the ledger says"),
    "bank_silent": _("The bank has not booked it"),
    "unexplained": _("Only the bank knows it"),
    "unknown_to_gateway": _("The bank does not know it"),
    "unknown_to_merchant": _("We do not know it"),
    "amount": _("Another amount"),
}

ENTRY_NOTES: dict[str, Promise] = {
    "no_payout": _("It carries no payout of ours"),
    "other_amount": _("The amount is not that of the payout"),
    "paid_twice": _("The bank booked this payout before"),
    "returned_twice": _("The bank sent this payout back before"),
    "known_before": _("It was known already"),
    "pays_nothing": _("A buyer's money that pays nothing yet"),
    "fee": _("A fee of the bank"),
}

TASK_KINDS: dict[str, Promise] = {
    "difference": _("Books that differ"),
    "draft": _("Documents not issued"),
    "receipt": _("Money that pays nothing"),
}

RECEIPT_NOTES: dict[str, Promise] = {
    "unknown_account": _("No payment has this account number"),
    "other_amount": _("The amount is not the one that is due"),
    "payment_confirmed": _("The payment is confirmed already"),
    "too_late": _("It came after the deadline"),
    "payment_expired": _("The payment has expired"),
    "payment_cancelled": _("The purchase was cancelled"),
}

BAD_LINES: dict[str, Promise] = {
    "column_missing": _("The file lacks this column"),
    "required": _("This must not be empty"),
    "digits_only": _("Only digits are allowed"),
    "whole_rupiah": _("An amount in whole rupiah is needed"),
    "above_zero": _("The amount must be above zero"),
    "too_long": _("This is too long"),
    "too_large": _("This amount is too large"),
    "iso_8601_with_offset": _("A time such as 2026-11-24T14:05:00+07:00 is needed"),
}

MAIL_STANDINGS: dict[str, Promise] = {
    "waiting": _("Waiting"),
    "sent": _("Sent"),
    "failed": _("Failed"),
}

VOUCHER_STANDINGS: dict[str, Promise] = {
    "running": _("Running"),
    "coming": _("Coming"),
    "ended": _("Ended"),
}

# Beside those of timelines, what only the operator's list of events shows.
EVENT_TITLES: dict[str, Promise] = {name: wording.text for name, wording in WORDINGS.items()} | {
    "CommissionPlanEnded": _("Commission plan ended"),
    "CommissionPlanMade": _("Commission plan made"),
    "DifferenceSettled": _("Difference booked"),
    "BankInstructed": _("The bank is told what to do"),
    "ListingHidden": _("Product hidden"),
    "ListingPublished": _("Product published"),
    "MediaChanged": _("Pictures changed"),
    "PriceChanged": _("Price changed"),
    "ProductDescribed": _("Product described"),
    "ProductListed": _("Product listed"),
    "ProductsImported": _("Products imported"),
    "PurchasePlaced": _("Purchase placed"),
    "QuotationAsked": _("Quotation asked for"),
    "QuotationDeclined": _("Quotation declined"),
    "QuotationOffered": _("Prices quoted"),
}

# What each check of the audit finds true when everything agrees.
CHECKS: dict[str, Promise] = {
    "every event is delivered": _("Every event reached those who follow it"),
    "stock = what the movements add up to": _(
        "Stock is what was received, shipped, returned, moved and counted"
    ),
    "what left for another location is on its way or arrived": _(
        "What left for another location is on its way or arrived"
    ),
    "waiting = the queue for stock to come": _("Who waits for stock to come is in the queue"),
    "reserved = open reservations": _("Reserved stock is what open orders were promised"),
    "slot places = live bookings": _("The taken places of a time are its bookings"),
    "free licence keys = what the pool says": _("A pool has as many free keys as it says"),
    "what a parcel holds left the stock": _("What a parcel holds has left the stock"),
    "carried balances = the lines behind them": _(
        "A balance carried forward is what its lines add up to"
    ),
    "ledger balances": _("Debit and credit of every ledger entry agree"),
    "escrow account = escrow held": _("The escrow account is what is held for orders"),
    "owed to sellers = released and not paid out - debts": _(
        "What is owed to sellers is released and not paid out, less what they owe for refunds"
    ),
    "owed to buyers = refunds due": _("What is owed to buyers is the refunds due"),
    "payouts in transit = payouts in bank files": _("Payouts on their way are those in bank files"),
    "unmatched receipts = receipts nobody claimed": _(
        "Unmatched receipts are those nobody claimed"
    ),
    "confirmed payment = its captures": _("A confirmed payment is what was captured"),
    "owed by the gateway = captured - credited - settled": _(
        "Card money on its way is captured, not credited and not settled"
    ),
    "a settled difference = its ledger entry": _(
        "A difference that was booked is what the ledger says of it"
    ),
    "authorization = its captures and releases": _(
        "An authorization is what was captured and let go"
    ),
    "payment follows its authorization": _(
        "A payment by card stands where its authorization stands"
    ),
    "commission earned = of released escrow - given back": _(
        "The commission earned is that of released money, less what was given back"
    ),
    "commission invoiced - credited = earned": _(
        "What sellers were invoiced and credited for is the commission that was earned"
    ),
    "income tax withheld = that of released escrow": _(
        "The PPh 22 withheld is that of released money"
    ),
    "PPN on commissions = that of released escrow": _(
        "The PPN owed on commissions is that of released money"
    ),
    "refund = its parts": _("A refund is the sum of its parts"),
    "refund of a card = its credits": _("A refund to a card is what the bank was told to credit"),
    "money held back has a reason": _("Money that is held back has a reason, and only then"),
    "escrow of a line = its total + market's voucher share": _(
        "Escrow holds a line's total and the market's share of its voucher"
    ),
    "order's shares = its lines' shares": _(
        "An order's commission and subsidy are those of its lines"
    ),
    "no more refunded than captured": _("No more is refunded than was captured"),
    "document numbers have no gap": _("Document numbers have no gap"),
    "a document is what was sealed": _("A document is what was sealed"),
    "each seal follows the one before it": _("Each seal follows the one before it"),
    "a daily root is the hash of its heads": _("A daily root is the hash of its heads"),
    "published heads are in their chains": _("Published heads are in their chains"),
    "purchase = its orders = its payment": _(
        "A purchase is the sum of its orders, and its payment"
    ),
    "order = its lines": _("An order is the sum of its lines"),
    "captured - refunded = invoiced - credited": _(
        "Captured less refunded is invoiced less credited"
    ),
    "every parcel has a delivery note": _("Every parcel has a delivery note"),
    "every return has its slip": _("Every return has its return slip"),
    "what came back is in the stock again, where it is said to be": _(
        "What came back is in the stock again, where it is said to be"
    ),
    "no more units come back than were sent": _("No more units come back than were sent"),
    "line shipped = in parcels": _("What a line says was shipped is in parcels"),
    "line to ship = promised stock + stock to come": _(
        "What a line has to ship is promised stock, or waits for stock to come"
    ),
    "escrow = order total + market's voucher share": _(
        "Escrow holds an order's total and the market's share of its voucher"
    ),
    "escrow of a card's order = its captured charges": _(
        "Escrow of an order paid by card holds what was charged"
    ),
    "line charged = in charges": _("What a line says was charged is in charges"),
    "order charged whole = its charges": _("An order charged whole is the sum of its charges"),
    "money follows the order's state": _("Money stands where its order stands"),
}
