"""What doors ask of companies and their people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from niaga.parties.models import Company, Person
from niaga.parties.states import CompanyState
from niaga.plumbing.paging import Page, paged_by_state


@dataclass(frozen=True, slots=True)
class CompanySummary:
    """A company as lists show it."""

    company_id: UUID
    name: str
    legal_name: str
    slug: str
    city: str
    nib: str
    state: str
    label: str
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class MemberView:
    """Someone who may act for a company."""

    name: str
    email: str
    role: str


@dataclass(frozen=True, slots=True)
class CompanyView:
    """A company's whole identity; `commission_bp` in basis points (250 is 2.5 %)."""

    about: CompanySummary
    npwp: str
    taxable: bool
    email: str
    phone: str
    address_lines: tuple[str, ...]
    bank_name: str
    bank_account: str
    bank_holder: str
    commission_bp: int
    tier: str
    tier_label: str
    decision_note: str
    approved_at: datetime | None
    members: tuple[MemberView, ...]


def companies_page(*, state: str = "", words: str = "", page: int = 1) -> Page[CompanySummary]:
    """Return a page of companies; those that wait first come first, others the newest.

    `words` match name, legal name, NIB, e-mail address or city. Two statements.
    """
    rows = Company.objects.all()
    if word := words.strip():
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(legal_name__icontains=word)
            | Q(nib__startswith=word)
            | Q(email__icontains=word)
            | Q(city__icontains=word)
        )
    order = ("registered_at", "id") if state == CompanyState.SUBMITTED else ("-registered_at", "id")
    return paged_by_state(rows.order_by(*order), _summary, state=state, page=page)


def company_view(company_id: UUID) -> CompanyView | None:
    """Return a company in full, or None; two statements."""
    row = Company.objects.filter(pk=company_id).first()
    if row is None:
        return None
    members = row.memberships.select_related("person").order_by("role", "person__email")
    return CompanyView(
        about=_summary(row),
        npwp=row.npwp,
        taxable=row.taxable,
        email=row.email,
        phone=row.phone,
        address_lines=(
            row.street,
            f"{row.village}, {row.district}",
            f"{row.city} {row.postal_code}",
            row.province,
        ),
        bank_name=row.bank_name,
        bank_account=row.bank_account,
        bank_holder=row.bank_holder,
        commission_bp=row.commission_bp,
        tier=row.tier,
        tier_label=str(row.get_tier_display()),
        decision_note=row.decision_note,
        approved_at=row.approved_at,
        members=tuple(MemberView(str(m.person), m.person.email, m.role) for m in members),
    )


def person_names(person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return what people are called: their names, or e-mail addresses where they gave none."""
    rows = Person.objects.filter(pk__in=set(person_ids))
    return {pk: name or email for pk, name, email in rows.values_list("id", "name", "email")}


def operators() -> dict[UUID, str]:
    """Return the operators' names; one statement."""
    rows = Person.objects.filter(is_staff=True, is_active=True).order_by("name", "email")
    return {pk: name or email for pk, name, email in rows.values_list("id", "name", "email")}


def company_names(company_ids: Iterable[UUID] | None = None) -> dict[UUID, str]:
    """Return companies' names, in their order; all when no ids are given. One statement."""
    rows = Company.objects.order_by("name", "id")
    if company_ids is not None:
        rows = rows.filter(pk__in=set(company_ids))
    return dict(rows.values_list("id", "name"))


def companies_waiting() -> int:
    """Return how many companies wait for the operator's decision."""
    return Company.objects.filter(state=CompanyState.SUBMITTED).count()


def _summary(row: Company) -> CompanySummary:
    return CompanySummary(
        company_id=row.id,
        name=row.name,
        legal_name=row.legal_name,
        slug=row.slug,
        city=row.city,
        nib=row.nib,
        state=row.state,
        label=str(row.get_state_display()),
        registered_at=row.registered_at,
    )
