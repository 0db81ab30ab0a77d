"""A company dresses its shopfront, and says how it is reached and paid."""

from dataclasses import asdict, dataclass
from uuid import UUID

from niaga.kernel.actor import Actor
from niaga.parties.events import BankAccountChanged, CompanyDescribed
from niaga.parties.identity import checked_phone
from niaga.parties.models import Company
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record


@dataclass(frozen=True, slots=True)
class Shopfront:
    """What the shop's page says, in two languages; `colour` is #rrggbb."""

    tagline_id: str
    tagline_en: str
    story_id: str
    story_en: str
    colour: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where the company is paid."""

    bank_name: str
    bank_account: str
    bank_holder: str


@command
def describe_company(*, actor: Actor, company_id: UUID, front: Shopfront) -> None:
    """Rewrite the shopfront's words, colour and contact.

    Raises:
        IdentityInvalid: the telephone number is not Indonesian.
    """
    said = {**asdict(front), "phone": checked_phone(front.phone)}
    Company.objects.filter(pk=company_id).update(**said)
    record(CompanyDescribed(subject_id=company_id), actor=actor)


@command
def hang_picture(*, actor: Actor, company_id: UUID, place: str, path: str) -> str:
    """Show the picture at `path` (below MEDIA_ROOT, or empty for none) as `logo` or `banner`.

    Return the path of the one that hung there, for the caller to delete.
    """
    assert place in {"logo", "banner"}, "a shopfront has two places for pictures"
    before: str = Company.objects.values_list(place, flat=True).get(pk=company_id)
    Company.objects.filter(pk=company_id).update(**{place: path})
    record(CompanyDescribed(subject_id=company_id), actor=actor)
    return before


@command
def change_bank_account(*, actor: Actor, company_id: UUID, account: BankAccount) -> None:
    """Pay the company elsewhere from the next payout on."""
    Company.objects.filter(pk=company_id).update(**asdict(account))
    record(BankAccountChanged(subject_id=company_id), actor=actor)
