"""Documents that broke a rule and were not issued: what their tasks are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from niaga.flows.documents.models import Draft
from niaga.stages.ordering.models import Order


@dataclass(frozen=True, slots=True)
class RefusedDraft:
    """A document that was not issued: which, of which order, and the rule it breaks."""

    draft_id: UUID
    label: str
    order_id: UUID
    order_reference: str
    seller_name: str
    rule: str
    message: str


def refused_drafts(draft_ids: Sequence[UUID]) -> tuple[RefusedDraft, ...]:
    """Return what was refused of these; two statements."""
    drafts = list(Draft.objects.filter(pk__in=draft_ids).exclude(rule="").defer("content"))
    orders = Order.objects.select_related("seller").in_bulk([row.cause_id for row in drafts])
    return tuple(_view(row, orders[row.cause_id]) for row in drafts)


def refused_draft(draft_id: UUID) -> RefusedDraft | None:
    """Return one refused draft, or None."""
    return next(iter(refused_drafts([draft_id])), None)


def _view(row: Draft, order: Order) -> RefusedDraft:
    return RefusedDraft(
        draft_id=row.id,
        label=str(row.get_kind_display()),
        order_id=order.id,
        order_reference=order.reference,
        seller_name=order.seller.name,
        rule=row.rule,
        message=row.message,
    )
