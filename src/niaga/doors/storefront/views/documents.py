"""The documents of a person's orders and quotations; a guest's stand on a purchase's page."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from niaga.doors.look import papers
from niaga.doors.look.access import person_of
from niaga.doors.look.ask import Confirmation, answers
from niaga.doors.look.page import Word
from niaga.doors.storefront.asking import ask
from niaga.doors.storefront.page import found, show
from niaga.flows.documents.finding import Reader
from niaga.parties.models import Person
from niaga.stages.ordering.buyer_queries import orders_of_person
from niaga.stages.sharing.quotation_queries import quotations_of_person

DOOR = papers.PaperDoor("documents", "document", "bundle", "bundle_zip", "order", "quotation")


def _person(request: HttpRequest) -> Person:
    return found(person_of(request))


def _reader(person: Person) -> Reader:
    return Reader(
        f"person:{person.id}",
        cause_ids=(orders_of_person(person.id), quotations_of_person(person.id)),
    )


@login_required
def documents(request: HttpRequest) -> HttpResponse:
    """Show the documents of the visitor's orders, by kind and day."""
    person = _person(request)
    more = {"person": person}
    return papers.papers(request, _reader(person), DOOR, partial(show, request), more)


@login_required
def bundle(request: HttpRequest, bundle_id: UUID) -> HttpResponse:
    """Show how far a ZIP is."""
    person = _person(request)

    def page(template: str, context: Mapping[str, Any]) -> HttpResponse:
        return show(request, template, {"person": person, **context})

    return papers.bundle(request, _reader(person), DOOR, page, bundle_id)


@login_required
def bundle_zip(request: HttpRequest, bundle_id: UUID) -> HttpResponseBase:
    """Give a ZIP."""
    return papers.bundle_zip(_reader(_person(request)), bundle_id)


@login_required
def mail(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Ask, then send a document to the buyer's own address again."""
    question = papers.mail_question(_reader(_person(request)), DOOR, document_id)

    def act(form: Confirmation) -> Word:  # noqa: ARG001 - nothing but the wish
        return papers.mail(document_id)

    return ask(request, question, Confirmation(answers(request)), act)
