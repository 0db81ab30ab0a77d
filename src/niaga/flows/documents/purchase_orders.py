"""A buyer's purchase order is read: a UBL 2.1 Order, checked before anybody acts on it.

The reader is closed: it takes the fields it knows, and refuses a file with any other that could
change what is bought, by name. Parties, addresses and sums are read past: the market knows who
is signed in, asks where to deliver, and computes its own sums.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from lxml import etree
from stdnum import ean

from niaga.flows.documents.ubl.checks import schema_findings
from niaga.flows.documents.ubl.markup import CAC, CBC, ROOT, Element
from niaga.kernel.money import CURRENCIES
from niaga.kernel.refusal import Refusal

MOST_BYTES = 512 * 1024
MOST_LINES = 200
MOST_UNITS = 999
PIECES = frozenset({"H87", "C62", "EA", "PCE", "XPP", "NAR"})  # UN/ECE recommendations 20 and 21

_NAMES = {"c": CAC, "b": CBC}
# What may stand where. A name that is no key here is read past with all that it holds.
_KNOWN = {
    "Order": frozenset(
        {"UBLVersionID", "CustomizationID", "ProfileID", "ID", "UUID", "SalesOrderID",
         "CopyIndicator", "IssueDate", "IssueTime", "OrderTypeCode", "Note",
         "DocumentCurrencyCode", "CustomerReference", "AccountingCost", "AccountingCostCode",
         "LineCountNumeric", "ValidityPeriod", "QuotationDocumentReference",
         "OrderDocumentReference", "OriginatorDocumentReference", "Contract",
         "ProjectReference", "BuyerCustomerParty", "SellerSupplierParty",
         "OriginatorCustomerParty", "AccountingCustomerParty", "Delivery", "TaxTotal",
         "AnticipatedMonetaryTotal", "OrderLine"}
    ),
    "OrderLine": frozenset({"Note", "LineItem"}),
    "LineItem": frozenset(
        {"ID", "UUID", "Note", "Quantity", "LineExtensionAmount", "TotalTaxAmount", "Price",
         "AccountingCost", "Item"}
    ),
    "Price": frozenset({"PriceAmount", "BaseQuantity"}),
    "Item": frozenset(
        {"Description", "Name", "BuyersItemIdentification", "SellersItemIdentification",
         "StandardItemIdentification", "ManufacturersItemIdentification", "OriginCountry",
         "CommodityClassification", "ClassifiedTaxCategory", "AdditionalItemProperty"}
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong where: the `rule`'s name, the `field` as a path, and the `value` found."""

    rule: str
    field: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """How many of what: `gtin` has 14 digits or is empty; at most the price the buyer expects."""

    field: str
    name: str
    quantity: int
    gtin: str
    sku: str
    unit_price_minor: int | None


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """A buyer's order; `seller_ids` are the numbers (NPWP, NIB) it names its seller by."""

    number: str
    currency: str
    seller_ids: tuple[str, ...]
    lines: tuple[OrderedLine, ...]


@dataclass(eq=False)
class PurchaseOrderRefused(Refusal):
    """A file is no purchase order that can be taken; every fault is named."""

    faults: tuple[Fault, ...]

    code: ClassVar[str] = "purchase_order_refused"


def read_purchase_order(xml: bytes) -> PurchaseOrder:
    """Return what a UBL Order asks for.

    Raises:
        PurchaseOrderRefused: it is too large, no XML without a document type, breaks the schema,
            says something the reader does not know, or a line cannot be ordered.
    """
    document = _parsed(xml)
    if etree.QName(document).text != f"{{{ROOT.format(kind='Order')}}}Order":
        raise _refused("UBL-ORDER", "/", str(document.tag))
    if misfits := schema_findings(document):
        raise PurchaseOrderRefused(
            tuple(Fault("UBL-XSD", "/", finding.message) for finding in misfits[:20])
        )
    if unknown := tuple(_unknown(document, "")):
        raise PurchaseOrderRefused(unknown[:20])
    order, faults = _order(document)
    if faults:
        raise PurchaseOrderRefused(faults)
    return order


def _parsed(xml: bytes) -> Element:
    """Parse as UTF-8, whatever the file says of itself; a document type is refused unread."""
    if len(xml) > MOST_BYTES:
        raise _refused("FILE-SIZE", "/", str(len(xml)))
    try:
        text = xml.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused("FILE-UTF8", "/", str(error.start)) from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise _refused("XML-DOCTYPE", "/")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise _refused("XML-SYNTAX", "/", str(error.msg)) from error


