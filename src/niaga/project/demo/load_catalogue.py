"""Turns the demo's content into rows: companies through their commands, the rest in bulk."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import models

from niaga.flows.goods.models import (
    DeliveryService,
    DeliveryZone,
    DigitalFile,
    Location,
    Slot,
    StockLevel,
    StockMovement,
)
from niaga.flows.information.catalogue import forget_catalogue, shelves
from niaga.flows.information.descriptions import (
    ProductDescription,
    VariantDescription,
    checked_description,
)
from niaga.flows.information.models import Attribute, Category, Media, Product, Variant
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.parties.commands.decide_company import approve_company
from niaga.parties.commands.keep_address import PostalAddress, keep_address
from niaga.parties.commands.register_company import CompanyDetails, register_company
from niaga.parties.models import Company, Person
from niaga.project.demo.accounts import OPERATOR, PASSWORD
from niaga.project.demo.content import market
from niaga.project.demo.content import schema as content
from niaga.project.demo.pictures import (
    category_file,
    compose_all,
    picture_count,
    product_files,
    seller_files,
)
from niaga.stages.sharing.indexing import index_products
from niaga.stages.sharing.models import Offer

type Progress = Callable[[str, int, int], None]

HERE = ZoneInfo("Asia/Jakarta")
SLOT_DAYS = 21
BATCH = 2000


def load_catalogue(progress: Progress) -> int:
    """Load people, companies, shelves and handwritten products with stock, slots and files.

    Return how many products there are now. Run it inside a transaction, on an empty market.
    """
    chance = Random(2026)
    password = make_password(PASSWORD)  # slow by design, so once for everybody
    operator = _person(OPERATOR, "Operator Niaga", password, is_staff=True, is_superuser=True)
    _buyers(password)
    sellers = _companies(Actor("operator", operator.id), password, progress)
    load_shelves()
    rows = Rows()
    listed = market.products()
    for done, product in enumerate(listed, start=1):
        company_id, locations = sellers[product.company]
        add_product(rows, product, company_id, locations, _age(chance))
        if done % 50 == 0 or done == len(listed):
            progress("Products", done, len(listed))
    rows.write()
    _index([p.id for p in rows.products], progress)
    return len(listed)


def compose_pictures(progress: Progress) -> None:
    """Compose all pictures that the rows speak of, below MEDIA_ROOT."""
    compose_all(Path(settings.MEDIA_ROOT), lambda done, total: progress("Pictures", done, total))


def _age(chance: Random) -> datetime:
    """Return when a product was listed: within ten months, the newer the likelier."""
    return clock.now() - timedelta(minutes=int(300 * 1440 * chance.random() ** 1.6) + 60)


def _person(email: str, name: str, password: str, **more: bool | str) -> Person:
    person = Person.objects.create(id=new_id(), email=email, name=name, password=password, **more)
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


def _buyers(password: str) -> None:
    for buyer in market.buyers():
        language = "en" if buyer.email.startswith("thomas") else "id"
        person = _person(buyer.email, buyer.name, password, phone=buyer.phone, language=language)
        place = buyer.place
        keep_address(
            actor=Actor("buyer", person.id),
            label="Rumah",
            address=PostalAddress(
                recipient=buyer.name,
                phone=buyer.phone,
                street=place.street,
                village=place.village,
                district=place.district,
                city=place.city,
                province=place.province,
                postal_code=place.postal_code,
            ),
        )


type Sellers = dict[str, tuple[UUID, dict[str, UUID]]]  # slug -> company, its locations by code


def _companies(operator: Actor, password: str, progress: Progress) -> Sellers:
    found: Sellers = {}
    companies = market.companies()
    for done, said in enumerate(companies, start=1):
        long_ago = clock.now() - timedelta(days=330 - 3 * done)
        with clock.at(long_ago):
            company_id = _company(said, operator, password)
        found[said.slug] = (company_id, _locations(company_id, said))
        _deliveries(company_id, said)
        progress("Companies", done, len(companies))
    return found


def _company(said: content.Company, operator: Actor, password: str) -> UUID:
    owner = _person(said.owner_email, said.owner_name, password, phone=said.phone)
    place = said.place
    company_id = register_company(
        actor=Actor("seller", owner.id),
        details=CompanyDetails(
            name=said.name,
            legal_name=said.legal_name,
            nib=said.nib,
            npwp=said.npwp,
            taxable=said.taxable,
            email=said.email,
            phone=said.phone,
            street=place.street,
            village=place.village,
            district=place.district,
            city=place.city,
            province=place.province,
            postal_code=place.postal_code,
            bank_name=said.bank_name,
            bank_account=said.bank_account,
            bank_holder=said.legal_name,
        ),
    ).company_id
    logo, banner = seller_files(said.slug)
    Company.objects.filter(pk=company_id).update(
        slug=said.slug,
        logo=logo,
        banner=banner,
        tagline_id=said.tagline_id,
        tagline_en=said.tagline_en,
        story_id=said.story_id,
        story_en=said.story_en,
        colour=said.colour,
    )
    with clock.at(clock.now() + timedelta(days=1)):
        approve_company(actor=operator, company_id=company_id)
    return company_id


def _locations(company_id: UUID, said: content.Company) -> dict[str, UUID]:
    made = {
        place.code: Location(
            id=new_id(),
            seller_id=company_id,
            name=place.name,
            city=place.place.city,
            province=place.place.province,
            postal_code=place.place.postal_code,
            priority=priority,
        )
        for priority, place in enumerate(said.locations, start=1)
    }
    Location.objects.bulk_create(made.values())
    return {code: location.id for code, location in made.items()}


def _deliveries(company_id: UUID, said: content.Company) -> None:
    services, zones = [], []
    for position, way in enumerate(said.delivery, start=1):
        # A flat price for some provinces only is a zone without a price for more weight.
        limited = way.kind == "flat" and way.provinces
        service = DeliveryService(
            id=new_id(),
            seller_id=company_id,
            code=way.code,
            name=way.name_id[:60],
            kind="zone" if limited else way.kind,
            flat_minor=0 if limited else Money.of(way.price_idr).minor,
            days_min=way.days_min,
            days_max=way.days_max,
            position=position,
        )
        services.append(service)
        if limited:
            zones.append(_zone(service, way.name_id, way.provinces, way.price_idr, 0, way))
        zones += [
            _zone(service, z.name, z.provinces, z.first_kg_idr, z.extra_kg_idr, z)
            for z in way.zones
        ]
    DeliveryService.objects.bulk_create(services)
    DeliveryZone.objects.bulk_create(zones)


def _zone(
    service: DeliveryService,
    name: str,
    provinces: tuple[str, ...],
    first_idr: int,
    extra_idr: int,
    days: content.DeliveryZone | content.DeliveryService,
) -> DeliveryZone:
    return DeliveryZone(
        id=new_id(),
        service=service,
        name=name[:60],
        provinces=list(provinces),
        first_kg_minor=Money.of(first_idr).minor,
        extra_kg_minor=Money.of(extra_idr).minor,
        days_min=days.days_min,
        days_max=days.days_max,
    )


def load_shelves() -> None:
    """Write the categories and their attributes."""
    by_path: dict[str, Category] = {}
    attributes = []
    for position, said in enumerate(market.categories(), start=1):
        parent = said.path.rpartition("/")[0]
        category = Category(
            id=new_id(),
            path=said.path,
            parent=by_path.get(parent),
            name_id=said.name_id,
            name_en=said.name_en,
            picture=category_file(said.path),
            position=position,
        )
        by_path[said.path] = category
        attributes += [
            Attribute(
                id=new_id(),
                category=category,
                code=a.code,
                name_id=a.name_id,
                name_en=a.name_en,
                kind=a.kind,
                unit=a.unit or "",
                choices=[list(c) for c in a.choices],
                position=place,
            )
            for place, a in enumerate(said.attributes, start=1)
        ]
    Category.objects.bulk_create(by_path.values())
    Attribute.objects.bulk_create(attributes)
    forget_catalogue()


class Rows:
    """Rows of the catalogue on their way into the database, in bulk."""

    def __init__(self) -> None:
        self.products: list[Product] = []
        self.variants: list[Variant] = []
        self.offers: list[Offer] = []
        self.media: list[Media] = []
        self.levels: list[StockLevel] = []
        self.movements: list[StockMovement] = []
        self.slots: list[Slot] = []
        self.files: list[DigitalFile] = []

    def write(self) -> None:
        """Insert all, batch by batch."""
        for model, rows in self._tables():
            model._default_manager.bulk_create(rows, batch_size=BATCH)  # noqa: SLF001

    def _tables(self) -> Iterator[tuple[type[models.Model], Sequence[models.Model]]]:
        yield Product, self.products
        yield Variant, self.variants
        yield Offer, self.offers
        yield Media, self.media
        yield StockLevel, self.levels
        yield StockMovement, self.movements
        yield Slot, self.slots
        yield DigitalFile, self.files


def add_product(
    rows: Rows,
    said: content.Product,
    company_id: UUID,
    locations: dict[str, UUID],
    listed_at: datetime,
) -> None:
    """Add a product of the content with all that hangs on it; it must keep the sellers' rules."""
    checked = _checked(said)
    product = Product(
        id=new_id(),
        seller_id=company_id,
        category_id=shelves()[said.category].id,
        slug=said.slug,
        kind=said.kind,
        name_id=checked.name_id,
        name_en=checked.name_en,
        description_id=checked.description_id,
        description_en=checked.description_en,
        brand=checked.brand,
        tags=list(checked.tags),
        attributes=dict(checked.attributes),
        state=Product.State.PUBLISHED,
        created_at=listed_at,
        updated_at=listed_at,
    )
    rows.products.append(product)
    rows.media += _media(said, product)
    for position, (variant, form) in enumerate(
        zip(said.variants, checked.variants, strict=True), start=1
    ):
        row = Variant(
            id=new_id(),
            product=product,
            seller_id=company_id,
            sku=form.sku,
            options=dict(form.options),
            gtin=form.gtin,
            weight_g=form.weight_g,
            position=position,
        )
        rows.variants.append(row)
        rows.offers.append(_offer(said, variant, row))
        for code, quantity in variant.stock.items():
            add_stock(rows, row, locations[code], quantity, listed_at)
        if said.slots:
            rows.slots += slots_of(said.slots, row.id, company_id)
        if said.file:
            rows.files.append(_file(said.file, said.slug, row))


