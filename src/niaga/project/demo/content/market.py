"""The demo market, read from the TOML files beside this module once a process."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from lokal import wilayah

from niaga.project.demo.content.family import Family, Line, build_product, read_family
from niaga.project.demo.content.schema import (
    Attribute,
    Buyer,
    Category,
    Company,
    DeliveryService,
    DeliveryZone,
    Location,
    Place,
    Product,
    Review,
)

REVIEWERS = (
    "Sari W.", "Andika P.", "Dewi L.", "Rizky A.", "Maria N.", "I Made W.", "Nur Aisyah",
    "Yohanes R.", "Fitri H.", "Bambang S.", "Thomas B.", "Putri Ayu", "Agus Salim", "Lina M.",
    "Joko T.", "Rahmat H.", "Siti K.", "Bayu N.", "Cindy T.", "Galih P.", "Hana S.", "Irfan M.",
    "Kartika D.", "Leo S.", "Mega R.", "Nadia F.", "Oki S.", "Ratih P.", "Surya D.", "Tari W.",
    "Umar F.", "Vina L.", "Wahyu E.", "Yuni A.", "Zaki R.", "Gede A.", "Emma C.", "Ucok S.",
    "Intan P.", "Reza K.",
)  # fmt: skip


def files() -> Traversable:
    """Return the folder of the content files."""
    return resources.files("niaga.project.demo.content")


def emoji_code(character: str) -> str:
    """Return an emoji's code points as its file is named, such as `1f336-fe0f`."""
    return "-".join(f"{ord(point):04x}" for point in character)


@cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files().joinpath(name).read_text(encoding="utf-8"))


@cache
def _place(street: str, village: str, postal_code: str) -> Place:
    for hit in wilayah.find_by_postal_code(postal_code):
        parts = [part.strip() for part in hit.path.split(",")]
        if parts[0] == village:
            return Place(street, parts[0], parts[1], parts[2], parts[3], postal_code)
    raise ValueError(f"{village} is not in {postal_code}")


@cache
def categories() -> tuple[Category, ...]:
    """Return every category, parents before children."""
    table = _table("categories.toml")
    return tuple(
        Category(
            path=path,
            name_id=row["names"][0],
            name_en=row["names"][1],
            emoji=emoji_code(row["emoji"]),
            colour=row["colour"],
            attributes=tuple(_attribute(code) for code in row["attributes"]),
        )
        for path, row in table["categories"].items()
    )


@cache
def _attribute(code: str) -> Attribute:
    row = _table("categories.toml")["attributes"][code]
    choices = []
    for text in row.get("choices", ()):
        value, name_id, name_en = text.split(":")
        choices.append((value, name_id, name_en))
    names = row["names"]
    return Attribute(code, names[0], names[1], row["kind"], row.get("unit"), tuple(choices))


@cache
def attributes_of(path: str) -> dict[str, Attribute]:
    """Return the attributes that hold on a shelf, its own and those of the shelves above."""
    return {
        attribute.code: attribute
        for category in categories()
        if path == category.path or path.startswith(f"{category.path}/")
        for attribute in category.attributes
    }


@cache
def companies() -> tuple[Company, ...]:
    """Return every seller; `kopi-nusantara` and `batik-laweyan` are the demo's log-ins."""
    return tuple(_company(dict(row)) for row in _table("companies.toml")["company"])


def _company(row: dict[str, Any]) -> Company:
    origin, instant = row.pop("origin"), tuple(row.pop("instant"))
    locations = tuple(
        Location(code, name, _place(street, village, postal_code))
        for code, name, street, village, postal_code in row.pop("locations")
    )
    return Company(
        **{
            **row,
            "place": _place(*row["place"]),
            "emoji": emoji_code(row["emoji"]),
            "props": tuple(emoji_code(prop) for prop in row["props"]),
        },
        locations=locations,
        delivery=_delivery(origin, instant, locations[0]),
    )


def _delivery(origin: str, instant: tuple[str, ...], shop: Location) -> tuple[DeliveryService, ...]:
    table = _table("delivery.toml")
    ways = [
        _by_zone(code, row, table["zones"], table["origins"][origin])
        for code, row in table["services"].items()
    ]
    if instant:
        ways.append(
            DeliveryService(
                "instan", "Kurir instan", "Instant courier", "flat", 35000, instant, 0, 1, ()
            )
        )
    ways.append(
        DeliveryService(
            "ambil",
            f"Ambil sendiri di {shop.name}",
            f"Pick up at {shop.name}",
            "pickup",
            0,
            (),
            0,
            1,
            (),
        )
    )
    return tuple(ways)


def _by_zone(
    code: str, row: dict[str, Any], zones: dict[str, Any], prices: dict[str, list[int]]
) -> DeliveryService:
    def scaled(amount: int) -> int:
        return -(-int(amount * row["factor"]) // 500) * 500

    built = tuple(
        DeliveryZone(
            code=name,
            name=zones[name]["name"],
            provinces=tuple(zones[name]["provinces"]),
            first_kg_idr=scaled(first),
            extra_kg_idr=scaled(extra),
            days_min=int(days_min * row["slower"]),
            days_max=int(days_max * row["slower"]),
        )
        for name, (first, extra, days_min, days_max) in prices.items()
    )
    return DeliveryService(
        code=code,
        name_id=row["name_id"],
        name_en=row["name_en"],
        kind="zone",
        price_idr=0,
        provinces=(),
        days_min=min(zone.days_min for zone in built),
        days_max=max(zone.days_max for zone in built),
        zones=built,
    )


@cache
def buyers() -> tuple[Buyer, ...]:
    """Return the buyers; the first one is the demo's log-in."""
    return tuple(
        Buyer(row["name"], row["email"], row["phone"], _place(*row["place"]))
        for row in _table("buyers.toml")["buyer"]
    )


@dataclass(frozen=True, slots=True)
class _Built:
    product: Product
    family: Family
    line: Line


@cache
def families() -> tuple[Family, ...]:
    """Return the product families in the order of the companies' files."""
    found = []
    for company in companies():
        path = files().joinpath("families", f"{company.slug}.toml")
        if not path.is_file():
            continue
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["family"]
        found += [read_family(company, row, number) for number, row in enumerate(rows)]
    return tuple(found)


@cache
def _built() -> tuple[_Built, ...]:
    return tuple(
        _Built(build_product(family, line, attributes_of(family.category)), family, line)
        for family in families()
        for line in family.lines
    )


@cache
def products() -> tuple[Product, ...]:
    """Return the handwritten products (more than 420), company by company."""
    return tuple(built.product for built in _built())


@cache
def reviews() -> tuple[Review, ...]:
    """Return two of three written reviews; an author never reviews the same product twice.

    Each brings an order with all its papers, and the demo must start in a minute.
    """
    found: list[Review] = []
    for built in _built():
        for number, stars, language, title, body in built.family.reviews:
            if number != built.line.number:
                continue
            author = REVIEWERS[len(found) * 7 % len(REVIEWERS)]
            found.append(Review(built.product.slug, stars, author, title, body, language))
    return tuple(review for n, review in enumerate(found) if n % 3)
