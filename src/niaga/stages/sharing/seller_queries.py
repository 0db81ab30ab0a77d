"""What a seller asks of its own products and their stock."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    Count,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce

from niaga.flows.goods.models import StockLevel
from niaga.flows.information.models import Media, Product, Variant
from niaga.kernel.money import Money
from niaga.plumbing.paging import Page, paged_by_state
from niaga.stages.sharing.models import Offer
from niaga.stages.sharing.queries import options_text

PAGE_SIZE = 25
MOST_FOUND = 500
LOW = 5  # units free, at or below which a SKU is running out

PRODUCT_ORDERS: dict[str, tuple[str | OrderBy, ...]] = {
    "newest": ("-created_at", "-id"),
    "name": ("name_id", "id"),
    "price": (F("price").asc(nulls_last=True), "id"),
    "stock": ("free", "id"),
    "changed": ("-updated_at", "-id"),
}


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product as its seller's list shows it; `free` is None where nothing is stocked."""

    product_id: UUID
    slug: str
    name: str
    picture: str
    kind: str
    kind_label: str
    state: str
    label: str
    variants: int
    price: Money | None
    price_max: Money | None
    free: int | None
    updated_at: datetime

    @property
    def low(self) -> bool:
        """Whether it is running out."""
        return self.free is not None and self.free <= LOW


@dataclass(frozen=True, slots=True)
class LevelView:
    """A SKU at a location."""

    location_id: UUID
    location: str
    on_hand: int
    reserved: int

    @property
    def free(self) -> int:
        """How many can still be sold."""
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class StockRow:
    """A SKU with its levels."""

    sku_id: UUID
    sku: str
    product_id: UUID
    name: str
    options: str
    picture: str
    levels: tuple[LevelView, ...]
    free: int
    gtin: str = ""

    @property
    def on_hand(self) -> int:
        """How many lie at all locations."""
        return sum(level.on_hand for level in self.levels)

    @property
    def reserved(self) -> int:
        """How many are promised."""
        return sum(level.reserved for level in self.levels)


def own_products_page(
    seller_id: UUID,
    *,
    language: str,
    state: str = "",
    words: str = "",
    sort: str = "newest",
    page: int = 1,
) -> Page[ProductRow]:
    """Return a page of the seller's products; `words` match name, SKU or brand. Two statements."""
    rows = Product.objects.filter(seller_id=seller_id)
    if word := words.strip():
        known_by = Q(sku__icontains=word) | Q(gtin__startswith=word)
        skus = Variant.objects.filter(known_by, seller_id=seller_id).values("product_id")
        rows = rows.filter(
            Q(name_id__icontains=word)
            | Q(name_en__icontains=word)
            | Q(brand__icontains=word)
            | Q(pk__in=skus)
        )
    ordered = _priced(rows).order_by(*PRODUCT_ORDERS.get(sort, PRODUCT_ORDERS["newest"]))

    def view(row: Any) -> ProductRow:
        return _product_row(row, language)

    return paged_by_state(ordered, view, state=state, page=page, size=PAGE_SIZE)


def _priced(rows: QuerySet[Product]) -> QuerySet[Product]:
    variants = Variant.objects.filter(product_id=OuterRef("pk"), active=True).order_by()
    offers = (
        Offer.objects.filter(variant__product_id=OuterRef("pk"), variant__active=True)
        .order_by()
        .values("variant__product_id")
    )
    mine = Variant.objects.filter(product_id=OuterRef(OuterRef("pk")), active=True).values("id")
    levels = StockLevel.objects.filter(sku_id__in=mine).order_by().values("seller_id")
    media = Media.objects.filter(product_id=OuterRef("pk")).order_by("position", "id")
    return rows.annotate(
        price=Subquery(offers.annotate(m=Min("price_minor")).values("m")),
        price_max=Subquery(offers.annotate(m=Max("price_minor")).values("m")),
        forms=Subquery(
            variants.values("product_id").annotate(n=Count("id")).values("n"),
            output_field=IntegerField(),
        ),
        free=Coalesce(
            Subquery(levels.annotate(n=Sum(F("on_hand") - F("reserved"))).values("n")), Value(0)
        ),
        picture=Subquery(media.values("thumbnail")[:1]),
    )


def _product_row(row: Any, language: str) -> ProductRow:
    return ProductRow(
        product_id=row.id,
        slug=row.slug,
        name=(language == "en" and row.name_en) or row.name_id,
        picture=row.picture or "",
        kind=row.kind,
        kind_label=str(row.get_kind_display()),
        state=row.state,
        label=str(row.get_state_display()),
        variants=row.forms or 0,
        price=None if row.price is None else Money(row.price),
        price_max=None if row.price_max is None else Money(row.price_max),
        free=row.free if row.kind == Product.Kind.GOODS else None,
        updated_at=row.updated_at,
    )


