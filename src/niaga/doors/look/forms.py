"""How a refusal becomes words: beside a form's field, or as a message on the next page."""

from collections.abc import Mapping

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from niaga.kernel.refusal import Refusal

# code -> (field of the form it belongs to, or "" for the whole form; words with {placeholders}).
REFUSAL_WORDS: dict[str, tuple[str, Promise]] = {
    "key_reused": ("", _("This form was sent before with other contents. Please look again.")),
    "transition_refused": ("", _("That is no longer possible: somebody was faster. Look again.")),
    "identity_invalid": ("{field}", _("This number is not well formed.")),
    "company_already_registered": ("nib", _("A company with this NIB is registered already.")),
    "stock_exhausted": ("", _("There is not enough left of something in your basket.")),
    "stock_below_reserved": (
        "on_hand",
        _("{reserved} are promised to open orders; you cannot count fewer."),
    ),
    "slot_full": ("", _("This time has just been booked by somebody else. Choose another one.")),
    "slot_not_bookable": ("slot", _("This time cannot be booked any more. Choose another one.")),
    "not_to_be_moved": ("slot", _("A booking can be changed until {hours} hours before it.")),
    "not_to_be_fetched": ("code", _("This parcel does not wait to be fetched.")),
    "pickup_code_needed": ("", _("Enter the code that the buyer shows; it says it was fetched.")),
    "table_unreadable": ("file", _("This file cannot be read as such a table.")),
    "rows_refused": ("file", _("Nothing was taken: some rows cannot be used.")),
    "prefix_invalid": ("gs1_prefix", _("A GS1 company prefix has {least} to {most} digits.")),
    "prefix_taken": ("gs1_prefix", _("Another seller numbers its parcels with {prefix}.")),
    "too_late_to_cancel": ("", _("A booking can be cancelled until {hours} hours before it.")),
    "key_too_long": ("keys", _("Line {line} is longer than {most} signs.")),
    "location_unknown": ("location", _("This is not one of your locations.")),
    "nothing_reserved": ("", _("The stock of this line is not reserved any more.")),
    "download_spent": ("", _("This download has expired or was used up. Ask the seller.")),
    "method_unknown": ("method", _("Choose how to pay.")),
    "method_not_for_this": ("method", _("This basket cannot be paid in cash on delivery.")),
    "basket_empty": ("", _("Your basket is empty.")),
    "not_on_sale": ("", _("Something in your basket is no longer sold.")),
    "voucher_refused": ("voucher", _("This voucher cannot be used here.")),
    "address_missing": ("{field}", _("Please fill this in: we need it to deliver.")),
    "delivery_unavailable": ("", _("{seller} does not deliver to this address that way.")),
    "total_changed": ("", _("Prices have changed. Please look at the new total before you order.")),
    "not_to_be_shipped": ("", _("Nothing can be shipped in this order now.")),
    "quantity_not_open": ("", _("Only {still_open} are left to ship of a line.")),
    "no_document_found": ("", _("No document fits, so there is nothing to pack.")),
    "nothing_to_quote": ("", _("Nothing of this seller in your basket can be quoted.")),
    "quotation_under_way": ("", _("You asked this seller already. Please wait for its answer.")),
    "quotation_unknown": ("", _("We do not know this quotation.")),
    "quoted_price_invalid": ("", _("Enter a price in whole rupiah, above zero, for each line.")),
    "quotation_day_invalid": ("until", _("Choose a day from today to {most_days} days from now.")),
    "quotation_over": ("", _("These prices hold no more. Ask the seller again.")),
    "not_returnable": ("quantity", _("{left} units of this can go back.")),
    "return_under_way": ("", _("It was agreed already what goes back.")),
    "too_many_for_tax": ("", _("These are more than {most} invoices. Choose a shorter time.")),
    "purchase_order_refused": ("order", _("This order cannot be taken.")),
    "nobody_to_mail": ("", _("This document belongs to no order, so it has nobody to be sent to.")),
    "document_redacted": ("", _("The contents of {number} were deleted: their years are over.")),
    "document_kept": ("", _("This document must be kept for longer.")),
    "document_style_invalid": ("{field}", _("Choose one of what is offered.")),
    "draft_gone": ("", _("This document was issued meanwhile.")),
    "credit_too_high": ("", _("The invoice has less left than this would give back.")),
    "number_pattern_invalid": (
        "",
        _("{pattern}: use {{year}} and {{number:05}} once each, with letters and / . - _ between."),
    ),
    "number_pattern_taken": ("", _("{pattern}: two kinds of documents cannot share numbers.")),
    "nothing_chosen": ("", _("Choose at least one line.")),
    "paid_together": ("", _("This order is paid together with others. Cancel the whole purchase.")),
    "nothing_to_pay_out": ("", _("No seller has money to be paid out now.")),
    "capture_under_way": ("", _("The bank has not answered yet. Please try again in a minute.")),
    "task_of_another": ("", _("Take it first; somebody else may look into it by now.")),
    "not_that_account": ("account", _("This can't be booked against that account.")),
    "nothing_to_book": ("", _("Bank and ledger agree on it by now; nothing is left to settle.")),
    "difference_changed": ("", _("The sides say something else by now. Reconcile again first.")),
    "not_that_purchase": ("reference", _("No purchase of this number waits for this amount.")),
    "refund_goes_by_card": ("", _("The bank gives this back to the card by itself.")),
    "refund_too_large": ("amount", _("That is more than can still be given back.")),
    "nothing_to_refund": ("", _("Nothing of this can be given back (any more).")),
    "refund_reason_missing": ("reason", _("Please say why: the buyer reads it.")),
    "refund_changed": ("", _("The order's money has moved meanwhile. Please look again.")),
    "hold_terms_missing": ("{field}", _("Please say this: nothing is held back without it.")),
    "nothing_held": ("", _("Nothing of this is in escrow (any more).")),
    "appeal_words_missing": ("words", _("Please write a few words.")),
    "currencies_mixed": (
        "",
        _("Your basket has prices in several currencies. Please buy them one after the other."),
    ),
    "commission_plan_invalid": ("{field}", _("This plan cannot be made.")),
    "commission_plan_over": ("", _("The plan {plan} has ended already.")),
    "not_payable": ("", _("This payment does not wait for a card now.")),
    "too_many_offers": ("", _("This payment was tried too often. Please pay in another way.")),
    "xid_conflict": ("", _("This offer was answered before. Ask for a new one.")),
    "offer_unknown": ("", _("There is no such offer.")),
    "escrow_frozen": ("", _("A complaint is open. Please settle it first.")),
    "not_delivered_yet": ("", _("You can review it once it has arrived.")),
    "reviewed_before": ("", _("You reviewed this already.")),
    "stars_out_of_range": ("stars", _("Give one to five stars.")),
    "nothing_to_complain_of": ("", _("This order cannot be complained about.")),
    "complaint_open": ("", _("There is an open complaint about this. Please write there.")),
    "words_missing": ("body", _("Please write a few words.")),
    "complaint_closed": ("", _("This complaint is closed.")),
    "statement_unreadable": ("file", _("This is no bank statement that we can read.")),
    "batch_confirmed_before": ("", _("Every payout of this file is confirmed already.")),
    "mail_sent_before": ("", _("This mail was sent; nobody is written to twice.")),
    "nothing_dead": ("", _("No delivery is dead.")),
    "voucher_code_taken": ("code", _("Another voucher has the code {voucher}.")),
    "voucher_terms_invalid": ("{field}", _("This voucher cannot be made.")),
    "voucher_over": ("", _("Voucher {voucher} has ended already.")),
    "variant_not_on_sale": ("variant", _("This is no longer sold.")),
    "quantity_out_of_range": ("quantity", _("Choose a quantity from 1 to 999.")),
    "basket_line_unknown": ("", _("This is no longer in your basket.")),
    "company_not_approved": ("", _("You can sell once the operator has approved your company.")),
    "nothing_to_sell": ("", _("Enter a price for at least one variant first.")),
    "order_unknown": ("", _("This is not one of your orders.")),
    "product_unknown": ("", _("This is not one of your products.")),
    "description_invalid": ("{field}", _("This cannot be used.")),
    "price_invalid": ("", _("The price of {sku} cannot be used.")),
    "picture_refused": ("pictures", _("This picture cannot be used.")),
    "too_many_pictures": ("pictures", _("A product has {most} pictures at most.")),
    "file_unreadable": ("file", _("This file cannot be read as a table of products.")),
    "location_name_taken": ("name", _("Another of your locations is called {name}.")),
    "delivery_unknown": ("", _("This is not one of your delivery services.")),
    "delivery_code_taken": ("name", _("Another of your delivery services is called {name}.")),
    "transfer_goes_nowhere": ("destination", _("Choose another location than the first.")),
    "transfer_unknown": ("", _("This is not one of your transfers.")),
    "more_arrived_than_sent": ("quantity", _("Only {sent} were sent.")),
    "count_unknown": ("", _("This is not one of your counts.")),
    "nothing_counted": ("", _("Write down at least one figure first.")),
    "policy_incomplete": ("{field}", _("Buyers must know this: please fill it in.")),
    "slot_booked": ("", _("Somebody has booked this time; it stays open.")),
}

