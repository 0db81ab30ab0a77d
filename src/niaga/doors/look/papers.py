"""The list of documents, which every door shows: filters, one PDF, all as a ZIP, by mail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.doors.look.ask import Question
from niaga.doors.look.forms import flash_refusal
from niaga.doors.look.page import chosen, found, identifier, page_number, tabs, words
from niaga.flows.documents.bundling import bundle_chunks, bundle_of
from niaga.flows.documents.commands.ask_bundle import ask_bundle, ask_tax_files
from niaga.flows.documents.finding import Reader, Wanted, found_page, may_see, taxed_kinds
from niaga.flows.documents.keeping import DocumentRedacted
from niaga.flows.documents.models import Document
from niaga.flows.documents.printing import pdf_of
from niaga.kernel.refusal import Refusal
from niaga.stages.ordering.commands.mail_document import mail_document

PRIVATE = "private, no-store"

type Show = Callable[[str, Mapping[str, Any]], HttpResponse]
"""A door's own page: from its template's name and context."""


@dataclass(frozen=True, slots=True)
class PaperDoor:
    """A door's addresses for its documents, by name; an operator has no page of a quotation."""

    listed: str
    pdf: str
    bundle: str
    bundle_zip: str
    order: str
    quotation: str = ""


def wanted(request: HttpRequest) -> Wanted:
    """Return what the address asks for; what is no day is left out."""
    return Wanted(
        kind=chosen(request, "kind", Document.Kind.values),
        words=words(request),
        since=_day(request, "since"),
        until=_day(request, "until"),
        seller_id=identifier(request, "seller"),
    )


def papers(
    request: HttpRequest,
    reader: Reader,
    door: PaperDoor,
    show: Show,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show the reader's documents; a POST asks for all that are found as one ZIP.

    `form=coretax` in it asks for the invoices among them as Coretax imports them.
    """
    asked = wanted(request)
    if request.method == "POST":
        ask = ask_tax_files if request.POST.get("form") == "coretax" else ask_bundle
        try:
            bundle_id = ask(reader=reader, wanted=asked)
        except Refusal as refusal:
            flash_refusal(request, refusal)
            return redirect(door.listed)
        return redirect(door.bundle, bundle_id)
    page = found_page(reader, asked, page=page_number(request))
    kinds = [choice for choice in Document.Kind.choices if choice[0] in page.by_state]
    links = tabs(request, kinds, page.by_state, asked.kind, name="kind")
    taxed = taxed_kinds(reader)
    context = {
        "page": page,
        "tabs": links,
        "wanted": asked,
        "door": door,
        "taxed": asked.kind in taxed if asked.kind else bool(taxed & set(page.by_state)),
        **(more or {}),
    }
    return show("documents", context)


def bundle(
    request: HttpRequest, reader: Reader, door: PaperDoor, show: Show, bundle_id: UUID
) -> HttpResponse:
    """Show how far a ZIP is; htmx asks again for the bar alone."""
    view = found(bundle_of(bundle_id, reader.owner))
    context = {"bundle": view, "door": door}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "look/bundle.html", context)
    return show("bundle", context)


def bundle_zip(reader: Reader, bundle_id: UUID) -> HttpResponseBase:
    """Give the ZIP."""
    chunks = found(bundle_chunks(bundle_id, reader.owner))
    response = StreamingHttpResponse(chunks, content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="documents.zip"'
    response["Cache-Control"] = PRIVATE
    return response


def pdf(request: HttpRequest, reader: Reader, document_id: UUID) -> HttpResponse:
    """Give a document's PDF; it is printed now where it is not there yet."""
    found(may_see(reader, document_id) or None)
    return pdf_response(request, document_id)


def pdf_response(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Give a document's PDF to be shown in the browser, which prints it, too.

    Where its contents were deleted, a page says so (410).
    """
    try:
        name, content = pdf_of(document_id)
    except DocumentRedacted as gone:
        context = {"gone": gone, "document_id": document_id}
        return render(request, "look/errors/410.html", context, status=HTTPStatus.GONE)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = PRIVATE
    return response


def mail_question(reader: Reader, door: PaperDoor, document_id: UUID) -> Question:
    """Return what is asked before a document is sent to its addressee again."""
    found(may_see(reader, document_id) or None)
    number = Document.objects.values_list("number", flat=True).get(pk=document_id)
    return Question(
        title=_("Send it again by mail?"),
        text=_("Whom it was issued to gets a mail that leads to it."),
        button=_("Send"),
        back=reverse(door.listed),
        facts=((_("Document"), number),),
    )


def mail(document_id: UUID) -> str:
    """Send a document to its addressee again; return what was done, in words."""
    return _("On its way to %(to)s.") % {"to": mail_document(document_id=document_id)}


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
