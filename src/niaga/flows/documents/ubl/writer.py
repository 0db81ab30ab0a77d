"""Which kinds of documents programs read, and how each is written."""

from collections.abc import Callable
from typing import Literal

from niaga.flows.documents.rendering.content import DocumentContent, Kind
from niaga.flows.documents.ubl.cii import cii_xml
from niaga.flows.documents.ubl.invoice import invoice_xml
from niaga.flows.documents.ubl.orders import despatch_xml, response_xml

type Syntax = Literal["ubl", "cii"]

WRITERS: dict[Kind, Callable[[DocumentContent], str]] = {
    "order_confirmation": response_xml,
    "delivery_note": despatch_xml,
    "invoice": invoice_xml,
    "credit_note": invoice_xml,
}


def has_xml(kind: Kind) -> bool:
    """Say whether documents of this kind are issued with XML."""
    return kind in WRITERS


def xml_of(content: DocumentContent, *, syntax: Syntax = "ubl") -> str:
    """Return the document as UBL 2.1; an invoice or credit note in the `syntax` asked for.

    Raises:
        KeyError: its kind has no XML.
        UnwritableError: its sums are missing or do not add up.
    """
    if syntax == "cii" and WRITERS[content.kind] is invoice_xml:
        return cii_xml(content)
    return WRITERS[content.kind](content)
