"""The operator lets a company in, keeps it out, or takes it off the market."""

from uuid import UUID

from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.parties.events import CompanyApproved, CompanyRefused, CompanySuspended
from niaga.parties.models import Company
from niaga.parties.states import COMPANY_TRANSITIONS, CompanyState
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.plumbing.states import advance


@command
def approve_company(*, actor: Actor, company_id: UUID) -> None:
    """Let the company sell.

    Raises:
        TransitionRefused: it is approved already, or was refused.
    """
    advance(
        Company,
        pk=company_id,
        to=CompanyState.APPROVED,
        transitions=COMPANY_TRANSITIONS,
        approved_at=clock.now(),
        decision_note="",
    )
    record(CompanyApproved(subject_id=company_id, name=_name(company_id)), actor=actor)


@command
def refuse_company(*, actor: Actor, company_id: UUID, note: str) -> None:
    """Keep the company out; `note` tells it why.

    Raises:
        TransitionRefused: it is not waiting for a decision.
    """
    advance(
        Company,
        pk=company_id,
        to=CompanyState.REFUSED,
        transitions=COMPANY_TRANSITIONS,
        decision_note=note,
    )
    record(CompanyRefused(subject_id=company_id, name=_name(company_id), note=note), actor=actor)


@command
def suspend_company(*, actor: Actor, company_id: UUID, note: str) -> None:
    """Take the company's listings off the market; open orders go on.

    Raises:
        TransitionRefused: it is not approved.
    """
    advance(
        Company,
        pk=company_id,
        to=CompanyState.SUSPENDED,
        transitions=COMPANY_TRANSITIONS,
        decision_note=note,
    )
    record(CompanySuspended(subject_id=company_id, name=_name(company_id), note=note), actor=actor)


def _name(company_id: UUID) -> str:
    return Company.objects.values_list("name", flat=True).get(pk=company_id)
