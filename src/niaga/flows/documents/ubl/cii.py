"""The Cross Industry Invoice (UN/CEFACT D22B) in Factur-X's profile EN 16931.

It says what `invoice.py` says in UBL, for sellers whose buyers' programs read this syntax.
"""

from datetime import datetime

from django.utils.timezone import localtime
from lxml import etree

from niaga.flows.documents.rendering.content import DocumentContent, Party
from niaga.flows.documents.ubl.invoice import (
    BILLING,
    DISCOUNT,
    EN_16931,
    FREIGHT,
    UNIT,
    WORDS,
    is_paid,
    tax_code,
)
from niaga.flows.documents.ubl.markup import Element, decimal_text, text_of, written
from niaga.flows.documents.ubl.net import EFFECTIVE_PERCENT, NetDocument, NetLine, net_of
from niaga.flows.documents.ubl.parties import COUNTRY, EMAIL_SCHEME

_UNECE = "urn:un:unece:uncefact:data:standard:"
RSM = f"{_UNECE}CrossIndustryInvoice:100"
RAM = f"{_UNECE}ReusableAggregateBusinessInformationEntity:100"
UDT = f"{_UNECE}UnqualifiedDataType:100"
_DAY = "102"  # UNTDID 2379: CCYYMMDD


def cii_xml(content: DocumentContent) -> str:
    """Return the invoice or credit note `content` as CII.

    Raises:
        UnwritableError: its sums are missing or do not add up.
    """
    net = net_of(content)
    document = etree.Element(
        f"{{{RSM}}}CrossIndustryInvoice", nsmap={"rsm": RSM, "ram": RAM, "udt": UDT}
    )
    context = etree.SubElement(document, f"{{{RSM}}}ExchangedDocumentContext")
    _leaf(_group(context, "BusinessProcessSpecifiedDocumentContextParameter"), "ID", BILLING)
    _leaf(_group(context, "GuidelineSpecifiedDocumentContextParameter"), "ID", EN_16931)
    _head(etree.SubElement(document, f"{{{RSM}}}ExchangedDocument"), content, net)
    trade = etree.SubElement(document, f"{{{RSM}}}SupplyChainTradeTransaction")
    for position, line in enumerate(net.lines, start=1):
        _line(trade, content, net, position, line)
    _agreement(trade, content, net)
    _group(trade, "ApplicableHeaderTradeDelivery")
    _settlement(trade, content, net)
    return written(document)


def _head(head: Element, content: DocumentContent, net: NetDocument) -> None:
    _leaf(head, "ID", content.number)
    _leaf(head, "TypeCode", "381" if content.kind == "credit_note" else "380")
    _day(head, "IssueDateTime", content.issued_at)
    if net.taxable:
        other = decimal_text(net.totals.tax_other_base_minor, net.totals.currency)
        words = WORDS[content.language]["base"].format(amount=f"{net.totals.currency} {other}")
        _leaf(_group(head, "IncludedNote"), "Content", words)


def _line(
    trade: Element, content: DocumentContent, net: NetDocument, position: int, line: NetLine
) -> None:
    currency, quantity = net.totals.currency, str(line.line.quantity)
    element = _group(trade, "IncludedSupplyChainTradeLineItem")
    _leaf(_group(element, "AssociatedDocumentLineDocument"), "LineID", str(position))
    product = _group(element, "SpecifiedTradeProduct")
    if line.line.sku:
        _leaf(product, "SellerAssignedID", line.line.sku)
    _leaf(product, "Name", line.line.description)
    if line.line.detail:
        _leaf(product, "Description", line.line.detail)
    price = _group(_group(element, "SpecifiedLineTradeAgreement"), "NetPriceProductTradePrice")
    each, rest = divmod(line.gross_minor, line.line.quantity)
    _amount(price, "ChargeAmount", line.gross_minor if rest else each, currency)
    if rest:  # a price for all of them is exact where one for each is not
        _leaf(price, "BasisQuantity", quantity, unitCode=UNIT)
    delivery = _group(element, "SpecifiedLineTradeDelivery")
    _leaf(delivery, "BilledQuantity", quantity, unitCode=UNIT)
    settlement = _group(element, "SpecifiedLineTradeSettlement")
    _tax(settlement, "ApplicableTradeTax", tax_code(net, taxed=line.taxed))
    if line.discount_minor:
        words = WORDS[content.language]["discount"]
        _allowance(settlement, line.discount_minor, currency, DISCOUNT, words)
    sums = _group(settlement, "SpecifiedTradeSettlementLineMonetarySummation")
    _amount(sums, "LineTotalAmount", line.net_minor, currency)


def _agreement(trade: Element, content: DocumentContent, net: NetDocument) -> None:
    agreement = _group(trade, "ApplicableHeaderTradeAgreement")
    _party(_group(agreement, "SellerTradeParty"), content.seller, vat=net.taxable)
    _party(_group(agreement, "BuyerTradeParty"), content.buyer)
    if content.purchase_order:
        ours = _group(agreement, "SellerOrderReferencedDocument")
        _leaf(ours, "IssuerAssignedID", content.order_reference)
    order = _group(agreement, "BuyerOrderReferencedDocument")
    _leaf(order, "IssuerAssignedID", content.purchase_order or content.order_reference)


