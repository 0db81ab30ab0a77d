"""Documents the seller issued."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.page import chosen, found, page_number, tabs, words
from niaga.doors.seller_portal.page import show
from niaga.flows.documents.models import Document
from niaga.flows.documents.printing import pdf_of
from niaga.flows.documents.seller_queries import is_own_document, own_documents_page


@seller_only
def documents(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show documents, newest first, by kind."""
    kind = chosen(request, "kind", Document.Kind.values)
    page = own_documents_page(
        desk.company_id, kind=kind, words=words(request), page=page_number(request)
    )
    links = tabs(request, Document.Kind.choices, page.by_state, kind, name="kind")
    return show(request, desk, "documents", {"page": page, "tabs": links})


@seller_only
def pdf(request: HttpRequest, desk: SellerDesk, document_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Give a document's PDF; it is printed now where it is not there yet."""
    found(is_own_document(document_id, desk.company_id) or None)
    name, content = pdf_of(document_id)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response
