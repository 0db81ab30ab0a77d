"""What a company's own people ask of it."""

from dataclasses import dataclass
from uuid import UUID

from niaga.parties.commands.describe_company import BankAccount, Shopfront
from niaga.parties.commands.register_company import CompanyDetails
from niaga.parties.models import Company


@dataclass(frozen=True, slots=True)
class OwnCompany:
    """All that a company said of itself, where it stands, and why; `commission_bp` basis points."""

    company_id: UUID
    slug: str
    state: str
    label: str
    decision_note: str
    commission_bp: int
    logo: str
    banner: str
    details: CompanyDetails
    front: Shopfront
    bank: BankAccount


def own_company(company_id: UUID) -> OwnCompany:
    """Return the company in full; one statement."""
    row = Company.objects.get(pk=company_id)
    return OwnCompany(
        company_id=row.id,
        slug=row.slug,
        state=row.state,
        label=str(row.get_state_display()),
        decision_note=row.decision_note,
        commission_bp=row.commission_bp,
        logo=row.logo.name or "",
        banner=row.banner.name or "",
        details=CompanyDetails(**{name: getattr(row, name) for name in CompanyDetails.__slots__}),
        front=Shopfront(**{name: getattr(row, name) for name in Shopfront.__slots__}),
        bank=BankAccount(row.bank_name, row.bank_account, row.bank_holder),
    )
