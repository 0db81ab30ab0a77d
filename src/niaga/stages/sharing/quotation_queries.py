"""What doors ask of quotations."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery

from niaga.flows.documents.models import Document
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.plumbing.paging import Page, paged_by_state
from niaga.stages.sharing.models import Quotation, QuotationLine, last_day
from niaga.stages.sharing.queries import options_text
from niaga.stages.sharing.states import QuotationState


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A line that was asked for; `price` is None before it is offered."""

    line_id: UUID
    title: str
    options: str
    sku: str
    quantity: int
    list_price: Money
    price: Money | None
    order_id: UUID | None

    @property
    def total(self) -> Money:
        """What it comes to, at the list price before it is offered."""
        return (self.price or self.list_price) * self.quantity


@dataclass(frozen=True, slots=True)
class QuotationSummary:
    """A quotation as lists show it; `document_id` is its paper once it is issued."""

    quotation_id: UUID
    state: str
    label: str
    buyer_name: str
    seller_id: UUID
    seller_name: str
    asked_at: datetime
    answered_at: datetime | None
    valid_until: datetime | None
    last_day: date | None
    line_count: int
    document_id: UUID | None
    number: str

    @property
    def holds(self) -> bool:
        """Whether its prices are there to be taken, were they not all taken already."""
        return (
            self.state == QuotationState.OFFERED
            and self.valid_until is not None
            and clock.now() < self.valid_until
        )


@dataclass(frozen=True, slots=True)
class QuotationView:
    """A quotation with its lines and words."""

    about: QuotationSummary
    note: str
    answer: str
    currency: str
    lines: tuple[QuotedLine, ...]

    @property
    def total(self) -> Money:
        """What all lines come to."""
        return Money.total((line.total for line in self.lines), self.currency)

    @property
    def can_be_taken(self) -> bool:
        """Whether something of it can be ordered at its prices."""
        return self.about.holds and any(line.order_id is None for line in self.lines)


def quotations_page(
    *, seller_id: UUID | None = None, person_id: UUID | None = None, state: str = "", page: int = 1
) -> Page[QuotationSummary]:
    """Return a page of a seller's or a buyer's quotations, newest first; two statements."""
    rows = Quotation.objects.all()
    if seller_id:
        rows = rows.filter(seller_id=seller_id)
    if person_id:
        rows = rows.filter(person_id=person_id)
    found = _with_paper(rows).annotate(line_count=Count("lines"))
    return paged_by_state(found.order_by("-asked_at", "-id"), _summary, state=state, page=page)


def quotation_view(
    quotation_id: UUID,
    *,
    seller_id: UUID | None = None,
    person_id: UUID | None = None,
    language: str = "id",
) -> QuotationView | None:
    """Return the seller's or the buyer's own quotation, or None; two statements."""
    assert seller_id or person_id, "a quotation is looked at from one side"
    mine = Quotation.objects.filter(pk=quotation_id)
    if seller_id:
        mine = mine.filter(seller_id=seller_id)
    if person_id:
        mine = mine.filter(person_id=person_id)
    row = _with_paper(mine).annotate(line_count=Count("lines")).first()
    if row is None:
        return None
    lines = row.lines.select_related("variant__product").order_by("position")
    to_view = partial(_line, currency=row.currency, language=language)
    return QuotationView(
        _summary(row), row.note, row.answer, row.currency, tuple(map(to_view, lines))
    )


def quotations_of_person(person_id: UUID) -> Iterable[UUID]:
    """Return the ids of a person's quotations; no statement until they are filtered by."""
    return Quotation.objects.filter(person_id=person_id).values_list("id", flat=True)


def is_quoted_to(document_id: UUID, person_id: UUID) -> bool:
    """Say whether the document is a quotation to this person; one statement."""
    papers = Document.objects.filter(pk=document_id, kind="quotation")
    return papers.filter(cause_id__in=quotations_of_person(person_id)).exists()


def asked_quotations(seller_id: UUID) -> int:
    """Return how many buyers wait for a seller's prices; one statement."""
    return Quotation.objects.filter(seller_id=seller_id, state=QuotationState.ASKED).count()


def _with_paper(rows: QuerySet[Quotation]) -> QuerySet[Quotation]:
    papers = Document.objects.filter(kind="quotation", about_id=OuterRef("pk"))
    return rows.select_related("person", "seller").annotate(
        document_id=Subquery(papers.values("id")), number=Subquery(papers.values("number"))
    )


def _summary(row: Quotation) -> QuotationSummary:
    return QuotationSummary(
        quotation_id=row.id,
        state=row.state,
        label=str(row.get_state_display()),
        buyer_name=row.person.name,
        seller_id=row.seller_id,
        seller_name=row.seller.name,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        valid_until=row.valid_until,
        last_day=last_day(row.valid_until) if row.valid_until else None,
        line_count=row.line_count,  # type: ignore[attr-defined]
        document_id=row.document_id,  # type: ignore[attr-defined]
        number=row.number or "",  # type: ignore[attr-defined]
    )


def _line(row: QuotationLine, *, currency: str, language: str) -> QuotedLine:
    product = row.variant.product
    return QuotedLine(
        line_id=row.id,
        title=(product.name_en if language == "en" else "") or product.name_id,
        options=options_text(row.variant.options),
        sku=row.variant.sku,
        quantity=row.quantity,
        list_price=Money(row.list_price_minor, currency),
        price=Money(row.price_minor, currency) if row.price_minor else None,
        order_id=row.order_id,
    )
