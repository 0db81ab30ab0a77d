"""Documents that broke a rule and were not issued: the operator's tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from niaga.flows.documents.models import Draft
from niaga.parties.queries import person_names
from niaga.stages.ordering.models import Order

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class RefusedDraft:
    """A document that was not issued: which, of which order, and the rule it breaks.

    `owner` is the operator who looks into it, empty while nobody does.
    """

    draft_id: UUID
    label: str
    order_id: UUID
    order_reference: str
    seller_id: UUID
    seller_name: str
    rule: str
    message: str
    judged_at: datetime
    owner_id: UUID | None
    owner: str


def refused_drafts() -> tuple[RefusedDraft, ...]:
    """Return what was refused, the oldest first; three statements."""
    return _views(_refused()[:MOST_SHOWN])


def refused_draft(draft_id: UUID) -> RefusedDraft | None:
    """Return one refused draft, or None."""
    return next(iter(_views(_refused().filter(pk=draft_id))), None)


def count_refused_drafts() -> int:
    """Return how many documents are not issued because they break a rule; one statement."""
    return _refused().count()


def _refused() -> QuerySet[Draft]:
    return Draft.objects.exclude(rule="").defer("content").order_by("drafted_at", "id")


def _views(rows: QuerySet[Draft]) -> tuple[RefusedDraft, ...]:
    drafts = list(rows)
    orders = Order.objects.select_related("seller").in_bulk([row.cause_id for row in drafts])
    names = person_names({row.owner_id for row in drafts if row.owner_id})
    return tuple(_view(row, orders[row.cause_id], names) for row in drafts)


def _view(row: Draft, order: Order, names: Mapping[UUID, str]) -> RefusedDraft:
    assert row.judged_at is not None, "a constraint: what is refused was judged"
    return RefusedDraft(
        draft_id=row.id,
        label=str(row.get_kind_display()),
        order_id=order.id,
        order_reference=order.reference,
        seller_id=order.seller_id,
        seller_name=order.seller.name,
        rule=row.rule,
        message=row.message,
        judged_at=row.judged_at,
        owner_id=row.owner_id,
        owner=names.get(row.owner_id, "") if row.owner_id else "",
    )
