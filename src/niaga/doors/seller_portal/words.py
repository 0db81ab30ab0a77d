"""Words for codes that only sellers meet."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from niaga.doors.look.forms import DESCRIPTION_RULES, PRICE_RULES

MOVEMENTS: dict[str, Promise] = {
    "received": _("Received"),
    "shipped": _("Shipped"),
    "returned": _("Returned"),
    "adjusted": _("Corrected"),
    "sent": _("Sent to another location"),
    "arrived": _("Arrived from another location"),
}

ACCOUNTS: dict[str, Promise] = {
    "escrow": _("Held for open orders"),
    "seller_payable": _("Ready to be paid out"),
    "cod_cash": _("Cash your courier holds"),
}

ENTRIES: dict[str, Promise] = {
    "capture": _("Payment received"),
    "card_capture": _("Charged to the card"),
    "release": _("Released after delivery"),
    "tax_withheld": _("PPh 22 withheld"),
    "tax_given_back": _("PPh 22 given back"),
    "refund": _("Given back to the buyer"),
    "payout_returned": _("Sent back by the bank"),
    "payout": _("Put into a payout"),
}

DELIVERIES: dict[str, Promise] = {
    "flat": _("One price"),
    "zone": _("By weight and zone"),
    "own": _("Own courier, by weight and zone"),
    "pickup": _("Pick-up"),
}

# Why a row of a small table stays out.
TABLE_RULES: dict[str, Promise] = {
    "unknown_sku": _("You have no goods with this SKU."),
    "unknown_location": _("You have no location of this name."),
    "not_a_whole_number": _("Enter a whole number."),
    "twice": _("This stands here twice."),
    "below_reserved": _("So many are promised to open orders; there cannot be fewer."),
    "unknown_parcel": _("None of your parcels has this SSCC or tracking number."),
    "several_parcels": _("Several parcels have this tracking number; use the SSCC."),
    "unknown_status": _("This is not one of the statuses."),
    "not_an_instant": _("Write an instant such as 2026-11-25T14:05+07:00."),
    "in_the_future": _("This has not happened yet."),
    "pickup_code_needed": _("Enter the code that the buyer shows; it says it was fetched."),
    "required": _("Please fill this in."),
    "unknown_province": _("We do not know this province."),
    "days_go_backwards": _("This must not be below the least."),
}

# Why a row of a file stays out: as in the product's form, and what only a file can get wrong.
IMPORT_RULES: dict[str, Promise] = {
    **PRICE_RULES,
    **DESCRIPTION_RULES,
    "not_a_price": _("This is not a price."),
    "not_a_whole_number": _("Enter a whole number."),
    "too_many_columns": _("This row has more cells than the first line has columns."),
}
