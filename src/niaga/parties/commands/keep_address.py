"""A person keeps, changes and forgets addresses."""

from dataclasses import asdict, dataclass
from uuid import UUID

from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.parties.identity import checked_phone
from niaga.parties.models import Address
from niaga.plumbing.command import command


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Where something goes: a recipient and an address in Indonesia's administrative words."""

    recipient: str
    phone: str
    street: str
    village: str
    district: str
    city: str
    province: str
    postal_code: str


@command
def keep_address(
    *,
    actor: Actor,
    address: PostalAddress,
    label: str = "",
    address_id: UUID | None = None,
    make_default: bool = False,
) -> UUID:
    """Write an address into the actor's book (a known `address_id` is replaced).

    The first address of a book is its default. Raises:
        IdentityInvalid: the telephone number is not Indonesian.
    """
    assert actor.person_id is not None, "guests have no address book"
    phone = checked_phone(address.phone)
    mine = Address.objects.filter(person_id=actor.person_id)
    others = mine.exclude(pk=address_id) if address_id else mine
    default = make_default or not others.filter(is_default=True).exists()
    if default:
        mine.update(is_default=False)
    values = {**asdict(address), "phone": phone, "label": label, "is_default": default}
    if address_id and mine.filter(pk=address_id).update(**values):
        return address_id
    return Address.objects.create(id=new_id(), person_id=actor.person_id, **values).id


@command
def forget_address(*, actor: Actor, address_id: UUID) -> None:
    """Take an address out of the actor's book; orders keep their own copy."""
    assert actor.person_id is not None, "guests have no address book"
    Address.objects.filter(person_id=actor.person_id, pk=address_id).delete()
    mine = Address.objects.filter(person_id=actor.person_id)
    if not mine.filter(is_default=True).exists() and (next_one := mine.first()):
        mine.filter(pk=next_one.pk).update(is_default=True)
