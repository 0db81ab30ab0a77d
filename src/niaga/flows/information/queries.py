"""The catalogue's pages: category, search, seller, front page. At most four statements each."""

from django.db import connection

from niaga.flows.information.catalogue import (
    Shelf,
    ancestry,
    kept_by_version,
    shelves,
)
from niaga.flows.information.lists import Base, listing, select_cards
from niaga.flows.information.results import (
    Card,
    CategoryNode,
    CategoryPage,
    Crumb,
    Filters,
    HomePage,
    SearchPage,
    SellerPage,
    SellerSummary,
    Suggestion,
)
from niaga.flows.information.search import search_base, spelled, words
from niaga.flows.information.text import clean
from niaga.parties.models import Company
from niaga.parties.states import CompanyState
from niaga.plumbing.paging import Page, paged

NO_FILTERS = Filters()
SELLERS_A_PAGE = 24


@kept_by_version
def category_tree(language: str) -> tuple[CategoryNode, ...]:
    """Return all shelves as a tree, with counts."""
    known = shelves()
    counts = _shelf_counts()
    below: dict[str, list[Shelf]] = {}
    for shelf in known.values():
        below.setdefault(shelf.parent_path, []).append(shelf)

    def nodes(path: str) -> tuple[CategoryNode, ...]:
        return tuple(
            CategoryNode(
                path=s.path,
                name=s.name(language),
                picture=s.picture,
                count=counts.get(s.path, 0),
                children=nodes(s.path),
            )
            for s in below.get(path, ())
        )

    return nodes("")


@kept_by_version
def _shelf_counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT path, count(*) FROM information_listingcard, unnest(category_paths) path "
            "WHERE listed GROUP BY path"
        )
        return dict(cursor.fetchall())


def breadcrumbs(path: str, language: str) -> tuple[Crumb, ...]:
    """Return the steps from the top down to the shelf at `path`, itself included."""
    known = shelves()
    return tuple(Crumb(p, known[p].name(language)) for p in ancestry(path) if p in known)


@kept_by_version
def category_page(
    path: str, *, filters: Filters, sort: str, page: int, language: str
) -> CategoryPage | None:
    """Return a shelf's page, or None when there is no such shelf."""
    shelf = shelves().get(path)
    if shelf is None:
        return None
    base = Base("c.category_paths @> ARRAY[%s]::varchar[]", (path,))
    nodes = category_tree(language)
    for step in ancestry(path):
        nodes = next(n for n in nodes if n.path == step).children
    return CategoryPage(
        path=path,
        name=shelf.name(language),
        breadcrumbs=breadcrumbs(path, language),
        children=nodes,
        listing=listing(
            base, filters=filters, sort=sort, page=page, language=language, shelf=shelf
        ),
    )


@kept_by_version
def search_page(query: str, *, filters: Filters, sort: str, page: int, language: str) -> SearchPage:
    """Return what `query` finds; an empty query lists everything.

    Where nothing matches, the nearest spelling is searched and named in `did_you_mean`.
    """
    query = " ".join(clean(query).split())[:200]
    shelf = _one_shelf(filters)
    base = search_base(query)
    if base is None:
        everything = Base() if not query else Base("FALSE")
        return SearchPage(
            query,
            None,
            listing(
                everything, filters=filters, sort=sort, page=page, language=language, shelf=shelf
            ),
        )
    found = listing(base, filters=filters, sort=sort, page=page, language=language, shelf=shelf)
    if found.total or filters:
        return SearchPage(query, None, found)
    better = spelled(query)
    other = search_base(better) if better else None
    if other is None:
        return SearchPage(query, None, found)
    found = listing(other, filters=filters, sort=sort, page=page, language=language, shelf=shelf)
    return SearchPage(query, better, found)


def _one_shelf(filters: Filters) -> Shelf | None:
    chosen = filters.values("category")
    return shelves().get(chosen[0]) if len(chosen) == 1 else None


