"""The operator says what the market takes of sales, for whom and from when; and ends it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import CURRENCIES, Money
from niaga.kernel.refusal import Refusal
from niaga.parties.states import SellerTier
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.sharing.events import CommissionPlanEnded, CommissionPlanMade
from niaga.stages.sharing.models import CommissionPlan

MOST_BP = 5_000


@dataclass(eq=False)
class CommissionPlanInvalid(Refusal):
    """`field` breaks `rule`.

    One of: required, at_most_half, unknown, after_start, not_below_zero, whole_rupiah, above_least.
    """

    code: ClassVar[str] = "commission_plan_invalid"
    field: str
    rule: str


@dataclass(eq=False)
class CommissionPlanOver(Refusal):
    """The plan ended already."""

    code: ClassVar[str] = "commission_plan_over"
    plan: str


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """A plan: `rate_bp` basis points of what a line was sold for, and a fixed `fee` on top.

    At `least` and at `most` so much of a line (None: without a cap). The three are one currency.

    It is for one seller, for one tier of sellers, for a category and those below it, or (None and
    empty) for all. Without an end it holds until it is ended.
    """

    name: str
    rate_bp: int
    seller_id: UUID | None
    category_id: UUID | None
    tier: str
    starts_at: datetime
    ends_at: datetime | None
    fee: Money = field(default_factory=Money.zero)
    least: Money = field(default_factory=Money.zero)
    most: Money | None = None


@dataclass(frozen=True, slots=True)
class MadePlan:
    """The plan that was made."""

    plan_id: UUID


@command
def make_plan(*, actor: Actor, terms: PlanTerms) -> MadePlan:
    """Take that commission of what is sold from `starts_at` on; what was sold keeps its own.

    Raises:
        CommissionPlanInvalid: see its rules.
    """
    _check(terms)
    plan = CommissionPlan.objects.create(
        id=new_id(),
        name=terms.name.strip(),
        rate_bp=terms.rate_bp,
        fee_minor=terms.fee.minor,
        least_minor=terms.least.minor,
        most_minor=terms.most.minor if terms.most else None,
        currency=terms.fee.currency,
        seller_id=terms.seller_id,
        category_id=terms.category_id,
        tier=terms.tier,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
    )
    record(
        CommissionPlanMade(subject_id=plan.id, name=plan.name, rate_bp=plan.rate_bp), actor=actor
    )
    return MadePlan(plan.id)


@command
def end_plan(*, actor: Actor, plan_id: UUID) -> None:
    """Let the plan hold for no new sale; one that has not begun never will.

    Raises:
        CommissionPlanOver: it ended already.
    """
    plan = CommissionPlan.objects.select_for_update(of=("self",)).get(pk=plan_id)
    now = clock.now()
    if plan.ends_at is not None and plan.ends_at <= now:
        raise CommissionPlanOver(plan.name)
    CommissionPlan.objects.filter(pk=plan_id).update(
        starts_at=min(plan.starts_at, now), ends_at=now
    )
    record(CommissionPlanEnded(subject_id=plan_id, name=plan.name), actor=actor)


def _check(terms: PlanTerms) -> None:
    if not terms.name.strip():
        raise CommissionPlanInvalid("name", "required")
    if not 0 <= terms.rate_bp <= MOST_BP:
        raise CommissionPlanInvalid("rate", "at_most_half")
    if terms.tier and terms.tier not in SellerTier.values:
        raise CommissionPlanInvalid("tier", "unknown")
    _check_amounts(terms)
    if terms.ends_at is not None and terms.ends_at <= max(terms.starts_at, clock.now()):
        raise CommissionPlanInvalid("ends_at", "after_start")


def _check_amounts(terms: PlanTerms) -> None:
    step = CURRENCIES[terms.fee.currency].step_minor
    amounts = {"fee": terms.fee, "least": terms.least} | (
        {"most": terms.most} if terms.most else {}
    )
    for name, amount in amounts.items():
        if amount.minor < 0:
            raise CommissionPlanInvalid(name, "not_below_zero")
        if amount.minor % step:
            raise CommissionPlanInvalid(name, "whole_rupiah")
    if terms.most is not None and (not terms.most or terms.most < terms.least):
        raise CommissionPlanInvalid("most", "above_least")
