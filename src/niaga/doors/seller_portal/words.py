"""Words for codes that only sellers meet."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MOVEMENTS: dict[str, Promise] = {
    "received": _("Received"),
    "shipped": _("Shipped"),
    "returned": _("Came back"),
    "adjusted": _("Counted"),
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
    "refund": _("Given back to the buyer"),
    "payout": _("Put into a payout"),
}

DELIVERIES: dict[str, Promise] = {
    "flat": _("One price"),
    "zone": _("By weight and zone"),
    "pickup": _("Pick-up"),
}
