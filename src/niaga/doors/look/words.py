"""Words for codes that more than one door shows."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ROLES: dict[str, Promise] = {
    "buyer": _("Buyer"),
    "seller": _("Seller"),
    "operator": _("Operator"),
    "system": _("Market"),
}

FLOWS: dict[str, Promise] = {
    "goods": _("Goods"),
    "information": _("Information"),
    "money": _("Money"),
    "documents": _("Documents"),
}

# Why a buyer cancels: a code is kept, so that each reads the reason in the own language.
BUYER_REASONS: dict[str, Promise] = {
    "changed_mind": _("I changed my mind"),
    "wrong_choice": _("I chose the wrong thing or address"),
    "cheaper_elsewhere": _("I found it cheaper elsewhere"),
    "takes_too_long": _("It takes too long"),
    "other_payment": _("I want to pay in another way"),
    "buyer_other": _("Another reason"),
}

# Reasons with a code; those that sellers and the operator write are their own words.
_CANCEL_REASONS: dict[str, Promise] = BUYER_REASONS | {
    "payment_expired": _("The payment did not come in time."),
}


def cancel_reason(reason: str) -> str:
    """Return why an order was cancelled, in words."""
    return str(_CANCEL_REASONS.get(reason, reason))
