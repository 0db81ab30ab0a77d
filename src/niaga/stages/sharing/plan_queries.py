"""What the operator asks of commission plans."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Q, QuerySet, Value, When

from niaga.flows.information.models import Category
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.plumbing.paging import Page, paged_by_state
from niaga.stages.sharing.models import CommissionPlan


@dataclass(frozen=True, slots=True)
class PlanView:
    """A commission plan; seller, category and tier are empty where it is for all of them.

    A line costs the rate and the `fee`, at `least` and at `most` so much (None: without a cap).

    `standing` is coming, running or ended.
    """

    plan_id: UUID
    name: str
    rate_bp: int
    fee: Money
    least: Money
    most: Money | None
    seller_name: str
    category_name: str
    tier_label: str
    starts_at: datetime
    ends_at: datetime | None
    standing: str


def plans_page(*, standing: str = "", page: int = 1, language: str = "id") -> Page[PlanView]:
    """Return a page of plans, the newest start first; two statements."""
    rows = _plans().order_by("-starts_at", "-id")
    view = partial(_plan, language=language)
    return paged_by_state(rows, view, state=standing, page=page, column="standing")


def plan_view(plan_id: UUID, *, language: str = "id") -> PlanView | None:
    """Return a plan, or None; one statement."""
    row = _plans().filter(pk=plan_id).first()
    return _plan(row, language) if row else None


def shelf_names(language: str) -> dict[UUID, str]:
    """Return every category's name under the names above it; one statement."""
    rows = Category.objects.order_by("path")
    names = {row.path: row.name_en if language == "en" else row.name_id for row in rows}

    def whole(path: str) -> str:
        steps = path.split("/")
        above = ("/".join(steps[: n + 1]) for n in range(len(steps)))
        return " › ".join(names[step] for step in above if step in names)

    return {row.id: whole(row.path) for row in rows}


def _plans() -> QuerySet[Any]:
    now = clock.now()
    return CommissionPlan.objects.select_related("seller", "category").annotate(
        standing=Case(
            When(Q(ends_at__lte=now), then=Value("ended")),
            When(Q(starts_at__gt=now), then=Value("coming")),
            default=Value("running"),
            output_field=CharField(),
        )
    )


def _plan(row: Any, language: str) -> PlanView:
    category = row.category
    return PlanView(
        plan_id=row.id,
        name=row.name,
        rate_bp=row.rate_bp,
        fee=Money(row.fee_minor, row.currency),
        least=Money(row.least_minor, row.currency),
        most=Money(row.most_minor, row.currency) if row.most_minor else None,
        seller_name=row.seller.name if row.seller else "",
        category_name=getattr(category, f"name_{language}") if category else "",
        tier_label=str(row.get_tier_display()) if row.tier else "",
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        standing=row.standing,
    )
