"""Documents of all sellers."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from niaga.doors.back_office.page import ask, show
from niaga.doors.look import papers
from niaga.doors.look.access import operator_only
from niaga.doors.look.ask import Confirmation, answers
from niaga.doors.look.page import Word
from niaga.flows.documents.finding import Reader
from niaga.kernel.actor import Actor
from niaga.parties.queries import company_names

DOOR = papers.PaperDoor(
    "office:documents", "office:document_pdf", "office:bundle", "office:bundle_zip", "office:order"
)


def _reader(actor: Actor) -> Reader:
    return Reader(f"operator:{actor.person_id}")


@operator_only
def documents(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show documents, newest first, by kind, seller and day."""
    more = {"sellers": company_names()}
    return papers.papers(request, _reader(actor), DOOR, partial(show, request), more)


@operator_only
def pdf(request: HttpRequest, actor: Actor, document_id: UUID) -> HttpResponse:
    """Give a document's PDF."""
    return papers.pdf(request, _reader(actor), document_id)


@operator_only
def bundle(request: HttpRequest, actor: Actor, bundle_id: UUID) -> HttpResponse:
    """Show how far a ZIP is."""
    return papers.bundle(request, _reader(actor), DOOR, partial(show, request), bundle_id)


@operator_only
def bundle_zip(request: HttpRequest, actor: Actor, bundle_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Give a ZIP."""
    return papers.bundle_zip(_reader(actor), bundle_id)


@operator_only
def mail(request: HttpRequest, actor: Actor, document_id: UUID) -> HttpResponse:
    """Ask, then send a document to its addressee again."""
    question = papers.mail_question(_reader(actor), DOOR, document_id)

    def act(form: Confirmation) -> Word:  # noqa: ARG001 - nothing but the wish
        return papers.mail(document_id)

    return ask(request, question, Confirmation(answers(request)), act)
