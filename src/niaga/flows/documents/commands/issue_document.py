"""A document is issued: numbered without a gap, written once, printed afterwards."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.documents.chain import sha256_of
from niaga.flows.documents.finishing import Finished, UnissuedDocument, finished, series_of
from niaga.flows.documents.jobs import print_document
from niaga.flows.documents.keeping import require_contents
from niaga.flows.documents.models import Document
from niaga.flows.documents.rendering.content import DocumentContent, to_json
from niaga.flows.documents.rendering.pdf import TEMPLATE
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.days import year_of
from niaga.plumbing.numbering import next_number


@dataclass(frozen=True, slots=True)
class IssuedDocument:
    """The document's id and its number."""

    document_id: UUID
    number: str


@dataclass(eq=False)
class CreditTooHigh(Refusal):
    """A credit note would take back more than its invoice has left, in minor units."""

    left_minor: int

    code: ClassVar[str] = "credit_too_high"


class OutdatedError(Exception):
    """What was validated is not what would be issued now: another document took its number."""


@command
def issue_document(
    *, document: UnissuedDocument, validated: Finished | None = None
) -> IssuedDocument | None:
    """Issue the document; its number, instant and look are filled in here.

    Numbers run per seller, kind and year in the seller's pattern (`numbers.py`). None says that
    the document about this thing was issued before; then no number is taken. `validated` is
    issued as it is, with its XML, or not at all.

    Raises:
        CreditTooHigh: the invoice has less left than the credit note takes back.
        DocumentRedacted: the invoice's contents were deleted.
        OutdatedError: the document would say something else than `validated`.
    """
    content = document.content
    if Document.objects.filter(kind=content.kind, about_id=document.about_id).exists():
        return None
    if document.corrects_id is not None:
        _require_left(document.corrects_id, content)
    document_id = validated.document_id if validated else new_id()
    issued_at = validated.content.issued_at if validated else clock.now()
    serial = next_number(series_of(document, issued_at))
    final = finished(document, document_id=document_id, issued_at=issued_at, serial=serial)
    if validated and validated.content != final:
        raise OutdatedError(final.number)
    values = to_json(final)
    Document.objects.create(
        id=document_id,
        seller_id=document.seller_id,
        kind=content.kind,
        year=year_of(issued_at),
        serial=serial,
        number=final.number,
        cause_id=document.cause_id,
        about_id=document.about_id,
        total_minor=final.totals.grand_total_minor if final.totals else None,
        currency=final.totals.currency if final.totals else "IDR",
        content=values,
        content_sha256=sha256_of(values),
        xml=validated.xml if validated else "",
        template=TEMPLATE,
        corrects_id=document.corrects_id,
        issued_at=issued_at,
    )
    print_document.defer(document_id=str(document_id))
    return IssuedDocument(document_id, final.number)


def _require_left(invoice_id: UUID, content: DocumentContent) -> None:
    """Lock the invoice and see that it has the amount left (a trigger sees to it again)."""
    assert content.kind == "credit_note", "only a credit note corrects"
    assert content.totals is not None, "a credit note has an amount"
    invoice = Document.objects.select_for_update().get(pk=invoice_id, kind="invoice")
    require_contents(invoice.number, invoice.redacted_at)
    credited = sum(row.total_minor or 0 for row in invoice.corrections.defer("content", "xml"))
    left = (invoice.total_minor or 0) - credited
    if content.totals.grand_total_minor > left:
        raise CreditTooHigh(left)
