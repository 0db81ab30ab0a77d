"""A company registers: its legal identity is checked and the operator is asked."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.utils.text import slugify

from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.parties.events import CompanyRegistered
from niaga.parties.identity import checked_nib, checked_npwp, checked_phone
from niaga.parties.models import Company, Membership
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record


@dataclass(eq=False)
class CompanyAlreadyRegistered(Refusal):
    """Another registration carries the same NIB."""

    code: ClassVar[str] = "company_already_registered"
    nib: str


@dataclass(frozen=True, slots=True)
class CompanyDetails:
    """What a company says of itself when it registers; all texts as typed."""

    name: str
    legal_name: str
    nib: str
    npwp: str
    taxable: bool
    email: str
    phone: str
    street: str
    village: str
    district: str
    city: str
    province: str
    postal_code: str
    bank_name: str
    bank_account: str
    bank_holder: str


@dataclass(frozen=True, slots=True)
class RegisteredCompany:
    """The new company, waiting for the operator."""

    company_id: UUID
    slug: str


@command
def register_company(*, actor: Actor, details: CompanyDetails) -> RegisteredCompany:
    """Register a company; the person behind `actor` becomes its owner.

    Raises:
        IdentityInvalid: NIB, NPWP or telephone number is not well formed.
        CompanyAlreadyRegistered: the NIB is taken.
    """
    assert actor.person_id is not None, "a company is registered by somebody who signed in"
    nib = checked_nib(details.nib)
    npwp = checked_npwp(details.npwp)
    phone = checked_phone(details.phone)
    if Company.objects.filter(nib=nib).exists():
        raise CompanyAlreadyRegistered(nib)
    company = Company.objects.create(
        id=new_id(),
        slug=_free_slug(details.name),
        name=details.name,
        legal_name=details.legal_name,
        nib=nib,
        npwp=npwp,
        taxable=details.taxable,
        email=details.email,
        phone=phone,
        street=details.street,
        village=details.village,
        district=details.district,
        city=details.city,
        province=details.province,
        postal_code=details.postal_code,
        bank_name=details.bank_name,
        bank_account=details.bank_account,
        bank_holder=details.bank_holder,
    )
    Membership.objects.create(
        person_id=actor.person_id, company=company, role=Membership.Role.OWNER
    )
    record(CompanyRegistered(subject_id=company.id, name=company.name), actor=actor)
    return RegisteredCompany(company.id, company.slug)


def _free_slug(name: str) -> str:
    base = slugify(name)[:50] or "toko"
    taken = set(Company.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{base}-{n}") not in taken)
