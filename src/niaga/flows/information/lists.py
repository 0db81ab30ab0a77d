"""One page of cards and its facets: two statements, however many products match.

Every facet's counts leave its own selection out: the statement marks, per product, which groups
of conditions it fails; a facet counts the products that fail none but its own.
"""

# ruff: noqa: S608 - the SQL is put together from this module's own texts; values are parameters

from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.utils.translation import gettext, override

from niaga.flows.information.catalogue import Shelf, TypedAttribute, shelves
from niaga.flows.information.results import (
    ATTRIBUTE,
    FACETS,
    PAGE_SIZE,
    Card,
    Facet,
    FacetValue,
    Filters,
    Listing,
)
from niaga.kernel.money import Money

CARD_COLUMNS = (
    "c.slug, c.name_id, c.name_en, c.picture, c.price_minor, c.price_max_minor, "
    "c.compare_at_minor, c.currency, c.rating_sum, c.rating_count, c.sold_count, "
    "c.seller_name, c.seller_slug, c.city, c.kind, c.in_stock"
)
ORDERS = {
    "newest": "c.listed_at DESC, c.product_id DESC",
    "price_up": "c.price_minor, c.product_id",
    "price_down": "c.price_minor DESC, c.product_id",
    "best_rated": (
        # A few stars count less than many: the mean is drawn towards 4 by five silent buyers.
        "(c.rating_sum + 20.0) / (c.rating_count + 5) DESC, c.sold_count DESC, c.product_id"
    ),
    "most_sold": "c.sold_count DESC, c.listed_at DESC, c.product_id",
}
PRICE_BANDS = ("-50000", "50000-100000", "100000-250000", "250000-500000", "500000-1000000")
PRICE_BANDS_OPEN = (*PRICE_BANDS, "1000000-")
MOST_VALUES = 15
DEEPEST_PAGE = 400


@dataclass(frozen=True, slots=True)
class Base:
    """What a list is drawn from: a condition on the card `c`, and what relevance means there.

    `tables` joins what `where` and `score` speak of (a search's terms); `score` is highest first.
    """

    where: str = "TRUE"
    where_params: tuple[Any, ...] = ()
    tables: str = ""
    tables_params: tuple[Any, ...] = ()
    score: str = ""
    score_params: tuple[Any, ...] = ()


@dataclass(slots=True)
class _Conditions:
    """The ticked filters as SQL, a group each."""

    codes: list[str] = field(default_factory=list)
    sql: list[str] = field(default_factory=list)
    params: list[list[Any]] = field(default_factory=list)

    def add(self, code: str, sql: str, *params: Any) -> None:
        self.codes.append(code)
        self.sql.append(sql)
        self.params.append(list(params))

    @property
    def where(self) -> str:
        return " AND ".join(f"({s})" for s in self.sql) or "TRUE"

    @property
    def flat(self) -> list[Any]:
        return [p for params in self.params for p in params]


def _conditions(filters: Filters) -> _Conditions:
    made = _Conditions()
    for code, values in filters.chosen:
        wanted = list(values)
        if code == "category":
            made.add(code, "c.category_paths && %s::varchar[]", wanted)
        elif code == "price":
            bounds = [b for b in map(price_bounds, wanted) if b]
            sql = " OR ".join("c.price_minor BETWEEN %s AND %s" for _ in bounds)
            made.add(code, sql or "TRUE", *(p for b in bounds for p in b))
        elif code in {"city", "kind"}:
            made.add(code, f"c.{code} = ANY(%s)", wanted)
        elif code == "seller":
            made.add(code, "c.seller_slug = ANY(%s)", wanted)
        elif code == "rating":
            least = min((int(v) for v in wanted if v in {"1", "2", "3", "4", "5"}), default=0)
            made.add(code, "c.rating_count > 0 AND c.rating_sum >= %s * c.rating_count", least)
        elif code == "stock":
            made.add(code, "c.in_stock")
        else:
            name = code.removeprefix(ATTRIBUTE)
            made.add(code, "c.facets && %s::varchar[]", [f"{name}={v}" for v in wanted])
    return made


def price_bounds(band: str) -> tuple[int, int] | None:
    """Return a `from-to` band of rupiah in minor units, both ends included, or None."""
    low, dash, high = band.partition("-")
    if not dash or not (low + high).isascii() or not (low + high).isdigit():
        return None
    least = int(low or 0) * 100
    most = int(high) * 100 if high else 10**17
    return (least, most) if len(low) < 15 and len(high) < 15 else None