@kept_by_version
def seller_page(
    slug: str, *, filters: Filters, sort: str, page: int, language: str
) -> SellerPage | None:
    """Return a seller's shopfront, or None when no approved seller has that slug."""
    company = Company.objects.filter(slug=clean(slug), state=CompanyState.APPROVED).first()
    if company is None:
        return None
    summary = seller_summaries([company], language)[0]
    return SellerPage(
        seller=summary,
        legal_name=company.legal_name,
        story=(company.story_en if language == "en" else company.story_id) or company.story_id,
        since_year=(company.approved_at or company.registered_at).year,
        listing=listing(
            Base("c.seller_id = %s", (company.id,)),
            filters=filters,
            sort=sort or "most_sold",
            page=page,
            language=language,
        ),
    )


@kept_by_version
def sellers_page(*, page: int, language: str) -> Page[SellerSummary]:
    """Return a page of who sells, those let in first coming first (three statements)."""
    rows = Company.objects.filter(state=CompanyState.APPROVED).order_by("approved_at", "id")
    found = paged(rows, lambda company: company, page=page, size=SELLERS_A_PAGE)
    return Page(seller_summaries(list(found.rows), language), found.total, found.page, found.pages)


def seller_summaries(companies: list[Company], language: str) -> tuple[SellerSummary, ...]:
    """Return what pages show of these sellers, in their order (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seller_id, count(*) FILTER (WHERE listed), sum(rating_sum), "
            "sum(rating_count), sum(sold_count) FROM information_listingcard "
            "WHERE seller_id = ANY(%s) GROUP BY seller_id",
            [[c.id for c in companies]],
        )
        figures = {row[0]: row[1:] for row in cursor.fetchall()}
    return tuple(_seller_summary(c, figures.get(c.id, (0, 0, 0, 0)), language) for c in companies)


def _seller_summary(
    company: Company, figures: tuple[int, int, int, int], language: str
) -> SellerSummary:
    products, stars, reviews, sold = figures
    tagline = company.tagline_en if language == "en" else company.tagline_id
    return SellerSummary(
        slug=company.slug,
        name=company.name,
        tagline=tagline or company.tagline_id,
        city=company.city,
        province=company.province,
        colour=company.colour,
        logo=company.logo.name or "",
        banner=company.banner.name or "",
        product_count=products,
        rating=round(stars / reviews, 1) if reviews else None,
        review_count=reviews,
        sold_count=sold,
    )


@kept_by_version
def home_page(language: str) -> HomePage:
    """Return the front page (six statements)."""
    sellers = Company.objects.filter(state=CompanyState.APPROVED).order_by("approved_at")[:12]
    return HomePage(
        categories=category_tree(language),
        newest=_shelf_of("c.kind <> 'service'", "c.listed_at DESC, c.product_id", 12, language),
        most_sold=_shelf_of("c.in_stock", "c.sold_count DESC, c.product_id", 12, language),
        services=_shelf_of("c.kind = 'service'", "c.listed_at DESC, c.product_id", 8, language),
        bargains=_shelf_of(
            "c.compare_at_minor IS NOT NULL AND c.in_stock",
            "c.price_minor::float / c.compare_at_minor, c.product_id",
            8,
            language,
        ),
        sellers=seller_summaries(list(sellers), language),
    )


def _shelf_of(where: str, order: str, limit: int, language: str) -> tuple[Card, ...]:
    return select_cards(
        f"FROM information_listingcard c WHERE c.listed AND {where} ORDER BY {order} LIMIT {limit}",
        [],
        language,
    )


@kept_by_version
def suggest(query: str, *, language: str) -> tuple[Suggestion, ...]:
    """Return up to ten places to go for what was typed so far: shelves, sellers, products."""
    typed = " ".join(words(query[:80]))
    if len(typed) < 2:
        return ()
    found = [
        Suggestion("category", s.name(language), s.path)
        for s in shelves().values()
        if typed in s.name(language).lower()
    ][:3]
    name = "name_en" if language == "en" else "name_id"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            (SELECT DISTINCT 'seller', seller_name, seller_slug FROM information_listingcard
             WHERE listed AND seller_name ILIKE %s LIMIT 2)
            UNION ALL
            (SELECT 'product', coalesce(nullif({name}, ''), name_id), slug
             FROM information_listingcard
             WHERE listed AND (name_id ILIKE %s OR name_en ILIKE %s)
             ORDER BY sold_count DESC, product_id LIMIT 7)
            """,  # noqa: S608 - `name` is one of two columns
            [f"%{typed}%"] * 3,
        )
        found += [Suggestion(*row) for row in cursor.fetchall()]
    return tuple(found[:10])
