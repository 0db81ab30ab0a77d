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
    "commission": _("Commission earned"),
    "voucher_expense": _("Vouchers borne by the market"),
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
    "release": _("Released to the seller"),
    "refund": _("Refund due"),
    "refund_sent": _("Refund transferred"),
    "payout": _("Put into a bank file"),
    "payout_paid": _("Paid out"),
    "unmatched_receipt": _("Receipt that matched nothing"),
}

RECEIPT_NOTES: dict[str, Promise] = {
    "unknown_account": _("No payment has this account number"),
    "other_amount": _("The amount is not the one that is due"),
    "payment_confirmed": _("The payment is confirmed already"),
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
    "BankInstructed": _("The bank is told what to do"),
    "ListingHidden": _("Product hidden"),
    "ListingPublished": _("Product published"),
    "MediaChanged": _("Pictures changed"),
    "PriceChanged": _("Price changed"),
    "ProductDescribed": _("Product described"),
    "ProductListed": _("Product listed"),
    "ProductsImported": _("Products imported"),
    "PurchasePlaced": _("Purchase placed"),
}