def _checked(said: content.Product) -> ProductDescription:
    return checked_description(
        ProductDescription(
            category_path=said.category,
            kind=said.kind,
            name_id=said.name_id,
            name_en=said.name_en,
            description_id=said.description_id,
            description_en=said.description_en,
            brand=said.brand,
            tags=said.tags,
            attributes=said.attributes,
            variants=tuple(
                VariantDescription(v.sku, dict(v.options), v.gtin or "", v.weight_g)
                for v in said.variants
            ),
        )
    )


def _offer(said: content.Product, variant: content.Variant, row: Variant) -> Offer:
    before = variant.compare_at_idr
    return Offer(
        variant=row,
        seller_id=row.seller_id,
        price_minor=Money.of(variant.price_idr).minor,
        compare_at_minor=Money.of(before).minor if before else None,
        tax=said.tax,
    )


def _media(said: content.Product, product: Product) -> Iterator[Media]:
    for number in range(picture_count(said)):
        full, card = product_files(said.slug, number)
        yield Media(
            id=new_id(),
            product=product,
            file=full,
            thumbnail=card,
            alt=said.name_id,
            position=number + 1,
        )


def add_stock(
    rows: Rows, variant: Variant, location_id: UUID, quantity: int, moved_at: datetime
) -> None:
    """Add a level and the receipt that made it."""
    rows.levels.append(
        StockLevel(
            id=new_id(),
            sku_id=variant.id,
            location_id=location_id,
            seller_id=variant.seller_id,
            on_hand=quantity,
        )
    )
    if quantity:
        rows.movements.append(
            StockMovement(
                id=new_id(),
                sku_id=variant.id,
                location_id=location_id,
                kind=StockMovement.Kind.RECEIVED,
                quantity=quantity,
                reason="Stok awal",
                moved_at=moved_at,
            )
        )


