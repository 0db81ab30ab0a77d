"""What the catalogue's queries answer: frozen values, ready for a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from niaga.flows.information.text import clean
from niaga.kernel.money import Money

PAGE_SIZE = 24
SORTS = ("relevance", "newest", "price_up", "price_down", "best_rated", "most_sold")
FACETS = ("category", "price", "city", "seller", "kind", "rating", "stock")
ATTRIBUTE = "attr."


@dataclass(frozen=True, slots=True)
class Filters:
    """What the buyer ticked: facet code -> chosen values, hashable.

    Codes are those of the facets (`category`, `price`, `city`, `seller`, `kind`, `rating`,
    `stock`, `attr.<code>`), which are also the names of the page's form fields. A price value
    is `from-to` in rupiah, either side may be empty.
    """

    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """Return the filters among a query string's (name, value) pairs; others are ignored.

        `price_min` and `price_max` (rupiah, as typed) make one price value.
        """
        found: dict[str, list[str]] = {}
        low = high = ""
        for name, value in pairs:
            name, text = clean(name), clean(value).strip()[:120]  # noqa: PLW2901
            if name == "price_min":
                low = _digits(text)
            elif name == "price_max":
                high = _digits(text)
            elif text and (name in FACETS or name.startswith(ATTRIBUTE)):
                values = found.setdefault(name[:60], [])
                if text not in values and len(values) < 30:
                    values.append(text)
        if low or high:
            found.setdefault("price", []).append(f"{low}-{high}")
        return cls(tuple(sorted((name, tuple(sorted(v))) for name, v in found.items())))

    def values(self, code: str) -> tuple[str, ...]:
        """Return the values chosen of one facet."""
        return dict(self.chosen).get(code, ())

    def __bool__(self) -> bool:
        return bool(self.chosen)


def _digits(text: str) -> str:
    return "".join(c for c in text if c in "0123456789")[:13]


@dataclass(frozen=True, slots=True)
class Card:
    """A product in a list. `picture` is a path below MEDIA_URL, empty without one."""

    slug: str
    name: str
    picture: str
    price: Money
    price_from: bool
    compare_at: Money | None
    rating: float | None
    review_count: int
    sold_count: int
    seller_name: str
    seller_slug: str
    city: str
    kind: str
    in_stock: bool


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One tick box: how many results it would leave."""

    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A group of tick boxes; `code` is the form field's name.

    Its own selection does not narrow its own counts.
    """

    code: str
    name: str
    kind: str  # "many": any of the values; "one": at most one; "category": links downwards
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step on the way down to the page."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of cards with its facets."""

    cards: tuple[Card, ...]
    facets: tuple[Facet, ...]
    filters: Filters
    sort: str
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class CategoryNode:
    """A shelf in the tree; `count` is how many products lie on it and below."""

    path: str
    name: str
    picture: str
    count: int
    children: tuple["CategoryNode", ...]


@dataclass(frozen=True, slots=True)
class CategoryPage:
    """A shelf: where it is, what is below it, what lies on it."""

    path: str
    name: str
    breadcrumbs: tuple[Crumb, ...]
    children: tuple[CategoryNode, ...]
    listing: Listing


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The answer to a search. `did_you_mean` is a better spelling the cards were found with."""

    query: str
    did_you_mean: str | None
    listing: Listing


@dataclass(frozen=True, slots=True)
class SellerSummary:
    """Who sells: enough for a page's corner. Pictures are paths below MEDIA_URL."""

    slug: str
    name: str
    tagline: str
    city: str
    province: str
    colour: str
    logo: str
    banner: str
    product_count: int
    rating: float | None
    review_count: int
    sold_count: int


@dataclass(frozen=True, slots=True)
class SellerPage:
    """A seller's shopfront."""

    seller: SellerSummary
    legal_name: str
    story: str
    since_year: int
    listing: Listing


@dataclass(frozen=True, slots=True)
class HomePage:
    """The front page."""

    categories: tuple[CategoryNode, ...]
    newest: tuple[Card, ...]
    most_sold: tuple[Card, ...]
    services: tuple[Card, ...]
    bargains: tuple[Card, ...]
    sellers: tuple[SellerSummary, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A line below the search field: a product, a category or a seller to go to."""

    kind: str  # "product", "category" or "seller"
    text: str
    key: str  # the product's slug, the category's path or the seller's slug
