"""Which documents a reader may see, and which of them are wanted: one rule for every door."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet

from niaga.flows.documents.models import Document
from niaga.flows.documents.queries import DocumentView, document_view
from niaga.flows.documents.rendering.content import MARKETS_OWN
from niaga.plumbing.days import midnight
from niaga.plumbing.paging import Page, paged_by_state


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose eyes: `owner` names the reader (`seller:ID`), the rest says what it may see.

    A seller sees what it issued or was issued to it; a buyer the documents of its own orders and
    quotations (`cause_ids`, several lots of them), without what the market writes to sellers; an
    operator everything.
    """

    owner: str
    seller_id: UUID | None = None
    cause_ids: tuple[Iterable[UUID], ...] | None = None

    def rows(self) -> QuerySet[Document]:
        """Return what the reader may see."""
        rows = Document.objects.defer("content", "xml")
        if self.seller_id is not None:
            rows = rows.filter(seller_id=self.seller_id)
        if self.cause_ids is not None:
            its = reduce(or_, (Q(cause_id__in=ids) for ids in self.cause_ids))
            rows = rows.filter(its).exclude(kind__in=MARKETS_OWN)
        return rows


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: `words` match the number; days are inclusive, in Jakarta."""

    kind: str = ""
    words: str = ""
    since: date | None = None
    until: date | None = None
    seller_id: UUID | None = None


def found_page(reader: Reader, wanted: Wanted, *, page: int = 1) -> Page[DocumentView]:
    """Return a page of documents, newest first, counted by kind; two statements."""
    rows = _of_any_kind(reader, wanted).order_by("-issued_at", "-id")
    return paged_by_state(rows, document_view, state=wanted.kind, page=page, column="kind")


def found_ids(reader: Reader, wanted: Wanted, *, at_most: int) -> tuple[UUID, ...]:
    """Return all that are found, newest first; one statement."""
    rows = _of_any_kind(reader, wanted)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    return tuple(rows.order_by("-issued_at", "-id").values_list("id", flat=True)[:at_most])


def tax_invoice_ids(reader: Reader, wanted: Wanted, *, at_most: int) -> tuple[UUID, ...]:
    """Return what of it the tax office is told of, newest first; one statement.

    A seller tells of its invoices, the operator of all, and of the market's own for commission.
    """
    rows = _of_any_kind(reader, wanted).filter(kind__in=taxed_kinds(reader))
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    return tuple(rows.order_by("-issued_at", "-id").values_list("id", flat=True)[:at_most])


def taxed_kinds(reader: Reader) -> frozenset[str]:
    """Return the kinds that the reader has to tell the tax office of; none for a buyer."""
    if reader.cause_ids is not None:
        return frozenset()
    own = frozenset({"invoice"})
    return own if reader.seller_id else own | {"commission_invoice"}


def may_see(reader: Reader, document_id: UUID) -> bool:
    """Say whether the document exists and the reader may see it; one statement."""
    return reader.rows().filter(pk=document_id).exists()


def _of_any_kind(reader: Reader, wanted: Wanted) -> QuerySet[Document]:
    rows = reader.rows()
    if wanted.seller_id:
        rows = rows.filter(seller_id=wanted.seller_id)
    if word := wanted.words.strip():
        rows = rows.filter(number__icontains=word)
    if wanted.since:
        rows = rows.filter(issued_at__gte=midnight(wanted.since))
    if wanted.until:
        rows = rows.filter(issued_at__lt=midnight(wanted.until + timedelta(days=1)))
    return rows
