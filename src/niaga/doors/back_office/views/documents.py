"""Documents of all sellers."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from niaga.doors.back_office.page import show
from niaga.doors.look.access import operator_only
from niaga.doors.look.page import chosen, identifier, page_number, words
from niaga.flows.documents.models import Document
from niaga.flows.documents.office_queries import documents_page
from niaga.flows.documents.printing import pdf_of
from niaga.kernel.actor import Actor


@operator_only
def documents(request: HttpRequest, actor: Actor) -> HttpResponse:  # noqa: ARG001
    """Show documents, newest first, by kind and seller."""
    kind = chosen(request, "kind", Document.Kind.values)
    seller_id = identifier(request, "seller")
    found_documents = documents_page(
        kind=kind, seller_id=seller_id, words=words(request), page=page_number(request)
    )
    return show(
        request,
        "documents",
        {
            "page": found_documents.page,
            "sellers": found_documents.sellers,
            "kinds": Document.Kind.choices,
            "kind": kind,
            "seller_id": seller_id,
        },
    )


@operator_only
def pdf(request: HttpRequest, actor: Actor, document_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Give a document's PDF; it is printed now where it is not there yet."""
    try:
        name, content = pdf_of(document_id)
    except Document.DoesNotExist:
        raise Http404 from None
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response