def _settlement(trade: Element, content: DocumentContent, net: NetDocument) -> None:
    currency = net.totals.currency
    settlement = _group(trade, "ApplicableHeaderTradeSettlement")
    _leaf(settlement, "InvoiceCurrencyCode", currency)
    for code, base_minor, tax_minor in net.categories():
        reason = WORDS[content.language].get(code, "")
        sums = (base_minor, tax_minor)
        _tax(settlement, "ApplicableTradeTax", code, reason=reason, sums=sums, currency=currency)
    if net.delivery_minor:
        words = WORDS[content.language]["delivery"]
        charge = _allowance(settlement, net.delivery_minor, currency, FREIGHT, words, adds=True)
        _tax(charge, "CategoryTradeTax", tax_code(net, taxed=net.taxable))
    terms = _group(settlement, "SpecifiedTradePaymentTerms")
    payment = content.payment
    _leaf(terms, "Description", payment.method if payment else content.order_reference)
    if payment and payment.due_at and content.kind == "invoice":
        _day(terms, "DueDateDateTime", payment.due_at)
    _sums(settlement, content, net)
    if content.corrects:
        invoice = _group(settlement, "InvoiceReferencedDocument")
        _leaf(invoice, "IssuerAssignedID", content.corrects)


def _sums(settlement: Element, content: DocumentContent, net: NetDocument) -> None:
    currency, total = net.totals.currency, net.totals.grand_total_minor
    paid = total if is_paid(content) else 0
    sums = _group(settlement, "SpecifiedTradeSettlementHeaderMonetarySummation")
    _amount(sums, "LineTotalAmount", net.lines_minor, currency)
    if net.delivery_minor:
        _amount(sums, "ChargeTotalAmount", net.delivery_minor, currency)
    _amount(sums, "TaxBasisTotalAmount", net.net_minor, currency)
    _leaf(sums, "TaxTotalAmount", decimal_text(net.totals.tax_minor, currency), currencyID=currency)
    _amount(sums, "GrandTotalAmount", total, currency)
    if paid:
        _amount(sums, "TotalPrepaidAmount", paid, currency)
    _amount(sums, "DuePayableAmount", total - paid, currency)


def _party(element: Element, who: Party, *, vat: bool = False) -> None:
    """Write who buys or sells; `vat` gives its tax number as one that charges PPN."""
    if who.npwp:
        _leaf(element, "ID", who.npwp)
    _leaf(element, "Name", who.legal_name or who.name)
    if who.nib or who.legal_name not in {"", who.name}:
        legal = _group(element, "SpecifiedLegalOrganization")
        if who.nib:
            _leaf(legal, "ID", who.nib)
        _leaf(legal, "TradingBusinessName", who.name)
    contact = _group(element, "DefinedTradeContact")
    _leaf(contact, "PersonName", who.name)
    if who.phone:
        phone = _group(contact, "TelephoneUniversalCommunication")
        _leaf(phone, "CompleteNumber", who.phone)
    if who.email:
        _leaf(_group(contact, "EmailURIUniversalCommunication"), "URIID", who.email)
    _address(_group(element, "PostalTradeAddress"), who.address_lines)
    if who.email:
        address = _group(element, "URIUniversalCommunication")
        _leaf(address, "URIID", who.email, schemeID=EMAIL_SCHEME)
    if vat and who.npwp:
        _leaf(_group(element, "SpecifiedTaxRegistration"), "ID", COUNTRY + who.npwp, schemeID="VA")


def _address(element: Element, lines: tuple[str, ...]) -> None:
    """Write a whole Indonesian address (street, village, city, province), or what there is."""
    known = [line for line in lines if line]
    city, province = known[2:] if len(known) == len(lines) == 4 else ("", "")
    rest = known[:2] if city else [*known[:1], ", ".join(known[1:])]
    for name, line in zip(("LineOne", "LineTwo"), rest, strict=False):
        if line:
            _leaf(element, name, line)
    if city:
        _leaf(element, "CityName", city)
    _leaf(element, "CountryID", COUNTRY)
    if province:
        _leaf(element, "CountrySubDivisionName", province)


def _tax(
    parent: Element,
    name: str,
    code: str,
    *,
    reason: str = "",
    sums: tuple[int, int] | None = None,
    currency: str = "",
) -> None:
    """Append a tax category; `sums` are its base and its tax."""
    tax = _group(parent, name)
    if sums:
        _amount(tax, "CalculatedAmount", sums[1], currency)
    _leaf(tax, "TypeCode", "VAT")
    if reason:
        _leaf(tax, "ExemptionReason", reason)
    if sums:
        _amount(tax, "BasisAmount", sums[0], currency)
    _leaf(tax, "CategoryCode", code)
    if code != "O":
        _leaf(tax, "RateApplicablePercent", str(EFFECTIVE_PERCENT if code == "S" else 0))


def _allowance(
    parent: Element, minor: int, currency: str, code: str, words: str, *, adds: bool = False
) -> Element:
    element = _group(parent, "SpecifiedTradeAllowanceCharge")
    indicator = etree.SubElement(_group(element, "ChargeIndicator"), f"{{{UDT}}}Indicator")
    indicator.text = "true" if adds else "false"
    _amount(element, "ActualAmount", minor, currency)
    _leaf(element, "ReasonCode", code)
    _leaf(element, "Reason", words)
    return element


def _day(parent: Element, name: str, instant: datetime) -> None:
    day = etree.SubElement(_group(parent, name), f"{{{UDT}}}DateTimeString", format=_DAY)
    day.text = f"{localtime(instant):%Y%m%d}"


def _group(parent: Element, name: str) -> Element:
    return etree.SubElement(parent, f"{{{RAM}}}{name}")


def _leaf(parent: Element, name: str, text: str, **attributes: str) -> None:
    etree.SubElement(parent, f"{{{RAM}}}{name}", attributes).text = text_of(text)


def _amount(parent: Element, name: str, minor: int, currency: str) -> None:
    """Append an amount; its currency stands once, at the document's head."""
    _leaf(parent, name, decimal_text(minor, currency))