DESCRIPTION_RULES: Mapping[str, Promise] = {
    "required": _("Please fill this in."),
    "too_long": _("This is too long."),
    "too_many": _("These are too many."),
    "unknown": _("The market does not know this."),
    "not_a_number": _("Enter a number."),
    "not_a_choice": _("Choose one of the list."),
    "not_yes_or_no": _("Answer yes or no."),
    "twice": _("This is here twice."),
    "taken": _("Another of your products has this SKU."),
    "check_digit": _("The check digit is wrong. Please compare it with the barcode."),
    "out_of_range": _("This is out of range."),
    "options_differ": _("Every variant needs a value for each option."),
    "fixed": _("This cannot be changed any more."),
}

PRICE_RULES: Mapping[str, Promise] = {
    "negative": _("A price is not below zero."),
    "too_high": _("This price is too high."),
    "not_a_whole_step": _("Enter whole rupiah."),
    "compare_at_not_above": _("The former price must be above the price."),
    "twice": _("This SKU has two prices."),
    "unknown_sku": _("No variant has this SKU."),
    "currency": _("Prices are in rupiah."),
    "tax": _("Choose how it is taxed."),
}

PICTURE_RULES: Mapping[str, Promise] = {
    "too_big": _("This picture is too large."),
    "not_a_picture": _("This is not a JPEG, PNG or WebP picture."),
}

