"""A person says who they are and which language they read."""

from niaga.kernel.actor import Actor
from niaga.parties.identity import checked_npwp, checked_phone
from niaga.parties.models import Person
from niaga.plumbing.command import command


@command
def describe_person(
    *, actor: Actor, name: str, phone: str, language: str, tax_number: str = ""
) -> None:
    """Keep the actor's name, telephone and tax number (empty: none) and language.

    Raises:
        IdentityInvalid: the telephone number is not Indonesian, or the other no NPWP or NIK.
    """
    assert actor.person_id is not None, "guests have no profile"
    Person.objects.filter(pk=actor.person_id).update(
        name=name.strip(),
        phone=checked_phone(phone) if phone.strip() else "",
        tax_number=checked_npwp(tax_number, field="tax_number") if tax_number.strip() else "",
        language=language,
    )
