"""The operator gives a company a tier, which commission plans may ask for."""

from uuid import UUID

from niaga.kernel.actor import Actor
from niaga.parties.events import CompanyRanked
from niaga.parties.models import Company
from niaga.parties.states import SellerTier
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record


@command
def rank_company(*, actor: Actor, company_id: UUID, tier: str) -> None:
    """Give the company the tier; what was sold keeps its commission.

    Raises:
        ValueError: there is no such tier.
    """
    changed = Company.objects.filter(pk=company_id).exclude(tier=tier)
    if changed.update(tier=SellerTier(tier)):
        record(CompanyRanked(subject_id=company_id, tier=tier), actor=actor)
