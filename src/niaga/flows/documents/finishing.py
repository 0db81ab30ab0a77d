"""The last words of a document: its number, instant, look and address to verify it."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from niaga.flows.documents.chain import verify_url
from niaga.flows.documents.models import Draft
from niaga.flows.documents.numbers import PATTERNS, format_number
from niaga.flows.documents.rendering.content import DocumentContent, from_json
from niaga.flows.documents.styles import look_of, style_of
from niaga.plumbing.days import year_of


@dataclass(frozen=True, slots=True)
class UnissuedDocument:
    """A document before it has a number: what it says, and whose and what it is about.

    `series_name` is the seller's name in its numbers, `cause_id` the order (or quotation) it
    belongs to, `about_id` the one thing in it which it is about: one document of a kind about it.
    A credit note names the invoice it `corrects_id`.
    """

    seller_id: UUID
    series_name: str
    cause_id: UUID
    about_id: UUID
    content: DocumentContent
    corrects_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """A document as it is to be issued, to the letter: its content and its XML."""

    document_id: UUID
    content: DocumentContent
    xml: str


def kept_in(draft: Draft) -> UnissuedDocument:
    """Return the document that a draft keeps."""
    return UnissuedDocument(
        seller_id=draft.seller_id,
        series_name=draft.series_name,
        cause_id=draft.cause_id,
        about_id=draft.about_id,
        content=from_json(draft.content),
        corrects_id=draft.corrects_id,
    )


def series_of(document: UnissuedDocument, issued_at: datetime) -> str:
    """Return the series whose number the document takes: one a seller, kind and year."""
    return f"{document.content.kind}:{document.seller_id}:{year_of(issued_at)}"


def finished(
    document: UnissuedDocument, *, document_id: UUID, issued_at: datetime, serial: int
) -> DocumentContent:
    """Return the document's content with everything that only issuing decides."""
    content, style = document.content, style_of(document.seller_id)
    number = format_number(
        style.patterns.get(content.kind) or PATTERNS[content.kind],
        seller=document.series_name,
        year=year_of(issued_at),
        serial=serial,
    )
    return replace(
        content,
        number=number,
        issued_at=issued_at,
        verify_url=verify_url(document_id),
        style=content.style or look_of(style),
    )
