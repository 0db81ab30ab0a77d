"""The UBL 2.1 Invoice and CreditNote, to the rules of EN 16931."""

from django.utils.timezone import localtime

from niaga.flows.documents.rendering.content import DocumentContent
from niaga.flows.documents.ubl.markup import (
    Element,
    amount,
    decimal_text,
    group,
    leaf,
    root,
    written,
)
from niaga.flows.documents.ubl.net import EFFECTIVE_PERCENT, NetDocument, NetLine, net_of
from niaga.flows.documents.ubl.parties import order_reference, party

EN_16931 = "urn:cen.eu:en16931:2017"
BILLING = "urn:peppol:bis:billing"  # the process that PINT names
UNIT = "H87"  # a piece, UN/ECE recommendation 20
DISCOUNT, FREIGHT = "95", "FC"  # UNTDID 5189 and 7161

WORDS = {
    "id": {
        "discount": "Potongan harga",
        "delivery": "Ongkos kirim",
        "E": "Dibebaskan dari PPN",
        "O": "Tidak terutang PPN: penjual bukan Pengusaha Kena Pajak",
        "base": "PPN 12% x DPP Nilai Lain (11/12) {amount} = 11% dari harga jual",
    },
    "en": {
        "discount": "Discount",
        "delivery": "Delivery",
        "E": "Exempt from PPN",
        "O": "Not subject to PPN: the seller is not a taxable entrepreneur",
        "base": "PPN is 12% of the other tax base (11/12) {amount} = 11% of the price",
    },
}


def invoice_xml(content: DocumentContent) -> str:
    """Return the invoice or credit note `content` as UBL.

    Raises:
        UnwritableError: its sums are missing or do not add up.
    """
    net = net_of(content)
    credit = content.kind == "credit_note"
    kind = "CreditNote" if credit else "Invoice"
    document = root(kind)
    _head(document, content, net, kind)
    supplier = group(document, "AccountingSupplierParty")
    party(supplier, content.seller, vat=net.taxable)
    party(group(document, "AccountingCustomerParty"), content.buyer)
    if content.payment:
        leaf(group(document, "PaymentTerms"), "Note", content.payment.method)
    else:
        leaf(group(document, "PaymentTerms"), "Note", content.order_reference)
    if net.delivery_minor:
        _delivery(document, content, net)
    _taxes(document, content, net)
    _totals(document, content, net)
    for position, line in enumerate(net.lines, start=1):
        _line(document, content, net, position, line)
    return written(document)


def _head(document: Element, content: DocumentContent, net: NetDocument, kind: str) -> None:
    leaf(document, "CustomizationID", EN_16931)
    leaf(document, "ProfileID", BILLING)
    leaf(document, "ID", content.number)
    leaf(document, "IssueDate", f"{localtime(content.issued_at):%Y-%m-%d}")
    due_at = content.payment.due_at if content.payment else None
    if due_at and kind == "Invoice":
        leaf(document, "DueDate", f"{localtime(due_at):%Y-%m-%d}")
    leaf(document, f"{kind}TypeCode", "380" if kind == "Invoice" else "381")
    if net.taxable:
        other = decimal_text(net.totals.tax_other_base_minor, net.totals.currency)
        words = WORDS[content.language]["base"]
        leaf(document, "Note", words.format(amount=f"{net.totals.currency} {other}"))
    leaf(document, "DocumentCurrencyCode", net.totals.currency)
    order_reference(document, content)
    if content.corrects:
        billing = group(group(document, "BillingReference"), "InvoiceDocumentReference")
        leaf(billing, "ID", content.corrects)


def _delivery(document: Element, content: DocumentContent, net: NetDocument) -> None:
    charge = group(document, "AllowanceCharge")
    leaf(charge, "ChargeIndicator", "true")
    leaf(charge, "AllowanceChargeReasonCode", FREIGHT)
    leaf(charge, "AllowanceChargeReason", WORDS[content.language]["delivery"])
    amount(charge, "Amount", net.delivery_minor, net.totals.currency)
    _category(charge, "TaxCategory", tax_code(net, taxed=net.taxable))


