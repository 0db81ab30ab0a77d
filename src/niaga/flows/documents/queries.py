"""What doors ask the flow of documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from niaga.flows.documents.keeping import require_contents
from niaga.flows.documents.models import Document, Draft
from niaga.flows.documents.rendering.content import MARKETS_OWN, DocumentContent, from_json
from niaga.kernel.money import Money


@dataclass(frozen=True, slots=True)
class DocumentView:
    """An issued document; `ready` says whether its PDF is rendered.

    `redacted_at` is when its contents were deleted: there is nothing to open any more.
    """

    document_id: UUID
    cause_id: UUID
    seller_id: UUID
    kind: str
    label: str
    number: str
    issued_at: datetime
    total: Money | None
    ready: bool
    redacted_at: datetime | None


@dataclass(frozen=True, slots=True)
class InvoiceLeft:
    """An invoice, and what of it was not credited yet, not even in a draft."""

    document_id: UUID
    number: str
    total: Money
    left: Money
    content: dict[str, Any]
    redacted_at: datetime | None

    def said(self) -> DocumentContent:
        """Return the whole of what it says.

        Raises:
            DocumentRedacted: its contents were deleted.
        """
        require_contents(self.number, self.redacted_at)
        return from_json(self.content)


def is_issued(kind: str, about_id: UUID) -> bool:
    """Say whether there is a document of this kind about a thing, or a draft of one."""
    found = Document.objects.filter(kind=kind, about_id=about_id).exists()
    return found or Draft.objects.filter(kind=kind, about_id=about_id).exists()


def invoices_of(cause_id: UUID) -> tuple[InvoiceLeft, ...]:
    """Return an order's invoices, first issued first; one statement."""
    rows = Document.objects.filter(cause_id=cause_id, kind="invoice").annotate(
        credited=credited(Document), drafted=credited(Draft)
    )
    return tuple(
        InvoiceLeft(
            row.id,
            row.number,
            Money(row.total_minor or 0, row.currency),
            Money((row.total_minor or 0) - row.credited - row.drafted, row.currency),
            row.content,
            row.redacted_at,
        )
        for row in rows.order_by("issued_at", "id")
    )


def credited(model: type[Document | Draft]) -> Coalesce:
    """Return the sum of the rows that correct an invoice."""
    rows = model._default_manager.filter(corrects=OuterRef("pk")).order_by()  # noqa: SLF001
    total = rows.values("corrects").annotate(total=Sum("total_minor")).values("total")
    return Coalesce(Subquery(total), 0, output_field=BigIntegerField())


def documents_of(cause_ids: Sequence[UUID], *, for_buyer: bool) -> tuple[DocumentView, ...]:
    """Return the orders' documents, first issued first; one statement.

    What the market writes to a seller is not `for_buyer`.
    """
    rows = Document.objects.filter(cause_id__in=cause_ids).defer("content", "xml")
    if for_buyer:
        rows = rows.exclude(kind__in=MARKETS_OWN)
    return tuple(document_view(row) for row in rows.order_by("issued_at", "id"))


def document_view(row: Document) -> DocumentView:
    """Return the row as doors see it."""
    total = None if row.total_minor is None else Money(row.total_minor, row.currency)
    return DocumentView(
        document_id=row.id,
        cause_id=row.cause_id,
        seller_id=row.seller_id,
        kind=row.kind,
        label=str(row.get_kind_display()),
        number=row.number,
        issued_at=row.issued_at,
        total=total,
        ready=row.rendered_at is not None,
        redacted_at=row.redacted_at,
    )