def slots_of(said: content.Slots, sku_id: UUID, seller_id: UUID) -> Iterable[Slot]:
    """Yield the bookable times of the next three weeks, from tomorrow on."""
    today = clock.now().astimezone(HERE).date()
    opens, closes = (datetime.strptime(t, "%H:%M").time() for t in (said.opens, said.closes))  # noqa: DTZ007 - a time of day
    length = timedelta(minutes=said.duration_min)
    for ahead in range(1, SLOT_DAYS + 1):
        day = today + timedelta(days=ahead)
        if day.weekday() not in said.weekdays:
            continue
        start = datetime.combine(day, opens, HERE)
        end = datetime.combine(day, closes, HERE)
        while start + length <= end:
            yield Slot(
                id=new_id(),
                sku_id=sku_id,
                seller_id=seller_id,
                starts_at=start.astimezone(UTC),
                ends_at=(start + length).astimezone(UTC),
                busy_until=(start + length).astimezone(UTC),
                capacity=said.capacity,
            )
            start += length


def _file(said: content.DigitalFile, slug: str, variant: Variant) -> DigitalFile:
    body = said.text.encode()
    path = storages["private"].save(f"digital/{slug}/{said.file_name}", ContentFile(body))
    return DigitalFile(
        id=new_id(),
        sku_id=variant.id,
        seller_id=variant.seller_id,
        name=said.file_name,
        path=path,
        size_bytes=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
    )


def _index(product_ids: list[UUID], progress: Progress) -> None:
    index_products(product_ids)
    progress("Search index", len(product_ids), len(product_ids))
