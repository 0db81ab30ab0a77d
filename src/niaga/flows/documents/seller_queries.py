"""What a seller asks of documents: its own ones."""

from uuid import UUID

from niaga.flows.documents.models import Document
from niaga.flows.documents.queries import DocumentView, document_view
from niaga.plumbing.paging import Page, paged_by_state


def own_documents_page(
    seller_id: UUID, *, kind: str = "", words: str = "", page: int = 1
) -> Page[DocumentView]:
    """Return a page of the seller's documents, newest first, counted by kind; two statements.

    `words` match the number.
    """
    rows = Document.objects.filter(seller_id=seller_id).defer("content", "xml")
    if word := words.strip():
        rows = rows.filter(number__icontains=word)
    ordered = rows.order_by("-issued_at", "-id")
    return paged_by_state(ordered, document_view, state=kind, page=page, column="kind")


def is_own_document(document_id: UUID, seller_id: UUID) -> bool:
    """Say whether the seller issued the document."""
    return Document.objects.filter(pk=document_id, seller_id=seller_id).exists()