def _unknown(element: Element, above: str) -> Iterator[Fault]:
    """Yield each element that the reader does not know, once by its path."""
    known = _KNOWN.get(etree.QName(element).localname)
    if known is None:
        return
    seen: dict[str, int] = {}
    for child in element:
        name = etree.QName(child).localname
        seen[name] = seen.get(name, 0) + 1
        path = f"{above}/{name}" + (f"[{seen[name]}]" if name == "OrderLine" else "")
        if name in known:
            yield from _unknown(child, path)
        else:
            yield Fault("ORDER-CLOSED", path)


def _order(document: Element) -> tuple[PurchaseOrder, tuple[Fault, ...]]:
    faults: list[Fault] = []
    currency = _text(document, "b:DocumentCurrencyCode") or "IDR"
    if currency not in CURRENCIES:
        faults.append(Fault("ORDER-CURRENCY", "/DocumentCurrencyCode", currency))
    items = document.findall("c:OrderLine/c:LineItem", _NAMES)
    if len(items) > MOST_LINES:
        raise _refused("ORDER-LINES", "/OrderLine", str(len(items)))
    lines = tuple(
        _line(item, f"/OrderLine[{place}]/LineItem", currency, faults)
        for place, item in enumerate(items, start=1)
    )
    party = "c:SellerSupplierParty/c:Party"
    ids = [
        *document.findall(f"{party}/c:PartyIdentification/b:ID", _NAMES),
        *document.findall(f"{party}/c:PartyTaxScheme/b:CompanyID", _NAMES),
        *document.findall(f"{party}/c:PartyLegalEntity/b:CompanyID", _NAMES),
    ]
    seller_ids = tuple(dict.fromkeys(_digits(found.text or "") for found in ids))
    number = _text(document, "b:ID")[:60]
    known = tuple(found for found in seller_ids if found)
    return PurchaseOrder(number, currency, known, lines), tuple(faults)


def _line(item: Element, field: str, currency: str, faults: list[Fault]) -> OrderedLine:
    quantity = item.find("b:Quantity", _NAMES)
    number = Decimal(0) if quantity is None else Decimal(str(quantity.text).strip())
    if number != number.to_integral_value() or not 1 <= number <= MOST_UNITS:
        faults.append(Fault("LINE-QUANTITY", f"{field}/Quantity", f"{number:f}"[:40]))
        number = Decimal(0)
    unit = "" if quantity is None else quantity.get("unitCode", "")
    if unit and unit not in PIECES:
        faults.append(Fault("LINE-UNIT", f"{field}/Quantity/@unitCode", unit))
    written = _text(item, "c:Item/c:StandardItemIdentification/b:ID")
    sku = _text(item, "c:Item/c:SellersItemIdentification/b:ID")
    gtin = ean.compact(written)
    if written and not (ean.is_valid(gtin) and len(gtin) <= 14):
        path = f"{field}/Item/StandardItemIdentification/ID"
        faults.append(Fault("LINE-GTIN", path, written[:40]))
        gtin = ""
    elif not written and not sku:
        faults.append(Fault("LINE-ITEM", f"{field}/Item"))
    price = _price(item, field, currency, faults)
    name = _text(item, "c:Item/b:Name")[:140]
    return OrderedLine(field, name, int(number), gtin.zfill(14) if gtin else "", sku, price)


def _price(item: Element, field: str, currency: str, faults: list[Fault]) -> int | None:
    """Return the price of one unit in minor units, half up; None where none is named."""
    amount = item.find("c:Price/b:PriceAmount", _NAMES)
    if amount is None:
        return None
    said = Decimal(str(amount.text).strip())
    base = Decimal(_text(item, "c:Price/b:BaseQuantity") or "1")
    known = amount.get("currencyID") == currency and currency in CURRENCIES
    if not (known and base > 0 and 0 <= said < Decimal("1e13")):
        faults.append(Fault("LINE-PRICE", f"{field}/Price/PriceAmount", f"{said:f}"[:40]))
        return None
    minor = (said / base).scaleb(CURRENCIES[currency].exponent)
    return int(minor.to_integral_value("ROUND_HALF_UP"))


def _text(parent: Element, path: str) -> str:
    return " ".join(str(parent.findtext(path, default="", namespaces=_NAMES)).split())


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdecimal() and letter.isascii())


def _refused(rule: str, field: str, value: str = "") -> PurchaseOrderRefused:
    return PurchaseOrderRefused((Fault(rule, field, value),))
