"""What delivery costs: flat, by weight and zone, or nothing for pick-up."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from niaga.flows.goods.models import DeliveryService
from niaga.kernel.money import Money

ANYWHERE = "*"  # a province that only a zone without provinces reaches


@dataclass(frozen=True, slots=True)
class DeliveryQuote:
    """One way to deliver a parcel: what it costs and how long it takes (days)."""

    code: str
    name: str
    kind: str
    price: Money
    days_min: int
    days_max: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to be quoted: the seller, the weight (g), where it goes (None: not known yet)."""

    seller_id: UUID
    weight_g: int
    province: str | None


def delivery_quotes(parcels: Collection[Parcel]) -> dict[UUID, tuple[DeliveryQuote, ...]]:
    """Return each seller's quotes in the seller's order; two statements for any number.

    A started kilogram counts as a whole one. A zone service that does not reach the province
    makes no quote; without a province only flat and pick-up services do.
    """
    services = DeliveryService.objects.filter(
        seller_id__in=[p.seller_id for p in parcels], active=True
    ).order_by("seller_id", "position", "name")
    by_seller: dict[UUID, list[DeliveryService]] = defaultdict(list)
    for service in services.prefetch_related("zones"):
        by_seller[service.seller_id].append(service)
    return {
        parcel.seller_id: tuple(
            quote for service in by_seller[parcel.seller_id] if (quote := _quote(service, parcel))
        )
        for parcel in parcels
    }


def cheapest_delivery(seller_id: UUID, weight_g: int) -> DeliveryQuote | None:
    """Return the least a seller takes to send such a parcel anywhere; None without a courier.

    A hint for a product's page, where nobody has said yet where it goes; two statements.
    """
    services = DeliveryService.objects.filter(seller_id=seller_id, active=True)
    quotes = []
    for service in services.exclude(kind=DeliveryService.Kind.PICKUP).prefetch_related("zones"):
        places = {p for zone in service.zones.all() for p in (zone.provinces or [ANYWHERE])}
        for place in places or {ANYWHERE}:
            quote = _quote(service, Parcel(seller_id, weight_g, place))
            quotes += [quote] if quote else []
    return min(quotes, key=lambda quote: quote.price.minor, default=None)


def _quote(service: DeliveryService, parcel: Parcel) -> DeliveryQuote | None:
    minor, days = service.flat_minor, (service.days_min, service.days_max)
    if service.kind == DeliveryService.Kind.PICKUP:
        minor = 0
    if service.kind == DeliveryService.Kind.ZONE:
        zones = sorted(service.zones.all(), key=lambda zone: not zone.provinces)
        zone = next(
            (z for z in zones if parcel.province and _reaches(z.provinces, parcel.province)), None
        )
        if zone is None:
            return None
        whole_kg = max(1, -(-parcel.weight_g // 1000))
        minor = zone.first_kg_minor + (whole_kg - 1) * zone.extra_kg_minor
        days = (zone.days_min, zone.days_max)
    price = Money(minor, service.currency)
    return DeliveryQuote(service.code, service.name, service.kind, price, *days)


def _reaches(provinces: list[str], province: str) -> bool:
    return not provinces or province in provinces
