"""The UBL 2.1 Order, OrderResponse (Peppol T76) and DespatchAdvice (Peppol T16)."""

from django.utils.timezone import localtime

from niaga.flows.documents.rendering.content import DocumentContent, Line
from niaga.flows.documents.ubl.invoice import UNIT
from niaga.flows.documents.ubl.markup import Element, amount, group, leaf, root, written
from niaga.flows.documents.ubl.parties import order_reference, party

_PEPPOL = "urn:fdc:peppol.eu:poacc:"
PROFILES = {
    "Order": (f"{_PEPPOL}trns:order:3", f"{_PEPPOL}bis:ordering:3"),
    "OrderResponse": (f"{_PEPPOL}trns:order_response:3", f"{_PEPPOL}bis:ordering:3"),
    "DespatchAdvice": (f"{_PEPPOL}trns:despatch_advice:3", f"{_PEPPOL}bis:despatch_advice:3"),
}
PURCHASE_ORDER = "220"  # UNCL 1001
ACCEPTED, LINE_ACCEPTED = "AP", "5"  # UNCL 4343; UNCL 1229


def order_xml(content: DocumentContent) -> str:
    """Return what the buyer ordered, as the buyer would send it to the seller.

    The prices are the market's: tax-inclusive, before discounts, as information.
    """
    document = _head("Order", content, content.order_reference)
    leaf(document, "OrderTypeCode", PURCHASE_ORDER)
    currency = content.totals.currency if content.totals else "IDR"
    leaf(document, "DocumentCurrencyCode", currency)
    party(group(document, "BuyerCustomerParty"), content.buyer)
    party(group(document, "SellerSupplierParty"), content.seller)
    for position, line in enumerate(content.lines, start=1):
        ordered = group(group(document, "OrderLine"), "LineItem")
        leaf(ordered, "ID", str(position))
        leaf(ordered, "Quantity", str(line.quantity), unitCode=UNIT)
        if line.unit_price_minor is not None:
            amount(group(ordered, "Price"), "PriceAmount", line.unit_price_minor, currency)
        _item(ordered, line)
    return written(document)


def response_xml(content: DocumentContent) -> str:
    """Return an order confirmation: the seller takes the order as it is."""
    document = _head("OrderResponse", content, content.number)
    leaf(document, "OrderResponseCode", ACCEPTED)
    if content.totals:
        leaf(document, "DocumentCurrencyCode", content.totals.currency)
    order_reference(document, content)
    party(group(document, "SellerSupplierParty"), content.seller)
    party(group(document, "BuyerCustomerParty"), content.buyer)
    for position, line in enumerate(content.lines, start=1):
        confirmed = group(group(document, "OrderLine"), "LineItem")
        leaf(confirmed, "ID", str(position))
        leaf(confirmed, "LineStatusCode", LINE_ACCEPTED)
        leaf(confirmed, "Quantity", str(line.quantity), unitCode=UNIT)
        _item(confirmed, line)
    return written(document)


def despatch_xml(content: DocumentContent) -> str:
    """Return a delivery note: what is in a parcel, and how it travels."""
    document = _head("DespatchAdvice", content, content.number)
    order_reference(document, content)
    party(group(document, "DespatchSupplierParty"), content.seller)
    party(group(document, "DeliveryCustomerParty"), content.buyer)
    _shipment(document, content)
    for position, line in enumerate(content.lines, start=1):
        sent = group(document, "DespatchLine")
        leaf(sent, "ID", str(position))
        leaf(sent, "DeliveredQuantity", str(line.quantity), unitCode=UNIT)
        leaf(group(sent, "OrderLineReference"), "LineID", str(position))
        _item(sent, line)
    return written(document)


def _head(kind: str, content: DocumentContent, number: str) -> Element:
    document = root(kind)
    customization, profile = PROFILES[kind]
    leaf(document, "CustomizationID", customization)
    leaf(document, "ProfileID", profile)
    leaf(document, "ID", number)
    leaf(document, "IssueDate", f"{localtime(content.issued_at):%Y-%m-%d}")
    return document


def _shipment(document: Element, content: DocumentContent) -> None:
    parcel = content.shipment
    element = group(document, "Shipment")
    leaf(element, "ID", "1")
    if parcel is None:
        return
    consignment = group(element, "Consignment")
    leaf(consignment, "ID", parcel.tracking_number or "NA")
    if parcel.carrier:
        carrier = group(group(consignment, "CarrierParty"), "PartyName")
        leaf(carrier, "Name", parcel.carrier)
    if parcel.dispatched_at:
        delivery = group(element, "Delivery")
        leaf(
            group(delivery, "Despatch"),
            "ActualDespatchDate",
            f"{localtime(parcel.dispatched_at):%Y-%m-%d}",
        )


def _item(parent: Element, line: Line) -> None:
    item = group(parent, "Item")
    if line.detail:
        leaf(item, "Description", line.detail)
    leaf(item, "Name", line.description)
    if line.sku:
        leaf(group(item, "SellersItemIdentification"), "ID", line.sku)
    if line.gtin:
        leaf(group(item, "StandardItemIdentification"), "ID", line.gtin, schemeID="0160")