def listing(
    base: Base,
    *,
    filters: Filters,
    sort: str,
    page: int,
    language: str,
    shelf: Shelf | None = None,
) -> Listing:
    """Return one page of `base` with facets (two statements); a page too far is the last one.

    `shelf` is the category whose attributes and sub-categories become facets.
    """
    ticked = _conditions(filters)
    counts = _count(base, ticked)
    total = counts.pop(("total", ""), ("", 0))[1]
    pages = max(1, min(-(-total // PAGE_SIZE), DEEPEST_PAGE))
    page = min(max(page, 1), pages)
    sort = sort if sort in ORDERS or (sort == "relevance" and base.score) else ""
    sort = sort or ("relevance" if base.score else "most_sold")
    found = _cards(base, ticked, sort, page, language) if total else ()
    with override(language):
        facets = _facets(counts, filters, shelf, language)
    return Listing(found, facets, filters, sort, total, page, pages)


def _cards(
    base: Base, ticked: _Conditions, sort: str, page: int, language: str
) -> tuple[Card, ...]:
    ranked = sort == "relevance"
    order = f"{base.score} DESC, c.sold_count DESC, c.product_id" if ranked else ORDERS[sort]
    return select_cards(
        f"FROM information_listingcard c {base.tables} "
        f"WHERE c.listed AND {base.where} AND {ticked.where} "
        f"ORDER BY {order} LIMIT {PAGE_SIZE} OFFSET {(page - 1) * PAGE_SIZE}",
        [
            *base.tables_params,
            *base.where_params,
            *ticked.flat,
            *(base.score_params if ranked else ()),
        ],
        language,
    )


def select_cards(tail: str, params: list[Any], language: str) -> tuple[Card, ...]:
    """Return the cards that `tail` (the statement from FROM on, cards as `c`) selects."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CARD_COLUMNS} {tail}", params)
        return tuple(card(row, language) for row in cursor.fetchall())


def card(row: tuple[Any, ...], language: str) -> Card:
    """Return the card of a row of CARD_COLUMNS."""
    (slug, name_id, name_en, picture, price, price_max, compare_at, currency, stars, reviews,
     sold, seller_name, seller_slug, city, kind, in_stock) = row  # fmt: skip
    return Card(
        slug=slug,
        name=(name_en if language == "en" else name_id) or name_id,
        picture=picture,
        price=Money(price, currency),
        price_from=price_max > price,
        compare_at=Money(compare_at, currency) if compare_at else None,
        rating=round(stars / reviews, 1) if reviews else None,
        review_count=reviews,
        sold_count=sold,
        seller_name=seller_name,
        seller_slug=seller_slug,
        city=city,
        kind=kind,
        in_stock=in_stock,
    )


type _Counts = dict[tuple[str, str], tuple[str, int]]  # (facet, value) -> (label, count)


def _count(base: Base, ticked: _Conditions) -> _Counts:
    """Count every facet's values and the total in one statement."""
    marks = "".join(f", ({sql}) IS NOT TRUE AS x{n}" for n, sql in enumerate(ticked.sql))
    fails = " + ".join(f"x{n}::int" for n in range(len(ticked.sql))) or "0"
    own = [c for c in ticked.codes if c.startswith(ATTRIBUTE)]
    names = [c.removeprefix(ATTRIBUTE) for c in own]
    attribute = "SELECT 'attr', facet, '', count(*) FROM marked, unnest(facets) facet"
    parts = [
        *_plain_counts(ticked),
        f"{attribute} WHERE fails = 0 AND split_part(facet, '=', 1) <> ALL(%s) GROUP BY facet",
        *(
            f"{attribute} WHERE {_fails_no_other(ticked, code)}"
            " AND split_part(facet, '=', 1) = %s GROUP BY facet"
            for code in own
        ),
    ]
    sql = (
        "WITH flagged AS MATERIALIZED (SELECT c.kind, c.city, c.seller_slug, c.seller_name, "
        "c.category_paths, c.price_minor, c.rating_sum, c.rating_count, c.in_stock, c.facets"
        f"{marks} FROM information_listingcard c {base.tables} WHERE c.listed AND {base.where}), "
        f"marked AS MATERIALIZED (SELECT *, {fails} AS fails FROM flagged) "
        + " UNION ALL ".join(parts)
    )
    params = [*ticked.flat, *base.tables_params, *base.where_params, names, *names]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {(code, value): (label, n) for code, value, label, n in cursor.fetchall()}


def _fails_no_other(ticked: _Conditions, code: str) -> str:
    """Return the condition that a product fails no group but, perhaps, that of the facet."""
    if code not in ticked.codes:
        return "fails = 0"
    return f"fails = x{ticked.codes.index(code)}::int"


def _plain_counts(ticked: _Conditions) -> list[str]:
    """Return the statements that count the facets every list has."""
    own = {code: _fails_no_other(ticked, code) for code in FACETS}
    bands = ", ".join(
        f"('{band}', {bounds[0]}, {bounds[1]})"
        for band in PRICE_BANDS_OPEN
        if (bounds := price_bounds(band))
    )
    counts = {
        "'total', '', ''": "marked WHERE fails = 0",
        "'kind', kind, ''": f"marked WHERE {own['kind']} GROUP BY kind",
        "'city', city, ''": f"marked WHERE {own['city']} GROUP BY city",
        "'seller', seller_slug, min(seller_name)": (
            f"marked WHERE {own['seller']} GROUP BY seller_slug"
        ),
        "'category', path, ''": (
            f"marked, unnest(category_paths) path WHERE {own['category']} GROUP BY path"
        ),
        "'price', band, ''": (
            f"marked JOIN (VALUES {bands}) b (band, low, high)"
            f" ON price_minor BETWEEN low AND high WHERE {own['price']} GROUP BY band"
        ),
        "'rating', least::text, ''": (
            "marked JOIN (VALUES (3), (4)) r (least) ON rating_count > 0"
            f" AND rating_sum >= least * rating_count WHERE {own['rating']} GROUP BY least"
        ),
        "'stock', '1', ''": f"marked WHERE in_stock AND {own['stock']}",
    }
    return [f"SELECT {what}, count(*) FROM {source}" for what, source in counts.items()]


def _facets(
    counts: _Counts, filters: Filters, shelf: Shelf | None, language: str
) -> tuple[Facet, ...]:
    known = shelves()
    labels = {
        "kind": {
            "goods": gettext("Goods"),
            "digital": gettext("Digital"),
            "service": gettext("Service"),
        },
        "price": {
            band: band_label(band)
            for band in (*PRICE_BANDS_OPEN, *filters.values("price"))
            if price_bounds(band)
        },
        "rating": {"3": gettext("3 stars and up"), "4": gettext("4 stars and up")},
        "stock": {"1": gettext("In stock")},
        "category": {p: s.name(language) for p, s in known.items()},
    }
    names = {
        "category": gettext("Category"),
        "price": gettext("Price"),
        "kind": gettext("Kind"),
        "city": gettext("Ships from"),
        "seller": gettext("Seller"),
        "rating": gettext("Rating"),
        "stock": gettext("Availability"),
    }
    found: list[Facet] = []
    for code, name in names.items():
        rows = {v: (label, n) for (facet, v), (label, n) in counts.items() if facet == code}
        if code == "category":
            rows = {p: row for p, row in rows.items() if _is_offered(p, filters, shelf)}
        for value in filters.values(code):
            rows.setdefault(value, ("", 0))
        values = _values(rows, labels.get(code, {}), filters.values(code))
        order = {"price": PRICE_BANDS_OPEN, "rating": ("4", "3"), "category": tuple(known)}
        if code in order:
            place = {v: n for n, v in enumerate(order[code])}
            values.sort(key=lambda v: place.get(v.value, -1))
        if values and (len(values) > 1 or code not in {"kind", "city", "seller"}):
            kinds = {"rating": "one", "category": "category"}
            found.append(Facet(code, name, kinds.get(code, "many"), tuple(values)))
    for attribute in shelf.attributes if shelf else ():
        if attribute.kind in {"choice", "boolean"}:
            found += _attribute_facet(attribute, counts, filters, language)
    return tuple(found)


def _is_offered(path: str, filters: Filters, shelf: Shelf | None) -> bool:
    """Say whether a category's tick box belongs on the page: one level below what is open."""
    parent = path.rpartition("/")[0]
    return parent == (shelf.path if shelf else "") or path in filters.values("category")


def _values(
    rows: dict[str, tuple[str, int]], labels: dict[str, str], chosen: tuple[str, ...]
) -> list[FacetValue]:
    values = [
        FacetValue(value, label or labels.get(value, value), n, value in chosen)
        for value, (label, n) in rows.items()
        if n or value in chosen
    ]
    values.sort(key=lambda v: (not v.selected, -v.count, v.label))
    return values[:MOST_VALUES]


def _attribute_facet(
    attribute: TypedAttribute, counts: _Counts, filters: Filters, language: str
) -> list[Facet]:
    code = ATTRIBUTE + attribute.code
    start = attribute.code + "="
    rows = {
        v.removeprefix(start): row
        for (facet, v), row in counts.items()
        if facet == "attr" and v.startswith(start)
    }
    chosen = filters.values(code)
    for value in chosen:
        rows.setdefault(value, ("", 0))
    labels = {c: attribute.label(c, language) for c, *_ in attribute.choices}
    if attribute.kind == "boolean":
        labels = {"true": gettext("Yes"), "false": gettext("No")}
    values = _values(rows, labels, chosen)
    return [Facet(code, attribute.name(language), "many", tuple(values))] if values else []


def band_label(band: str) -> str:
    """Return a price band in words of the active language."""
    low, _, high = band.partition("-")
    if low and high:
        return f"{_rupiah(low)} – {_rupiah(high)}"
    if high:
        return gettext("Up to {price}").format(price=_rupiah(high))
    return gettext("{price} and up").format(price=_rupiah(low))


def _rupiah(text: str) -> str:
    return f"Rp{int(text or 0):,}".replace(",", ".")