def stock_page(
    seller_id: UUID, *, language: str, show: str = "", words: str = "", page: int = 1
) -> Page[StockRow]:
    """Return a page of the seller's stocked SKUs; `show` is low, out or empty. Three statements.

    `by_state` counts all, low and out.
    """
    rows = _stocked(seller_id)
    if word := words.strip():
        rows = rows.filter(
            Q(sku__icontains=word)
            | Q(gtin__startswith=word)
            | Q(product__name_id__icontains=word)
            | Q(product__name_en__icontains=word)
        )
    counts = rows.aggregate(
        all=Count("id"),
        low=Count("id", filter=Q(free__gt=0, free__lte=LOW)),
        out=Count("id", filter=Q(free__lte=0)),
    )
    if show == "low":
        rows = rows.filter(free__gt=0, free__lte=LOW)
    elif show == "out":
        rows = rows.filter(free__lte=0)
    total = counts.get(show or "all", 0)
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    start = (page - 1) * PAGE_SIZE
    found = list(rows.order_by("product__name_id", "product_id", "position")[start:][:PAGE_SIZE])
    levels = _levels([row.id for row in found])
    shown = tuple(_stock_row(row, levels[row.id], language) for row in found)
    return Page(shown, total, page, pages, counts)


def low_stock(seller_id: UUID, *, language: str, at_most: int = 5) -> tuple[StockRow, ...]:
    """Return the published SKUs that run out first; one statement (without their levels)."""
    rows = _stocked(seller_id).filter(free__lte=LOW, product__state=Product.State.PUBLISHED)
    return tuple(_stock_row(row, (), language) for row in rows.order_by("free", "sku")[:at_most])


def stock_of(seller_id: UUID, sku_id: UUID, *, language: str) -> StockRow | None:
    """Return one of the seller's SKUs with its levels, or None; two statements."""
    row = _stocked(seller_id).filter(pk=sku_id).first()
    if row is None:
        return None
    return _stock_row(row, _levels([row.id])[row.id], language)


def _stocked(seller_id: UUID) -> QuerySet[Any]:
    levels = StockLevel.objects.filter(sku_id=OuterRef("pk")).order_by().values("sku_id")
    media = Media.objects.filter(product_id=OuterRef("product_id")).order_by("position", "id")
    return (
        Variant.objects.filter(seller_id=seller_id, active=True, product__kind=Product.Kind.GOODS)
        .select_related("product")
        .annotate(
            free=Coalesce(
                Subquery(levels.annotate(n=Sum(F("on_hand") - F("reserved"))).values("n")),
                Value(0),
            ),
            picture=Subquery(media.values("thumbnail")[:1]),
        )
    )


def _levels(sku_ids: list[UUID]) -> dict[UUID, tuple[LevelView, ...]]:
    found: dict[UUID, tuple[LevelView, ...]] = defaultdict(tuple)
    rows = (
        StockLevel.objects.filter(sku_id__in=sku_ids)
        .order_by("location__priority", "location__name", "location_id")
        .values_list("sku_id", "location_id", "location__name")
        .annotate(held=Sum("on_hand"), promised=Sum("reserved"))
    )
    for sku_id, *level in rows:
        found[sku_id] += (LevelView(*level),)
    return found


def _stock_row(row: Any, levels: tuple[LevelView, ...], language: str) -> StockRow:
    return StockRow(
        sku_id=row.id,
        sku=row.sku,
        product_id=row.product_id,
        name=(language == "en" and row.product.name_en) or row.product.name_id,
        options=options_text(row.options),
        picture=row.picture or "",
        levels=levels,
        free=row.free,
        gtin=row.gtin,
    )


@dataclass(frozen=True, slots=True)
class SkuName:
    """What a SKU is called, and how it looks."""

    sku_id: UUID
    sku: str
    name: str
    options: str
    picture: str
    gtin: str


def sku_names(sku_ids: Iterable[UUID], *, language: str) -> dict[UUID, SkuName]:
    """Return what SKUs are called; one statement."""
    media = Media.objects.filter(product_id=OuterRef("product_id")).order_by("position", "id")
    rows = Variant.objects.filter(pk__in=set(sku_ids)).select_related("product")
    return {
        row.id: SkuName(
            row.id,
            row.sku,
            (language == "en" and row.product.name_en) or row.product.name_id,
            options_text(row.options),
            row.picture or "",
            row.gtin,
        )
        for row in rows.annotate(picture=Subquery(media.values("thumbnail")[:1]))
    }


def skus_called(seller_id: UUID, words: str) -> tuple[UUID, ...] | None:
    """Return the seller's SKUs by name, SKU or GTIN; None where nothing is searched for."""
    if not (word := words.strip()):
        return None
    rows = Variant.objects.filter(
        Q(sku__icontains=word)
        | Q(gtin__startswith=word)
        | Q(product__name_id__icontains=word)
        | Q(product__name_en__icontains=word),
        seller_id=seller_id,
    )
    return tuple(rows.values_list("id", flat=True)[:MOST_FOUND])


def stock_lines(seller_id: UUID) -> Iterator[tuple[str, str, int]]:
    """Yield SKU, location and what is there of all of a seller's goods; one statement."""
    rows = (
        StockLevel.objects.filter(seller_id=seller_id)
        .annotate(sku=Subquery(Variant.objects.filter(pk=OuterRef("sku_id")).values("sku")))
        .values("sku", "location__name")
        .annotate(there=Sum("on_hand"))
        .order_by("sku", "location__name")
    )
    for row in rows.iterator():
        yield row["sku"], row["location__name"], row["there"]
