"""What delivery costs: flat, by weight and zone, or nothing for pick-up."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from niaga.flows.goods.models import DeliveryService
from niaga.kernel.money import Money
from niaga.plumbing.writes import prepared_cursor

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


@dataclass(frozen=True, slots=True)
class _Zone:
    provinces: list[str]
    first_kg_minor: int
    extra_kg_minor: int
    days: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Service:
    code: str
    name: str
    kind: str
    flat_minor: int
    currency: str
    days: tuple[int, int]
    zones: list[_Zone] = field(default_factory=list)


_SERVICES = """
    SELECT s.seller_id, s.id, s.code, s.name, s.kind, s.flat_minor, s.currency, s.days_min,
           s.days_max, z.provinces, z.first_kg_minor, z.extra_kg_minor, z.days_min, z.days_max
      FROM goods_deliveryservice s
      LEFT JOIN goods_deliveryzone z ON z.service_id = s.id
           AND (%(province)s::text IS NULL OR %(province)s = ANY(z.provinces)
                OR cardinality(z.provinces) = 0)
     WHERE s.seller_id = ANY(%(sellers)s::uuid[]) AND s.active
     ORDER BY s.seller_id, s.position, s.name, s.id, cardinality(z.provinces) = 0, z.id
"""


def _services(
    seller_ids: Collection[UUID], province: str | None = None
) -> dict[UUID, list[_Service]]:
    """Return the sellers' services in their order; a zone for everywhere else comes last.

    With a province, only the zones that reach it.
    """
    sellers = "{" + ",".join(sorted(map(str, set(seller_ids)))) + "}"
    with prepared_cursor() as cursor:
        cursor.execute(_SERVICES, {"sellers": sellers, "province": province})
        rows = cursor.fetchall()
    by_seller: dict[UUID, dict[UUID, _Service]] = defaultdict(dict)
    for seller_id, service_id, code, name, kind, flat_minor, currency, *rest in rows:
        services = by_seller[seller_id]
        days_min, days_max, provinces, first_minor, extra_minor, *zone_days = rest
        if service_id not in services:
            days = (days_min, days_max)
            services[service_id] = _Service(code, name, kind, flat_minor, currency, days)
        if provinces is not None:
            zone = _Zone(provinces, first_minor, extra_minor, (zone_days[0], zone_days[1]))
            services[service_id].zones.append(zone)
    return {seller_id: list(services.values()) for seller_id, services in by_seller.items()}


def delivery_quotes(parcels: Collection[Parcel]) -> dict[UUID, tuple[DeliveryQuote, ...]]:
    """Return each seller's quotes in the seller's order; one statement for any number.

    A started kilogram counts as a whole one. A zone service that does not reach the province
    makes no quote; without a province only flat and pick-up services do.
    """
    provinces = {parcel.province for parcel in parcels}
    [only] = provinces if len(provinces) == 1 else [None]
    services = _services([parcel.seller_id for parcel in parcels], only)
    return {
        parcel.seller_id: tuple(
            quote
            for service in services.get(parcel.seller_id, ())
            if (quote := _quote(service, parcel))
        )
        for parcel in parcels
    }


def cheapest_delivery(seller_id: UUID, weight_g: int) -> DeliveryQuote | None:
    """Return the least a seller takes to send such a parcel anywhere; None without a courier.

    A hint for a product's page, where nobody has said yet where it goes; one statement.
    """
    quotes = []
    for service in _services([seller_id]).get(seller_id, ()):
        if service.kind == DeliveryService.Kind.PICKUP:
            continue
        places = {p for zone in service.zones for p in (zone.provinces or [ANYWHERE])}
        for place in places or {ANYWHERE}:
            quote = _quote(service, Parcel(seller_id, weight_g, place))
            quotes += [quote] if quote else []
    return min(quotes, key=lambda quote: quote.price.minor, default=None)


def _quote(service: _Service, parcel: Parcel) -> DeliveryQuote | None:
    minor, days = service.flat_minor, service.days
    if service.kind == DeliveryService.Kind.PICKUP:
        minor = 0
    if service.kind in {DeliveryService.Kind.ZONE, DeliveryService.Kind.OWN}:
        province = parcel.province
        zone = next((z for z in service.zones if province and _reaches(z, province)), None)
        if zone is None:
            return None
        whole_kg = max(1, -(-parcel.weight_g // 1000))
        minor = zone.first_kg_minor + (whole_kg - 1) * zone.extra_kg_minor
        days = zone.days
    price = Money(minor, service.currency)
    return DeliveryQuote(service.code, service.name, service.kind, price, *days)


def _reaches(zone: _Zone, province: str) -> bool:
    return not zone.provinces or province in zone.provinces
