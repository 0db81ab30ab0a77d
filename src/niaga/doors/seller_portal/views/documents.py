"""Documents the seller issued, and what the market issued to it."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from niaga.doors.look import papers
from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.ask import Confirmation, answers
from niaga.doors.look.page import Word
from niaga.doors.seller_portal.page import ask, show
from niaga.flows.documents.finding import Reader

DOOR = papers.PaperDoor(
    "seller:documents",
    "seller:document_pdf",
    "seller:bundle",
    "seller:bundle_zip",
    "seller:order",
    "seller:quotation",
)


def _reader(desk: SellerDesk) -> Reader:
    return Reader(f"seller:{desk.company_id}", seller_id=desk.company_id)


@seller_only
def documents(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show documents, newest first, by kind and day."""
    return papers.papers(request, _reader(desk), DOOR, partial(show, request, desk))


@seller_only
def pdf(request: HttpRequest, desk: SellerDesk, document_id: UUID) -> HttpResponse:
    """Give a document's PDF."""
    return papers.pdf(request, _reader(desk), document_id)


@seller_only
def bundle(request: HttpRequest, desk: SellerDesk, bundle_id: UUID) -> HttpResponse:
    """Show how far a ZIP is."""
    return papers.bundle(request, _reader(desk), DOOR, partial(show, request, desk), bundle_id)


@seller_only
def bundle_zip(request: HttpRequest, desk: SellerDesk, bundle_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Give a ZIP."""
    return papers.bundle_zip(_reader(desk), bundle_id)


@seller_only
def mail(request: HttpRequest, desk: SellerDesk, document_id: UUID) -> HttpResponse:
    """Ask, then send a document to its addressee again."""
    question = papers.mail_question(_reader(desk), DOOR, document_id)

    def act(form: Confirmation) -> Word:  # noqa: ARG001 - nothing but the wish
        return papers.mail(document_id)

    return ask(request, desk, question, Confirmation(answers(request)), act)
