"""Whether a document is genuine: open to anybody, and silent about all that is private."""

from datetime import date
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from niaga.doors.look.ask import answers
from niaga.doors.storefront.forms.verify import FileForm
from niaga.doors.storefront.page import found, show
from niaga.flows.documents.signing.keys import authority_certificate
from niaga.flows.documents.verifying import examine, examine_file, root_file, roots


def verify(request: HttpRequest) -> HttpResponse:
    """Take a PDF and tell whether it is one of the market's, to the byte; nothing is stored."""
    form = FileForm(answers(request), request.FILES or None)
    context: dict[str, Any] = {"form": form, "proof": None, "file": ""}
    if form.is_valid():
        proof = examine_file(form.content())
        context |= {"proof": proof, "file": "same" if proof else "unknown"}
    return show(request, "verify", context, status=422 if form.errors else 200)


def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Tell whether the document of this address holds, and whether a given file is it."""
    proof = found(examine(document_id))
    form = FileForm(answers(request), request.FILES or None)
    context: dict[str, Any] = {"form": form, "proof": proof, "file": ""}
    if form.is_valid():
        sent = examine_file(form.content())
        same = sent is not None and sent.document_id == document_id
        context["file"] = "same" if same else "altered"
    return show(request, "verify", context, status=422 if form.errors else 200)


@require_GET
def published(request: HttpRequest) -> HttpResponse:
    """Show the daily roots."""
    return show(request, "roots", {"roots": roots()})


@require_GET
def root(request: HttpRequest, day: str) -> HttpResponse:  # noqa: ARG001 - the address says it all
    """Give a day's root with all that its hash covers."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        wanted = date.min
    return JsonResponse(found(root_file(wanted)), json_dumps_params={"indent": 1})


@require_GET
def authority(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Give the certificate that the documents' signatures lead to."""
    pem = authority_certificate().public_bytes(serialization.Encoding.PEM)
    response = HttpResponse(pem, content_type="application/x-pem-file")
    response["Content-Disposition"] = 'attachment; filename="document-authority.pem"'
    return response
