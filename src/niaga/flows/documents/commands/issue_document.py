"""A document is issued: numbered without a gap, written once, printed afterwards."""

from dataclasses import dataclass, replace
from uuid import UUID

from niaga.flows.documents.jobs import print_document
from niaga.flows.documents.models import Document
from niaga.flows.documents.rendering.content import DocumentContent, to_json
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.plumbing.command import command
from niaga.plumbing.numbering import next_number

PREFIXES = {
    "order_confirmation": "KP",
    "delivery_note": "SJ",
    "invoice": "INV",
    "receipt": "KW",
    "credit_note": "NK",
}


@dataclass(frozen=True, slots=True)
class IssuedDocument:
    """The document's id and its number."""

    document_id: UUID
    number: str


@command
def issue_document(
    *,
    seller_id: UUID,
    series_name: str,
    cause_id: UUID,
    about_id: UUID,
    content: DocumentContent,
) -> IssuedDocument | None:
    """Issue `content` about `about_id`; its number and instant are filled in here.

    Numbers run per seller, kind and year: `INV/KOPI-NUSANTARA/2026/00001`. None says that the
    document about this thing was issued before; then no number is taken.
    """
    if Document.objects.filter(kind=content.kind, about_id=about_id).exists():
        return None
    issued_at = clock.now()
    year = issued_at.year
    serial = next_number(f"{content.kind}:{seller_id}:{year}")
    number = f"{PREFIXES[content.kind]}/{series_name}/{year}/{serial:05d}"
    final = replace(content, number=number, issued_at=issued_at)
    document = Document.objects.create(
        id=new_id(),
        seller_id=seller_id,
        kind=content.kind,
        year=year,
        serial=serial,
        number=number,
        cause_id=cause_id,
        about_id=about_id,
        total_minor=final.totals.grand_total_minor if final.totals else None,
        currency=final.totals.currency if final.totals else "IDR",
        content=to_json(final),
        issued_at=issued_at,
    )
    print_document.defer(document_id=str(document.id))
    return IssuedDocument(document.id, number)
