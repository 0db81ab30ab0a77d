"""The contents of documents are deleted once their years of keeping are over."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from niaga.flows.documents.keeping import DocumentKept
from niaga.flows.documents.models import Document, Draft
from niaga.kernel import clock
from niaga.plumbing.command import command
from niaga.plumbing.days import midnight, year_of


def documents_to_redact() -> QuerySet[Document]:
    """Return what the operator's years of keeping are over for; nothing where it keeps for good.

    A document of 2014 that is kept for ten years goes from the first day of 2025. What is not
    sealed stays, and what a draft is about to correct.
    """
    years = settings.DOCUMENTS_KEEP_YEARS
    if not years:
        return Document.objects.none()
    first_kept = year_of(clock.now()) - years
    return Document.objects.filter(
        ~Exists(Draft.objects.filter(corrects=OuterRef("pk"))),
        redacted_at=None,
        year__lt=first_kept,
        seal__sealed_at__lt=midnight(date(first_kept, 1, 1)),
    )


@command
def redact_documents(*, document_ids: Collection[UUID]) -> int:
    """Delete the content and XML of all these documents, or of none; return of how many it did.

    Number, kind, seller, year, total, hashes, seal and chain stay. The row keeps the path of its
    PDF until that is deleted, too (`redacting.delete_files`): storage is in no transaction.

    Raises:
        DocumentKept: one of them must stay.
    """
    rows = Document.objects.filter(pk__in=document_ids, redacted_at=None)
    # Who drafts or issues a correction holds its invoice's row: it is seen below, or sees this.
    held = set(rows.select_for_update().order_by("id").values_list("id", flat=True))
    over = documents_to_redact().filter(pk__in=held).values_list("id", flat=True)
    if kept := held - set(over):
        raise DocumentKept(min(kept))
    found = Document.objects.filter(pk__in=held)
    return found.update(content={}, xml="", redacted_at=clock.now())
