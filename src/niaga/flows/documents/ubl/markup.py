"""Writes XML of the UBL family, element by element, in the order the schemas ask for."""

from decimal import Decimal

from lxml import etree

from niaga.kernel.money import CURRENCIES

CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
ROOT = "urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"

type Element = etree._Element  # noqa: SLF001 - lxml gives its element type no other name


def root(kind: str) -> Element:
    """Return the root of a UBL document of a kind, such as `Invoice`."""
    own = ROOT.format(kind=kind)
    return etree.Element(f"{{{own}}}{kind}", nsmap={None: own, "cac": CAC, "cbc": CBC})


def group(parent: Element, name: str) -> Element:
    """Append an aggregate and return it."""
    return etree.SubElement(parent, f"{{{CAC}}}{name}")


def leaf(parent: Element, name: str, text: str, **attributes: str) -> None:
    """Append a basic element."""
    etree.SubElement(parent, f"{{{CBC}}}{name}", attributes).text = text_of(text)


def text_of(text: str) -> str:
    """Return the text without the letters that XML does not know."""
    return "".join(c for c in text if c.isprintable() or c in "\n\t")


def amount(parent: Element, name: str, minor: int, currency: str) -> None:
    """Append an amount in its currency, with all its decimals."""
    leaf(parent, name, decimal_text(minor, currency), currencyID=currency)


def decimal_text(minor: int, currency: str) -> str:
    """Return minor units as a decimal, such as `1500000.00`."""
    exponent = CURRENCIES[currency].exponent
    return f"{Decimal(minor).scaleb(-exponent):.{exponent}f}"


def written(document: Element) -> str:
    """Return the document as text: UTF-8, indented, the same for the same content."""
    etree.indent(document)
    body = etree.tostring(document, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'
