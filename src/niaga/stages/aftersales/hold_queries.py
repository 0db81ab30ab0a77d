"""What sellers and the operator ask of holds: why money waits, who decides, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from niaga.flows.money.models import Escrow, EscrowHold
from niaga.flows.money.refunding import escrow_part
from niaga.flows.money.states import EscrowState, HoldReason, HoldState
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.plumbing.paging import Page, paged_by_state
from niaga.stages.ordering.models import Order, OrderLine
from niaga.stages.ordering.queries import OrderView


@dataclass(frozen=True, slots=True)
class HoldView:
    """A hold on a part of an order's money: on a line, or (`title` empty) on the delivery.

    `amount` is what the seller would get of the part. `late`: it was to be decided before now.
    """

    hold_id: UUID
    order_id: UUID
    order_reference: str
    seller_id: UUID
    seller_name: str
    title: str
    amount: Money
    reason_label: str
    complaint_id: UUID | None
    evidence: str
    owner_label: str
    deadline_at: datetime
    late: bool
    appeal_way_label: str
    state: str
    label: str
    held_at: datetime
    appeal: str
    appealed_at: datetime | None
    decision: str
    decided_at: datetime | None
    ended_at: datetime | None

    @property
    def may_appeal(self) -> bool:
        """Whether the seller can object now."""
        return self.state == HoldState.PLACED

    @property
    def is_open(self) -> bool:
        """Whether the money still waits for it."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class HoldBrief:
    """A hold as its order's page shows it."""

    hold_id: UUID
    title: str
    amount: Money
    reason_label: str
    deadline_at: datetime
    state: str
    label: str


@dataclass(frozen=True, slots=True)
class HeldPart:
    """A part of an order's money in escrow that can be held back; `title` empty: the delivery."""

    about_id: UUID
    title: str
    amount: Money


def holds_page(
    *, seller_id: UUID | None = None, state: str = "", page: int = 1, language: str = "id"
) -> Page[HoldView]:
    """Return a page of a seller's or (without) all holds, the newest first; four statements."""
    rows = _holds()
    if seller_id:
        rows = rows.filter(escrow__seller_id=seller_id)
    found = paged_by_state(rows.order_by("-id"), lambda row: row, state=state, page=page)
    return Page(_views(found.rows, language), found.total, found.page, found.pages, found.by_state)


def hold_view(hold_id: UUID, *, language: str = "id") -> HoldView | None:
    """Return a hold, or None; three statements."""
    views = _views(list(_holds().filter(pk=hold_id)), language)
    return views[0] if views else None


def holds_of(order: OrderView) -> tuple[HoldBrief, ...]:
    """Return the open holds on an order's money, the oldest first; one statement if there are."""
    if order.share is None or not order.share.held_back:
        return ()
    titles = {line.line_id: line.title for line in order.lines}
    rows = _holds().filter(escrow__cause_id=order.order_id, ended_at=None).order_by("id")
    return tuple(
        HoldBrief(
            hold_id=row.id,
            title=titles.get(row.escrow.about_id, ""),
            amount=escrow_part(row.escrow).net,
            reason_label=str(row.get_reason_display()),
            deadline_at=row.deadline_at,
            state=row.state,
            label=str(row.get_state_display()),
        )
        for row in rows
    )


def held_parts(order_id: UUID, *, language: str = "id") -> tuple[HeldPart, ...]:
    """Return what of an order's money is in escrow; two statements."""
    rows = Escrow.objects.filter(cause_id=order_id, state=EscrowState.HELD).order_by("id")
    parts = [escrow_part(row) for row in rows]
    titles = _titles((part.about_id for part in parts), language)
    return tuple(HeldPart(part.about_id, titles.get(part.about_id, ""), part.net) for part in parts)


def _holds() -> QuerySet[Any]:
    return EscrowHold.objects.select_related("escrow")


def _views(rows: Sequence[Any], language: str) -> tuple[HoldView, ...]:
    orders = Order.objects.select_related("seller").in_bulk({row.escrow.cause_id for row in rows})
    titles = _titles((row.escrow.about_id for row in rows), language)
    return tuple(
        _view(row, orders[row.escrow.cause_id], titles.get(row.escrow.about_id, "")) for row in rows
    )


def _titles(line_ids: Any, language: str) -> dict[UUID, str]:
    lines = OrderLine.objects.filter(pk__in=list(line_ids))
    return dict(lines.values_list("id", "title_en" if language == "en" else "title_id"))


def _view(row: Any, order: Order, title: str) -> HoldView:
    return HoldView(
        hold_id=row.id,
        order_id=order.id,
        order_reference=order.reference,
        seller_id=order.seller_id,
        seller_name=order.seller.name,
        title=title,
        amount=escrow_part(row.escrow).net,
        reason_label=str(row.get_reason_display()),
        complaint_id=row.about_id if row.reason == HoldReason.COMPLAINT else None,
        evidence=row.evidence,
        owner_label=str(row.get_owner_display()),
        deadline_at=row.deadline_at,
        late=row.ended_at is None and row.deadline_at < clock.now(),
        appeal_way_label=str(row.get_appeal_way_display()),
        state=row.state,
        label=str(row.get_state_display()),
        held_at=row.held_at,
        appeal=row.appeal,
        appealed_at=row.appealed_at,
        decision=row.decision,
        decided_at=row.decided_at,
        ended_at=row.ended_at,
    )
