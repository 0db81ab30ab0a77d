"""What doors ask of complaints and reviews."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from niaga.flows.documents.models import Document
from niaga.kernel.money import Money
from niaga.plumbing.paging import Page, paged, paged_by_state
from niaga.stages.aftersales.commands.take_back import wish_of
from niaga.stages.aftersales.models import Complaint, Return, Review
from niaga.stages.aftersales.states import ComplaintState, ReturnState
from niaga.stages.ordering.models import OrderLine
from niaga.stages.ordering.refund_draft import NothingToRefund, draft_refund


@dataclass(frozen=True, slots=True)
class MessageView:
    """One word in a complaint; `role` is buyer, seller or operator."""

    role: str
    author: str
    body: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class ComplaintSummary:
    """A complaint as lists show it."""

    complaint_id: UUID
    state: str
    label: str
    reason: str
    reason_label: str
    order_id: UUID
    line_id: UUID
    order_reference: str
    purchase_reference: str
    person_id: UUID | None
    buyer_name: str
    seller_id: UUID
    seller_name: str
    product_title: str
    picture: str
    opened_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReturnView:
    """Units that go back, or went; `slip_id` is their return slip once it is issued."""

    return_id: UUID
    complaint_id: UUID
    order_id: UUID
    state: str
    label: str
    quantity: int
    agreed_at: datetime
    ended_at: datetime | None
    slip_id: UUID | None


@dataclass(frozen=True, slots=True)
class ComplaintView:
    """A complaint with its conversation and its returns, oldest first.

    `returnable` units of its line are with the buyer, and nobody agreed to take them back.
    """

    about: ComplaintSummary
    sku: str
    quantity: int
    messages: tuple[MessageView, ...]
    returns: tuple[ReturnView, ...]
    returnable: int

    @property
    def takes_return(self) -> bool:
        """Whether a return can be agreed now."""
        under_way = any(back.state == ReturnState.AGREED for back in self.returns)
        return self.is_open and self.returnable > 0 and not under_way

    @property
    def is_open(self) -> bool:
        """Whether something can still be said."""
        return self.about.state != ComplaintState.RESOLVED


@dataclass(frozen=True, slots=True)
class ReviewView:
    """What a buyer says of what arrived."""

    review_id: UUID
    product_id: UUID
    product_slug: str
    product_name: str
    author: str
    stars: int
    title: str
    body: str
    language: str
    written_at: datetime


def complaints_page(
    *,
    seller_id: UUID | None = None,
    person_id: UUID | None = None,
    state: str = "",
    page: int = 1,
    language: str = "id",
) -> Page[ComplaintSummary]:
    """Return a page of a seller's, a buyer's or (neither) all complaints, newest first.

    `state` is a ComplaintState or empty. Two statements.
    """
    rows = _complaints()
    if seller_id:
        rows = rows.filter(seller_id=seller_id)
    if person_id:
        rows = rows.filter(line__order__purchase__person_id=person_id)
    return paged_by_state(
        rows.order_by("-opened_at", "-id"),
        partial(_summary, language=language),
        state=state,
        page=page,
    )


@dataclass(frozen=True, slots=True)
class OrderVoices:
    """What was said of an order: its complaints, oldest first, and the stars of each line."""

    complaints: tuple[ComplaintSummary, ...]
    stars: dict[UUID, int]


def voices_of_order(order_id: UUID, *, language: str = "id") -> OrderVoices:
    """Return the order's complaints and reviews; one statement."""
    complaints = Complaint.objects.filter(line=OuterRef("pk")).values(
        row=JSONObject(
            id="id",
            reason="reason",
            state="state",
            opened_at="opened_at",
            resolved_at="resolved_at",
        )
    )
    lines = (
        OrderLine.objects.filter(order_id=order_id)
        .select_related("order__purchase", "order__seller")
        .annotate(
            stars=Subquery(Review.objects.filter(line=OuterRef("pk")).values("stars")),
            raised=ArraySubquery(complaints),
        )
    )
    rows = [_complaint(line, fields) for line in lines for fields in line.raised]
    rows.sort(key=lambda row: (row.opened_at, row.id))
    return OrderVoices(
        complaints=tuple(_summary(row, language=language) for row in rows),
        stars={line.id: line.stars for line in lines if line.stars},
    )


def _complaint(line: OrderLine, fields: Mapping[str, str | None]) -> Complaint:
    """Return the complaint about the line that was read as JSON."""
    read = {name: text for name, text in fields.items() if not name.endswith("_at")}
    at = {
        name: datetime.fromisoformat(text) if text else None
        for name, text in fields.items()
        if name.endswith("_at")
    }
    return Complaint(line=line, seller=line.order.seller, **read, **at)


