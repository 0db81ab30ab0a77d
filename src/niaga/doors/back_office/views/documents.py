"""Documents of all sellers."""

from uuid import UUID

from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse

from niaga.doors.back_office.page import chosen, found, identifier, page_number, show, words
from niaga.doors.look.access import operator_only
from niaga.flows.documents.models import Document
from niaga.flows.documents.office_queries import document_file, documents_page
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
def pdf(request: HttpRequest, actor: Actor, document_id: UUID) -> FileResponse | HttpResponse:  # noqa: ARG001
    """Give a document's PDF."""
    file = found(document_file(document_id))
    storage = storages["private"]
    if not file.path or not storage.exists(file.path):
        raise Http404
    name = f"{file.number.replace('/', '-')}.pdf"
    return FileResponse(storage.open(file.path), filename=name, content_type="application/pdf")