def _taxes(document: Element, content: DocumentContent, net: NetDocument) -> None:
    """Append the tax, and how it comes from each category's base."""
    currency = net.totals.currency
    total = group(document, "TaxTotal")
    amount(total, "TaxAmount", net.totals.tax_minor, currency)
    for code, base_minor, tax_minor in net.categories():
        part = group(total, "TaxSubtotal")
        amount(part, "TaxableAmount", base_minor, currency)
        amount(part, "TaxAmount", tax_minor, currency)
        reason = WORDS[content.language].get(code, "")
        _category(part, "TaxCategory", code, reason)


def _totals(document: Element, content: DocumentContent, net: NetDocument) -> None:
    currency = net.totals.currency
    total = net.totals.grand_total_minor
    paid = total if is_paid(content) else 0
    sums = group(document, "LegalMonetaryTotal")
    amount(sums, "LineExtensionAmount", net.lines_minor, currency)
    amount(sums, "TaxExclusiveAmount", net.net_minor, currency)
    amount(sums, "TaxInclusiveAmount", total, currency)
    if net.delivery_minor:
        amount(sums, "ChargeTotalAmount", net.delivery_minor, currency)
    if paid:
        amount(sums, "PrepaidAmount", paid, currency)
    amount(sums, "PayableAmount", total - paid, currency)


def is_paid(content: DocumentContent) -> bool:
    """Say whether the document is an invoice whose money is there."""
    payment = content.payment
    return content.kind == "invoice" and payment is not None and payment.paid_at is not None


def _line(
    document: Element, content: DocumentContent, net: NetDocument, position: int, line: NetLine
) -> None:
    credit = content.kind == "credit_note"
    currency, quantity = net.totals.currency, str(line.line.quantity)
    element = group(document, "CreditNoteLine" if credit else "InvoiceLine")
    leaf(element, "ID", str(position))
    measured = "CreditedQuantity" if credit else "InvoicedQuantity"
    leaf(element, measured, quantity, unitCode=UNIT)
    amount(element, "LineExtensionAmount", line.net_minor, currency)
    if line.discount_minor:
        allowance = group(element, "AllowanceCharge")
        leaf(allowance, "ChargeIndicator", "false")
        leaf(allowance, "AllowanceChargeReasonCode", DISCOUNT)
        leaf(allowance, "AllowanceChargeReason", WORDS[content.language]["discount"])
        amount(allowance, "Amount", line.discount_minor, currency)
    item = group(element, "Item")
    if line.line.detail:
        leaf(item, "Description", line.line.detail)
    leaf(item, "Name", line.line.description)
    if line.line.sku:
        leaf(group(item, "SellersItemIdentification"), "ID", line.line.sku)
    _category(item, "ClassifiedTaxCategory", tax_code(net, taxed=line.taxed))
    price = group(element, "Price")
    each, rest = divmod(line.gross_minor, line.line.quantity)
    amount(price, "PriceAmount", line.gross_minor if rest else each, currency)
    if rest:  # a price for all of them is exact where one for each is not
        leaf(price, "BaseQuantity", quantity, unitCode=UNIT)


def tax_code(net: NetDocument, *, taxed: bool) -> str:
    """Return the tax category: standard, exempt, or outside the scope of PPN (UNCL 5305)."""
    if not net.taxable:
        return "O"
    return "S" if taxed else "E"


def _category(parent: Element, name: str, code: str, reason: str = "") -> None:
    category = group(parent, name)
    leaf(category, "ID", code)
    if code != "O":
        leaf(category, "Percent", str(EFFECTIVE_PERCENT if code == "S" else 0))
    if reason:
        leaf(category, "TaxExemptionReason", reason)
    leaf(group(category, "TaxScheme"), "ID", "VAT")