def complaint_view(complaint_id: UUID, *, language: str = "id") -> ComplaintView | None:
    """Return a complaint with its conversation, or None; three statements.

    The door checks that the visitor is its buyer (`about.person_id`), its seller or the operator.
    """
    row = _complaints().filter(pk=complaint_id).first()
    if row is None:
        return None
    said = row.messages.order_by("written_at", "id")
    backs = _returns(Return.objects.filter(line_id=row.line_id))
    gone = sum(back.quantity for back in backs if back.state != ReturnState.CALLED_OFF)
    return ComplaintView(
        about=_summary(row, language=language),
        sku=row.line.sku,
        quantity=row.line.quantity,
        messages=tuple(MessageView(m.role, m.author, m.body, m.written_at) for m in said),
        returns=tuple(back for back in backs if back.complaint_id == row.id),
        returnable=max(row.line.shipped_quantity - gone, 0) if row.line.kind == "goods" else 0,
    )


def complaint_summary(complaint_id: UUID, *, language: str = "id") -> ComplaintSummary | None:
    """Return what a complaint is about, or None; one statement. The door checks whose it is."""
    row = _complaints().filter(pk=complaint_id).first()
    return _summary(row, language=language) if row else None


def return_view(return_id: UUID) -> ReturnView | None:
    """Return one of the returns, or None; one statement. The door checks whose it is."""
    return next(iter(_returns(Return.objects.filter(pk=return_id))), None)


def return_worth(return_id: UUID) -> Money:
    """Return what the buyer gets for goods that came back, if they came now; four statements."""
    back = Return.objects.select_related("line__order__purchase").get(pk=return_id)
    line, nothing = back.line, Money.zero(back.line.order.currency)
    wish = wish_of(back.quantity, line)
    if wish is None:
        return nothing
    try:
        return draft_refund(line.order, wish, reason="").effect.paid
    except NothingToRefund:
        return nothing


def _returns(rows: QuerySet[Return]) -> tuple[ReturnView, ...]:
    slips = Document.objects.filter(kind="return_slip", about_id=OuterRef("pk"))
    found = rows.select_related("line").annotate(slip_id=Subquery(slips.values("id")))
    return tuple(
        ReturnView(
            return_id=row.id,
            complaint_id=row.complaint_id,
            order_id=row.line.order_id,
            state=row.state,
            label=str(row.get_state_display()),
            quantity=row.quantity,
            agreed_at=row.agreed_at,
            ended_at=row.ended_at,
            slip_id=row.slip_id,
        )
        for row in found.order_by("agreed_at", "id")
    )


def escalated_complaints() -> int:
    """Return how many complaints wait for the operator."""
    return Complaint.objects.filter(state=ComplaintState.ESCALATED).count()


def reviews_of_product(
    product_id: UUID, page: int = 1, *, language: str = "id"
) -> Page[ReviewView]:
    """Return a page of a product's reviews, newest first; two statements."""
    return _reviews(Review.objects.filter(product_id=product_id), page, language)


def stars_of_product(product_id: UUID) -> dict[int, int]:
    """Return how many reviews gave five stars, four, down to one; one statement."""
    given = Review.objects.filter(product_id=product_id).values_list("stars")
    counted = dict(given.annotate(n=Count("id")).order_by())
    return {stars: counted.get(stars, 0) for stars in (5, 4, 3, 2, 1)}


def reviews_of_seller(seller_id: UUID, page: int = 1, *, language: str = "id") -> Page[ReviewView]:
    """Return a page of the reviews of all that a seller sold, newest first; two statements."""
    return _reviews(Review.objects.filter(seller_id=seller_id), page, language)


def _reviews(rows: QuerySet[Review], page: int, language: str) -> Page[ReviewView]:
    ordered = rows.select_related("product").order_by("-written_at", "-id")
    return paged(ordered, partial(_review, language=language), page=page)


def _review(row: Review, *, language: str) -> ReviewView:
    english = language == "en" and row.product.name_en
    return ReviewView(
        review_id=row.id,
        product_id=row.product_id,
        product_slug=row.product.slug,
        product_name=english or row.product.name_id,
        author=row.author,
        stars=row.stars,
        title=row.title,
        body=row.body,
        language=row.language,
        written_at=row.written_at,
    )


def _complaints() -> QuerySet[Complaint]:
    return Complaint.objects.select_related("seller", "line__order__purchase")


def _summary(row: Complaint, *, language: str) -> ComplaintSummary:
    order = row.line.order
    return ComplaintSummary(
        complaint_id=row.id,
        state=row.state,
        label=str(row.get_state_display()),
        reason=row.reason,
        reason_label=str(row.get_reason_display()),
        order_id=order.id,
        line_id=row.line_id,
        order_reference=order.reference,
        purchase_reference=order.purchase.reference,
        person_id=order.purchase.person_id,
        buyer_name=order.purchase.name,
        seller_id=row.seller_id,
        seller_name=row.seller.name,
        product_title=row.line.title_en if language == "en" else row.line.title_id,
        picture=row.line.picture,
        opened_at=row.opened_at,
        resolved_at=row.resolved_at,
    )
