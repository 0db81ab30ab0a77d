"""A list of products as a page shows it: every choice in it is an address of its own."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from niaga.doors.look.page import page_number
from niaga.flows.information.lists import PRICE_BANDS_OPEN
from niaga.flows.information.results import Card, Facet, Filters, Listing

OPEN_FACETS = 4
DEFAULT_SORT = "most_sold"
SEARCH_SORT = "relevance"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks of a list; hashable, so that answers can be kept."""

    query: str
    filters: Filters
    sort: str
    page: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list lives: the page's path and the words searched for."""

    path: str
    query: str = ""

    def address(self, filters: Filters, sort: str = "", page: int = 1) -> str:
        """Return the address of the list with these choices; what is usual is left out."""
        pairs = [("q", self.query)] if self.query else []
        pairs += [(code, value) for code, values in filters.chosen for value in values]
        usual = SEARCH_SORT if self.query else DEFAULT_SORT
        pairs += [("sort", sort)] if sort not in ("", usual) else []
        pairs += [("page", str(page))] if page > 1 else []
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that changes the list; `count` says how many products it would leave."""

    label: str
    href: str
    chosen: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class FacetChoices:
    """A facet's links. `one` of them at most, or any number."""

    code: str
    name: str
    open: bool
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ListView:
    """A page of cards and all ways on from it.

    `held` are the hidden fields that a form keeps; `held_but_price` those of the price form.
    """

    cards: tuple[Card, ...]
    total: int
    page: int
    pages: int
    path: str
    chips: tuple[Choice, ...]
    clear: str
    facets: tuple[FacetChoices, ...]
    sorts: tuple[tuple[str, str, bool], ...]
    page_links: tuple[Choice | None, ...]
    previous: str
    next: str
    held: tuple[tuple[str, str], ...]
    held_but_price: tuple[tuple[str, str], ...]
    price_from: str
    price_to: str


def asked_of(request: HttpRequest) -> Asked:
    """Return what the address asks for; what makes no sense is left out."""
    pairs = [(name, value) for name in request.GET for value in request.GET.getlist(name)]
    return Asked(
        query=" ".join(request.GET.get("q", "").replace("\0", "").split())[:200],
        filters=Filters.of(pairs),
        sort=request.GET.get("sort", "")[:20],
        page=page_number(request),
    )


def list_view(listing: Listing, place: Place, *, hide: frozenset[str] = frozenset()) -> ListView:
    """Return the list with its links; facets in `hide` are not offered."""
    filters, sort = listing.filters, listing.sort
    held = tuple((code, value) for code, values in filters.chosen for value in values)
    held = ((("q", place.query),) if place.query else ()) + held
    own_price = next((v for v in filters.values("price") if v), "")
    low, _dash, high = own_price.partition("-")
    facets = tuple(f for f in listing.facets if f.code not in hide)
    usual = SEARCH_SORT if place.query else DEFAULT_SORT
    return ListView(
        cards=listing.cards,
        total=listing.total,
        page=listing.page,
        pages=listing.pages,
        path=place.path,
        chips=tuple(_chips(listing, place)),
        clear=place.address(Filters(), sort),
        facets=tuple(_facet(f, n, filters, sort, place) for n, f in enumerate(facets)),
        sorts=tuple(
            (code, label, code == sort)
            for code, label in _sorts().items()
            if code != SEARCH_SORT or place.query
        ),
        page_links=_page_links(listing, place),
        previous=place.address(filters, sort, listing.page - 1) if listing.page > 1 else "",
        next=place.address(filters, sort, listing.page + 1) if listing.page < listing.pages else "",
        held=held,
        held_but_price=(
            *((code, value) for code, value in held if code != "price"),
            *([("sort", sort)] if sort != usual else []),
        ),
        price_from=low,
        price_to=high,
    )


def _sorts() -> dict[str, str]:
    return {
        "relevance": _("Best match"),
        "most_sold": _("Most sold"),
        "newest": _("Newest"),
        "price_up": _("Lowest price"),
        "price_down": _("Highest price"),
        "best_rated": _("Best rated"),
    }


def changed(filters: Filters, code: str, values: tuple[str, ...]) -> Filters:
    """Return the filters with other values for one facet."""
    others = [(name, chosen) for name, chosen in filters.chosen if name != code]
    return Filters(tuple(sorted([*others, (code, tuple(sorted(values)))] if values else others)))


def _toggled(filters: Filters, facet: Facet, value: str) -> Filters:
    now = filters.values(facet.code)
    if value in now:
        return changed(filters, facet.code, tuple(v for v in now if v != value))
    return changed(filters, facet.code, (value,) if facet.kind == "one" else (*now, value))


def _facet(
    facet: Facet, place_in_row: int, filters: Filters, sort: str, place: Place
) -> FacetChoices:
    return FacetChoices(
        code=facet.code,
        name=facet.name,
        open=place_in_row < OPEN_FACETS or any(v.selected for v in facet.values),
        choices=tuple(
            Choice(
                v.label,
                place.address(_toggled(filters, facet, v.value), sort),
                chosen=v.selected,
                count=v.count,
            )
            for v in facet.values
            if facet.code != "price" or v.value in PRICE_BANDS_OPEN  # others stand in the form
        ),
    )


def _chips(listing: Listing, place: Place) -> list[Choice]:
    filters = listing.filters
    labels = {(f.code, v.value): v.label for f in listing.facets for v in f.values}
    return [
        Choice(
            labels.get((code, value), value),
            place.address(
                changed(filters, code, tuple(v for v in values if v != value)), listing.sort
            ),
        )
        for code, values in filters.chosen
        for value in values
    ]


def _page_links(listing: Listing, place: Place) -> tuple[Choice | None, ...]:
    """Return links to the pages near by, with None where a gap is."""
    if listing.pages == 1:
        return ()
    near = {1, listing.pages, listing.page - 1, listing.page, listing.page + 1}
    links: list[Choice | None] = []
    last = 0
    for n in sorted(n for n in near if 1 <= n <= listing.pages):
        if n > last + 1:
            links.append(None)
        href = place.address(listing.filters, listing.sort, n)
        links.append(Choice(str(n), href, chosen=n == listing.page))
        last = n
    return tuple(links)
