"""What a person asks of their own address book."""

from dataclasses import dataclass
from uuid import UUID

from niaga.parties.models import Address


@dataclass(frozen=True, slots=True)
class AddressView:
    """An address of a person's book."""

    address_id: UUID
    label: str
    recipient: str
    phone: str
    street: str
    village: str
    district: str
    city: str
    province: str
    postal_code: str
    is_default: bool

    @property
    def lines(self) -> tuple[str, ...]:
        """The address as it is written below the recipient's name."""
        return (
            self.street,
            f"{self.village}, {self.district}",
            f"{self.city} {self.postal_code}",
            self.province,
        )


def addresses_of(person_id: UUID) -> tuple[AddressView, ...]:
    """Return a person's addresses, the default one first; one statement."""
    rows = Address.objects.filter(person_id=person_id)
    return tuple(_view(row) for row in rows.order_by("-is_default", "-created_at", "id"))


def address_of(person_id: UUID, address_id: UUID) -> AddressView | None:
    """Return one address of a person's book, or None; one statement."""
    row = Address.objects.filter(person_id=person_id, pk=address_id).first()
    return _view(row) if row else None


def _view(row: Address) -> AddressView:
    return AddressView(
        address_id=row.id,
        label=row.label,
        recipient=row.recipient,
        phone=row.phone,
        street=row.street,
        village=row.village,
        district=row.district,
        city=row.city,
        province=row.province,
        postal_code=row.postal_code,
        is_default=row.is_default,
    )
