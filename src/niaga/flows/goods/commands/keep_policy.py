"""A seller decides how stock is handled: which location ships, what when none is left."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from niaga.flows.goods.events import StockPolicyChanged
from niaga.flows.goods.models import SourcingRule, StockPolicy
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record


@dataclass(eq=False)
class PolicyIncomplete(Refusal):
    """Orders for stock to come need `field`: how many, and how long or from when."""

    code: ClassVar[str] = "policy_incomplete"
    field: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What is decided for a SKU; see `StockPolicy`."""

    when_out: str = StockPolicy.WhenOut.DENY
    most_waiting: int = 0
    lead_days: int | None = None
    available_date: date | None = None
    alert_at: int | None = None
    always_hot: bool = False


@command
def keep_policy(*, actor: Actor, seller_id: UUID, sku_id: UUID, policy: Policy) -> None:
    """Write what is decided for one of the seller's SKUs. Who waits already goes on waiting.

    Raises:
        PolicyIncomplete: something that the buyer must know is missing.
    """
    if policy.when_out != StockPolicy.WhenOut.DENY and not policy.most_waiting:
        raise PolicyIncomplete("most_waiting")
    if policy.when_out == StockPolicy.WhenOut.BACKORDER and policy.lead_days is None:
        raise PolicyIncomplete("lead_days")
    if policy.when_out == StockPolicy.WhenOut.PREORDER and policy.available_date is None:
        raise PolicyIncomplete("available_date")
    StockPolicy.objects.update_or_create(
        sku_id=sku_id,
        defaults={
            "seller_id": seller_id,
            "when_out": policy.when_out,
            "most_waiting": policy.most_waiting,
            "lead_days": policy.lead_days,
            "available_date": policy.available_date,
            "alert_at": policy.alert_at,
            "always_hot": policy.always_hot,
        },
    )
    record(
        StockPolicyChanged(subject_id=sku_id, seller_id=seller_id, when_out=policy.when_out),
        actor=actor,
    )


@command
def keep_sourcing(*, seller_id: UUID, order: str, one_parcel: bool) -> None:
    """Write which of the seller's locations ships first, and whether it may split a line."""
    SourcingRule.objects.update_or_create(
        seller_id=seller_id, defaults={"order": order, "one_parcel": one_parcel}
    )
