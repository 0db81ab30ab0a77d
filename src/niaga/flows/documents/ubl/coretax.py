"""Tax invoices as Coretax imports them: `TaxInvoiceBulk`, at most 1,000 in a file.

Only what PPN is charged on stands there, before tax, with sen: Coretax checks that the other tax
base is 11/12 of the base and the tax 12 % of that, line by line. So its tax may differ from the
invoice's, which is rounded once to whole rupiah, by less than a rupiah an invoice.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.timezone import localtime
from lxml import etree

from niaga.flows.documents.rendering.content import DocumentContent, Line
from niaga.flows.documents.ubl.invoice import WORDS
from niaga.flows.documents.ubl.markup import Element, decimal_text, written
from niaga.flows.documents.ubl.net import NetDocument, UnwritableError, net_of

MOST_IN_A_FILE = 1_000
OTHER_TAX_BASE = "04"  # the transaction code of PPN on 11/12 of the price
GOODS, SERVICE = "A", "B"
ANY_CODE = "000000"  # goods and services without a code of their own
PIECE, UNIT = "UM.0021", "UM.0018"
NO_TIN, NO_PLACE = "0000000000000000", "000000"
HEAD_PLACE = "000000"  # an IDTKU is the TIN and the place; the head office is 000000
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True, slots=True)
class TaxLine:
    """A line of a tax invoice in minor units; price x quantity - discount = base.

    `other_base_minor` is 11/12 of the base, `tax_minor` 12 % of that, each rounded half up.
    """

    name: str
    opt: str
    unit: str
    quantity: int
    price_minor: int
    discount_minor: int
    base_minor: int

    @property
    def other_base_minor(self) -> int:
        """The other tax base."""
        return (self.base_minor * 22 + 12) // 24

    @property
    def tax_minor(self) -> int:
        """The PPN."""
        return (self.other_base_minor * 24 + 100) // 200


@dataclass(frozen=True, slots=True)
class TaxInvoice:
    """An invoice as the tax office reads it; `content` is what was issued."""

    content: DocumentContent
    lines: tuple[TaxLine, ...]

    @property
    def base_minor(self) -> int:
        """The price before tax of all that is taxed."""
        return sum(line.base_minor for line in self.lines)

    @property
    def tax_minor(self) -> int:
        """The PPN."""
        return sum(line.tax_minor for line in self.lines)


def tax_invoice(content: DocumentContent) -> TaxInvoice | None:
    """Return an issued invoice as Coretax takes it; None where it charges no PPN.

    Raises:
        UnwritableError: its sums do not add up, its currency is not the rupiah, or its seller has
            no tax number of 16 digits.
    """
    net = net_of(content)
    if not net.taxable:
        return None
    if net.totals.currency != "IDR":
        raise UnwritableError(f"{net.totals.currency} instead of IDR")
    if not _is_tin(content.seller.npwp):
        raise UnwritableError("the seller has no NPWP of 16 digits")
    return TaxInvoice(content, tuple(_lines(content, net)))


def bulk_xml(tin: str, invoices: Iterable[TaxInvoice]) -> str:
    """Return the invoices of one seller as a file that Coretax imports."""
    root = etree.Element("TaxInvoiceBulk", nsmap={"xsi": _XSI})
    root.set(f"{{{_XSI}}}noNamespaceSchemaLocation", "TaxInvoice.xsd")
    _leaf(root, "TIN", tin)
    listed = etree.SubElement(root, "ListOfTaxInvoice")
    for invoice in invoices:
        _invoice(listed, invoice)
    return written(root)


def _lines(content: DocumentContent, net: NetDocument) -> Iterable[TaxLine]:
    # Commission is a service; what a seller sells is written as goods, as its invoice says pieces.
    service = content.kind == "commission_invoice"
    for line in net.lines:
        if line.taxed and line.net_minor:
            yield _line(line.line, line.net_minor, line.gross_minor, service=service)
    if net.delivery_minor:
        name = WORDS[content.language]["delivery"]
        yield TaxLine(name, SERVICE, UNIT, 1, net.delivery_minor, 0, net.delivery_minor)


def _line(line: Line, base_minor: int, gross_minor: int, *, service: bool) -> TaxLine:
    # A price in whole sen: the sen it is too high, for all pieces, go with the discount.
    price_minor = -(-gross_minor // line.quantity)
    return TaxLine(
        name=" ".join(part for part in (line.description, line.detail) if part),
        opt=SERVICE if service else GOODS,
        unit=UNIT if service else PIECE,
        quantity=line.quantity,
        price_minor=price_minor,
        discount_minor=price_minor * line.quantity - base_minor,
        base_minor=base_minor,
    )


def _invoice(parent: Element, invoice: TaxInvoice) -> None:
    content = invoice.content
    seller, buyer = content.seller, content.buyer
    tin, document, number = _identity(buyer.npwp, company=bool(buyer.nib))
    element = etree.SubElement(parent, "TaxInvoice")
    for name, text in (
        ("TaxInvoiceDate", f"{localtime(content.issued_at):%Y-%m-%d}"),
        ("TaxInvoiceOpt", "Normal"),
        ("TrxCode", OTHER_TAX_BASE),
        ("AddInfo", ""),
        ("CustomDoc", ""),
        ("CustomDocMonthYear", ""),
        ("RefDesc", content.number),
        ("FacilityStamp", ""),
        ("SellerIDTKU", seller.npwp + HEAD_PLACE),
        ("BuyerTin", tin),
        ("BuyerDocument", document),
        ("BuyerCountry", "IDN"),
        ("BuyerDocumentNumber", number),
        ("BuyerName", buyer.legal_name or buyer.name),
        ("BuyerAdress", ", ".join(buyer.address_lines) or "-"),
        ("BuyerEmail", buyer.email),
        ("BuyerIDTKU", NO_PLACE if tin == NO_TIN else tin + HEAD_PLACE),
    ):
        _leaf(element, name, text)
    listed = etree.SubElement(element, "ListOfGoodService")
    for line in invoice.lines:
        _good(listed, line)


def _good(parent: Element, line: TaxLine) -> None:
    element = etree.SubElement(parent, "GoodService")
    for name, text in (
        ("Opt", line.opt),
        ("Code", ANY_CODE),
        ("Name", line.name),
        ("Unit", line.unit),
        ("Price", decimal_text(line.price_minor, "IDR")),
        ("Qty", str(line.quantity)),
        ("TotalDiscount", decimal_text(line.discount_minor, "IDR")),
        ("TaxBase", decimal_text(line.base_minor, "IDR")),
        ("OtherTaxBase", decimal_text(line.other_base_minor, "IDR")),
        ("VATRate", "12"),
        ("VAT", decimal_text(line.tax_minor, "IDR")),
        ("STLGRate", "0"),
        ("STLG", decimal_text(0, "IDR")),
    ):
        _leaf(element, name, text)


def _identity(number: str, *, company: bool) -> tuple[str, str, str]:
    """Return a buyer's TIN, what it shows, and that one's number.

    A widened company's number begins with 0, a person's NIK with its province: 11 and up.
    """
    if _is_tin(number) and (company or number.startswith("0")):
        return number, "TIN", "-"
    if _is_tin(number):
        return NO_TIN, "National ID", number
    return NO_TIN, "Other ID", "-"


def _is_tin(number: str) -> bool:
    return len(number) == 16 and number.isascii() and number.isdigit() and number != NO_TIN


def _leaf(parent: Element, name: str, text: str) -> None:
    child = etree.SubElement(parent, name)
    child.text = "".join(c for c in text if c.isprintable()) or None