FILE_RULES: Mapping[str, Promise] = {
    "empty": _("The file is empty."),
    "not_utf8": _("The file is not UTF-8 text. Save it as CSV UTF-8."),
    "unknown_header": _("The first line has neither our columns nor Shopify's."),
    "not_csv": _("This is not a CSV file."),
}

TABLE_RULES: Mapping[str, Promise] = {
    **FILE_RULES,
    "unknown_header": _("The first line lacks the column {value}."),
    "too_long": _("The table is too long. Please split it."),
}

STATEMENT_RULES: Mapping[str, Promise] = {
    "not_xml": _("This is not XML (line {line})."),
    "not_camt053": _("This is no camt.053 statement, version 2 or 8."),
    "not_valid": _("It breaks the rules of camt.053 in line {line}. Ask your bank for a new file."),
    "currency_unknown": _("Line {line} has a currency that this market does not keep."),
    "too_many_decimals": _("Line {line} has more decimals than its currency."),
}

VOUCHER_RULES: Mapping[str, Promise] = {
    "unknown": _("We do not know this voucher."),
    "not_yet": _("This voucher is not valid yet."),
    "over": _("This voucher has expired."),
    "used_up": _("This voucher has been used up."),
    "spend_more": _("Your basket is too small for this voucher."),
    "other_seller": _("This voucher is for another seller."),
}

PLAN_RULES: Mapping[str, Promise] = {
    "required": _("Please fill this in."),
    "at_most_half": _("Enter a percentage from 0 to 50."),
    "unknown": _("Choose one of the list."),
    "after_start": _("The end must come after the start, and not be over yet."),
    "not_below_zero": _("Enter zero or more."),
    "whole_rupiah": _("Enter whole rupiah."),
    "above_least": _("Enter at least as much as the lowest commission, and more than zero."),
}

VOUCHER_TERM_RULES: Mapping[str, Promise] = {
    "code_form": _("Use 3 to 30 letters, digits and hyphens, and begin with a letter or digit."),
    "either_percent_or_amount": _("Enter either a percentage or an amount."),
    "at_most_all": _("Enter a percentage above 0 and up to 100."),
    "above_zero": _("This must be above zero."),
    "whole_rupiah": _("Enter whole rupiah."),
    "after_start": _("The end must come after the start, and not be over yet."),
}


_RULES: Mapping[str, Mapping[str, Promise]] = {
    "description_invalid": DESCRIPTION_RULES,
    "commission_plan_invalid": PLAN_RULES,
    "price_invalid": PRICE_RULES,
    "picture_refused": PICTURE_RULES,
    "file_unreadable": FILE_RULES,
    "table_unreadable": TABLE_RULES,
    "statement_unreadable": STATEMENT_RULES,
}


def refusal_words(refusal: Refusal) -> tuple[str, str]:
    """Return the field ("" for the whole form) and the words of a refusal.

    Raises:
        LookupError: no door has words for it (a test walks all refusals).
    """
    field, words = REFUSAL_WORDS[refusal.code]
    details = refusal.details()
    if refusal.code == "voucher_refused":
        return field, str(VOUCHER_RULES[details["rule"]])
    if refusal.code == "voucher_terms_invalid":
        return details["field"], str(VOUCHER_TERM_RULES[details["rule"]])
    rules = _RULES.get(refusal.code, {})
    words = rules.get(details.get("rule", ""), words)
    return field.format(**details), str(words).format(**details)


def add_refusal(form: BaseForm, refusal: Refusal) -> None:
    """Put the refusal's words beside its field, or at the top of the form."""
    field, words = refusal_words(refusal)
    form.add_error(field if field in form.fields else None, words)


def flash_refusal(request: HttpRequest, refusal: Refusal) -> None:
    """Show the refusal's words on the next page."""
    messages.error(request, refusal_words(refusal)[1])
