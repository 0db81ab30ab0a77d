"""What the operator asks of documents: those of all sellers."""

from dataclasses import dataclass
from uuid import UUID

from niaga.flows.documents.models import Document
from niaga.flows.documents.queries import DocumentView, document_view
from niaga.parties.queries import company_names
from niaga.plumbing.paging import Page, paged


@dataclass(frozen=True, slots=True)
class IssuedDocument:
    """A document and who issued it."""

    document: DocumentView
    seller_id: UUID
    seller_name: str


@dataclass(frozen=True, slots=True)
class DocumentList:
    """A page of documents and the sellers one can choose from, by id."""

    page: Page[IssuedDocument]
    sellers: dict[UUID, str]


def documents_page(
    *, kind: str = "", seller_id: UUID | None = None, words: str = "", page: int = 1
) -> DocumentList:
    """Return a page of documents, newest first; `words` match the number. Three statements."""
    rows = Document.objects.defer("content", "xml")
    if kind:
        rows = rows.filter(kind=kind)
    if seller_id:
        rows = rows.filter(seller_id=seller_id)
    if word := words.strip():
        rows = rows.filter(number__icontains=word)
    sellers = company_names()

    def issued(row: Document) -> IssuedDocument:
        return IssuedDocument(document_view(row), row.seller_id, sellers.get(row.seller_id, ""))

    return DocumentList(paged(rows.order_by("-issued_at", "-id"), issued, page=page), sellers)
