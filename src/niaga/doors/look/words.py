"""Words for codes that more than one door shows."""

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from niaga.flows.goods.commands.book_slot import BookingTerms

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
    "booking_cancelled": _("The booking was cancelled."),
}


# Why a bank approves no payment; anything else is between the market and its bank.
_DECLINE_REASONS: dict[str, Promise] = {
    "insufficient_funds": _("There is not enough money on the account."),
    "instrument_blocked": _("The card is blocked."),
    "instrument_expired": _("The card has expired."),
    "limit_exceeded": _("The amount is above the card's limit."),
    "issuer_unavailable": _("The card's bank could not be reached."),
    "refused_by_issuer": _("The card's bank refused without saying why."),
    "voided": _("The payment was called off before the bank answered."),
    "sca_required": _("The bank asks for your passkey."),
    "sca_invalid": _("The passkey was not the right one."),
    "pi_invalid": _("The card in the wallet can't be used here."),
}
_DECLINED = _("The bank could not take this payment.")


def decline_reason(reason: str) -> str:
    """Return why a bank did not approve, in words."""
    return str(_DECLINE_REASONS.get(reason, _DECLINED))


def booking_rules(terms: BookingTerms) -> tuple[str, ...]:
    """Return by which rules a booking is moved and cancelled, a sentence each."""
    percent, hours = terms.late_fee_percent, terms.cancel_h
    if percent == 0 or hours == 0:
        cancelled = gettext("Cancel for free until it begins.")
    elif percent is None:
        cancelled = ngettext(
            "Cancel for free until %(num)s hour before; later it can't be cancelled.",
            "Cancel for free until %(num)s hours before; later it can't be cancelled.",
            hours,
        )
    else:
        cancelled = ngettext(
            "Cancel for free until %(num)s hour before; later the seller keeps %(percent)s %%.",
            "Cancel for free until %(num)s hours before; later the seller keeps %(percent)s %%.",
            hours,
        )
    moved = ngettext(
        "Choose another time until %(num)s hour before.",
        "Choose another time until %(num)s hours before.",
        terms.change_h,
    )
    return (cancelled % {"num": hours, "percent": percent}, moved % {"num": terms.change_h})


def cancel_reason(reason: str) -> str:
    """Return why an order was cancelled, in words."""
    return str(_CANCEL_REASONS.get(reason, reason))
