"""An order's money as its page shows it: what went back to the buyer, what the seller gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from niaga.flows.money.models import Escrow, Refund
from niaga.flows.money.states import EscrowState, RefundState
from niaga.kernel.money import Money
from niaga.stages.ordering.models import Order

# An order is as far as its slowest part.
_SLOWEST = (EscrowState.HELD, EscrowState.RELEASABLE, EscrowState.PAID_OUT, EscrowState.REFUNDED)


@dataclass(frozen=True, slots=True)
class OrderRefund:
    """A refund as all three sides see it; `sent_at` is None while it is on its way."""

    refund_id: UUID
    amount: Money
    reason: str
    state: str
    label: str
    due_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class SellerShare:
    """How the seller fares: total + `subsidy` - `commission` - `given_back` - `withheld` is `net`.

    `subsidy` is what the market itself pays of a voucher, `given_back` the seller's part of the
    refunds, `withheld` its income tax on what is left. `state` and `label` (None while nothing is
    in escrow) are those of the part whose money has the longest way to go; `held_back`: a hold
    keeps a part of it.
    """

    subsidy: Money
    commission: Money
    given_back: Money
    withheld: Money
    net: Money
    state: str | None
    label: str | None
    release_at: datetime | None
    held_back: bool


def refunds_of(order: str) -> ArraySubquery:
    """Return an order's refunds as JSON, the oldest first; `order` names its column."""
    found = Refund.objects.filter(cause_id=OuterRef(order)).order_by("due_at", "id")
    fields = ("id", "amount_minor", "reason", "state", "due_at", "sent_at")
    return ArraySubquery(found.values(row=JSONObject(**{name: name for name in fields})))


def refund_views(rows: Sequence[Mapping[str, Any]], currency: str) -> tuple[OrderRefund, ...]:
    """Return what `refunds_of` found; no statement."""
    return tuple(
        OrderRefund(
            refund_id=UUID(row["id"]),
            amount=Money(row["amount_minor"], currency),
            reason=row["reason"],
            state=row["state"],
            label=str(RefundState(row["state"]).label),
            due_at=datetime.fromisoformat(row["due_at"]),
            sent_at=datetime.fromisoformat(row["sent_at"]) if row["sent_at"] else None,
        )
        for row in rows
    )


def seller_share(order: Order) -> SellerShare:
    """Return what the seller gets of an order; one statement."""
    parts = list(Escrow.objects.filter(cause_id=order.id))
    slowest = _slowest(parts)
    lost = sum(part.refunded_minor - part.refunded_commission_minor for part in parts)
    withheld = sum(part.withheld_minor for part in parts)
    gross = order.total_minor + order.subsidy_minor
    return SellerShare(
        subsidy=Money(order.subsidy_minor, order.currency),
        commission=Money(order.commission_minor, order.currency),
        given_back=Money(lost, order.currency),
        withheld=Money(withheld, order.currency),
        net=Money(gross - order.commission_minor - lost - withheld, order.currency),
        state=slowest.state if slowest else None,
        label=str(slowest.get_state_display()) if slowest else None,
        release_at=slowest.release_at if slowest else None,
        held_back=any(part.frozen_at for part in parts),
    )


def _slowest(parts: Sequence[Escrow]) -> Escrow | None:
    """Return the part whose money has the longest way to go, the last to be released first."""

    def way(part: Escrow) -> tuple[int, float]:
        until = -part.release_at.timestamp() if part.release_at else float("-inf")
        return _SLOWEST.index(EscrowState(part.state)), until

    return min(parts, key=way, default=None)
