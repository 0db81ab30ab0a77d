"""The last words of a document: its number, instant, look and address to verify it."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.timezone import localtime

from niaga.flows.documents.chain import verify_url
from niaga.flows.documents.numbers import PATTERNS, format_number
from niaga.flows.documents.rendering.content import DocumentContent, Kind
from niaga.flows.documents.styles import look_of, style_of


@dataclass(frozen=True, slots=True)
class Finished:
    """A document as it is to be issued, to the letter: its content and its XML."""

    document_id: UUID
    content: DocumentContent
    xml: str


def series_of(kind: Kind, seller_id: UUID, issued_at: datetime) -> str:
    """Return the series whose numbers such a document takes: one a seller, kind and year."""
    return f"{kind}:{seller_id}:{localtime(issued_at).year}"


def finished(
    content: DocumentContent,
    *,
    seller_id: UUID,
    series_name: str,
    document_id: UUID,
    issued_at: datetime,
    serial: int,
) -> DocumentContent:
    """Return the content with everything that only issuing decides."""
    style = style_of(seller_id)
    number = format_number(
        style.patterns.get(content.kind) or PATTERNS[content.kind],
        seller=series_name,
        year=localtime(issued_at).year,
        serial=serial,
    )
    return replace(
        content,
        number=number,
        issued_at=issued_at,
        verify_url=verify_url(document_id),
        style=content.style or look_of(style),
    )
