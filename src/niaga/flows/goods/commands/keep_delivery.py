"""A seller says how it delivers: one price, weight by zone, or pick-up."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.utils.text import slugify

from niaga.flows.goods.models import DeliveryService, DeliveryZone
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command


@dataclass(eq=False)
class DeliveryCodeTaken(Refusal):
    """The seller has another service of (nearly) that name."""

    code: ClassVar[str] = "delivery_code_taken"
    name: str


@dataclass(eq=False)
class DeliveryUnknown(Refusal):
    """The seller has no such service."""

    code: ClassVar[str] = "delivery_unknown"
    service_id: UUID


@dataclass(frozen=True, slots=True)
class Zone:
    """Prices for a group of provinces; no provinces means everywhere else."""

    name: str
    provinces: tuple[str, ...]
    first_kg: Money
    extra_kg: Money
    days_min: int
    days_max: int


@dataclass(frozen=True, slots=True)
class DeliveryTerms:
    """A way to deliver; `flat` counts for kind `flat`, `zones` for `zone` and `own`."""

    name: str
    kind: str
    flat: Money
    days_min: int
    days_max: int
    position: int
    active: bool
    zones: tuple[Zone, ...]


@command
def keep_delivery(*, seller_id: UUID, terms: DeliveryTerms, service_id: UUID | None = None) -> UUID:
    """Write a delivery service, or rewrite the seller's `service_id`; return its id.

    The code of a known service stays: baskets speak of it. Orders keep what was agreed.

    Raises:
        DeliveryCodeTaken: another service has that name.
        DeliveryUnknown: `service_id` is not the seller's.
    """
    mine = DeliveryService.objects.select_for_update().filter(seller_id=seller_id)
    code = slugify(terms.name)[:30] or "kirim"
    others = mine.exclude(pk=service_id) if service_id else mine
    if any(row.name == terms.name or (not service_id and row.code == code) for row in others):
        raise DeliveryCodeTaken(terms.name)
    values = {
        "name": terms.name,
        "kind": terms.kind,
        "flat_minor": terms.flat.minor,
        "currency": terms.flat.currency,
        "days_min": terms.days_min,
        "days_max": terms.days_max,
        "position": terms.position,
        "active": terms.active,
    }
    if service_id is None:
        service_id = new_id()
        DeliveryService.objects.create(id=service_id, seller_id=seller_id, code=code, **values)
    elif not mine.filter(pk=service_id).update(**values):
        raise DeliveryUnknown(service_id)
    _write_zones(service_id, terms)
    return service_id


def _write_zones(service_id: UUID, terms: DeliveryTerms) -> None:
    DeliveryZone.objects.filter(service_id=service_id).delete()
    if terms.kind not in {DeliveryService.Kind.ZONE, DeliveryService.Kind.OWN}:
        return
    DeliveryZone.objects.bulk_create(
        DeliveryZone(
            id=new_id(),
            service_id=service_id,
            name=zone.name,
            provinces=list(zone.provinces),
            first_kg_minor=zone.first_kg.minor,
            extra_kg_minor=zone.extra_kg.minor,
            days_min=zone.days_min,
            days_max=zone.days_max,
        )
        for zone in terms.zones
    )
