"""A refused company mends what it said of itself and asks again."""

from dataclasses import asdict
from uuid import UUID

from niaga.kernel.actor import Actor
from niaga.parties.commands.register_company import CompanyAlreadyRegistered, CompanyDetails
from niaga.parties.events import CompanyRegistered
from niaga.parties.identity import checked_nib, checked_npwp, checked_phone
from niaga.parties.models import Company
from niaga.parties.states import COMPANY_TRANSITIONS, CompanyState
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.plumbing.states import advance


@command
def resubmit_company(*, actor: Actor, company_id: UUID, details: CompanyDetails) -> None:
    """Rewrite a refused company and let the operator decide again; its slug stays.

    Raises:
        IdentityInvalid: NIB, NPWP or telephone number is not well formed.
        CompanyAlreadyRegistered: the NIB is another company's.
        TransitionRefused: it is not refused (any more).
    """
    checked = {
        "nib": checked_nib(details.nib),
        "npwp": checked_npwp(details.npwp),
        "phone": checked_phone(details.phone),
    }
    if Company.objects.filter(nib=checked["nib"]).exclude(pk=company_id).exists():
        raise CompanyAlreadyRegistered(checked["nib"])
    advance(
        Company,
        pk=company_id,
        to=CompanyState.SUBMITTED,
        transitions=COMPANY_TRANSITIONS,
        decision_note="",
        **{**asdict(details), **checked},
    )
    record(CompanyRegistered(subject_id=company_id, name=details.name), actor=actor)
