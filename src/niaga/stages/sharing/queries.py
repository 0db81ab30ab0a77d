"""A product's page (six statements at most) and a basket (one), however many rows."""

import json
from collections import defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from niaga.flows.information.catalogue import TypedAttribute, kept_by_version, shelves
from niaga.flows.information.lists import select_cards
from niaga.flows.information.queries import breadcrumbs, seller_summaries
from niaga.flows.information.results import Card, SellerSummary
from niaga.flows.information.text import clean
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.parties.models import Company
from niaga.plumbing import days
from niaga.stages.sharing.models import Basket, last_day
from niaga.stages.sharing.results import (
    AttributeView,
    BasketLineView,
    BasketProblem,
    BasketSeller,
    BasketView,
    MediaView,
    OptionAxis,
    ProductPage,
    QuotedPrice,
    SlotView,
    ToCome,
    VariantView,
)

MOST_SLOTS = 60

_PRODUCT = """
SELECT p.id, p.slug, p.name_id, p.name_en, p.description_id, p.description_en, p.brand, p.kind,
    p.tags, p.attributes, c.path, p.seller_id, card.price_minor, card.price_max_minor,
    card.compare_at_minor, card.currency, card.in_stock, card.rating_sum, card.rating_count,
    card.sold_count,
    (SELECT coalesce(json_agg(json_build_array(m.file, m.thumbnail, m.alt)
                              ORDER BY m.position, m.id), '[]')
     FROM information_media m WHERE m.product_id = p.id) AS media
FROM information_product p
JOIN information_listingcard card ON card.product_id = p.id AND card.listed
JOIN information_category c ON c.id = p.category_id
WHERE p.slug = %s
"""
_VARIANTS = """
SELECT v.id, v.sku, v.options, v.weight_g, v.active, o.price_minor, o.compare_at_minor, o.currency,
    (SELECT coalesce(sum(l.on_hand - l.reserved), 0) FROM goods_stocklevel l
     WHERE l.sku_id = v.id) AS available,
    w.when_out, w.most_waiting - w.waiting AS units_to_come, w.lead_days, w.available_date
FROM information_variant v LEFT JOIN sharing_offer o ON o.variant_id = v.id
LEFT JOIN goods_stockpolicy w ON w.sku_id = v.id AND w.when_out <> 'deny'
WHERE v.product_id = %s AND v.active ORDER BY v.position, v.id
"""
_SLOTS = """
SELECT b.sku_id, b.id, b.starts_at, b.ends_at, b.capacity - b.booked
FROM goods_slot b JOIN information_variant v ON v.id = b.sku_id
WHERE v.product_id = %s AND b.starts_at > %s AND b.booked < b.capacity
ORDER BY b.starts_at, b.id LIMIT %s
"""


def product_page(slug: str, language: str) -> ProductPage | None:
    """Return a product's page, or None where no such product is on sale."""
    row = next(iter(_rows(_PRODUCT, [clean(slug)])), None)
    if row is None:
        return None
    slots: dict[UUID, list[SlotView]] = defaultdict(list)
    if row["kind"] == "service":
        for sku_id, *slot in _tuples(_SLOTS, [row["id"], clock.now(), MOST_SLOTS]):
            slots[sku_id].append(SlotView(*slot))
    variants = tuple(
        _variant(v, row["kind"], tuple(slots[v["id"]])) for v in _rows(_VARIANTS, [row["id"]])
    )
    return ProductPage(
        id=row["id"],
        slug=row["slug"],
        name=_in(language, row, "name"),
        description=_in(language, row, "description"),
        brand=row["brand"],
        kind=row["kind"],
        tags=tuple(row["tags"]),
        category_path=row["path"],
        breadcrumbs=breadcrumbs(row["path"], language),
        price=Money(row["price_minor"], row["currency"]),
        price_max=Money(row["price_max_minor"], row["currency"]),
        compare_at=_money(row["compare_at_minor"], row["currency"]),
        in_stock=row["in_stock"],
        rating=round(row["rating_sum"] / row["rating_count"], 1) if row["rating_count"] else None,
        review_count=row["rating_count"],
        sold_count=row["sold_count"],
        variants=variants,
        axes=_axes(variants),
        media=tuple(MediaView(*m) for m in row["media"]),
        attributes=_attributes(json.loads(row["attributes"]), row["path"], language),
        seller_id=row["seller_id"],
        seller=_seller_of(row["seller_id"], language),
        related=tuple(c for c in _best_of(row["path"], language) if c.slug != row["slug"])[:8],
    )


@kept_by_version
def _seller_of(company_id: UUID, language: str) -> SellerSummary:
    return seller_summaries([Company.objects.get(pk=company_id)], language)[0]


@kept_by_version
def _best_of(path: str, language: str) -> tuple[Card, ...]:
    return select_cards(
        "FROM information_listingcard c WHERE c.listed AND c.in_stock "
        "AND c.category_paths @> ARRAY[%s]::varchar[] "
        "ORDER BY c.sold_count DESC, c.product_id LIMIT 9",
        [path],
        language,
    )


def _rows(sql: str, params: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _tuples(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _in(language: str, row: dict[str, Any], name: str) -> str:
    return str((row[f"{name}_en"] if language == "en" else row[f"{name}_id"]) or row[f"{name}_id"])


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)


def options_text(options: dict[str, str]) -> str:
    """Return a variant's options as people read them: `Merah, M`."""
    return ", ".join(str(v) for v in options.values())


def _variant(row: dict[str, Any], kind: str, slots: tuple[SlotView, ...]) -> VariantView:
    available: int | None = int(row["available"])
    if kind == "digital":
        available = None
    elif kind == "service":
        available = sum(s.places_left for s in slots)
    to_come = _to_come(row, kind)
    if available is not None and to_come:
        available += to_come.units
    options: dict[str, str] = json.loads(row["options"])
    return VariantView(
        id=row["id"],
        sku=row["sku"],
        options=tuple((k, str(v)) for k, v in options.items()),
        options_text=options_text(options),
        price=_money(row["price_minor"], row["currency"]),
        compare_at=_money(row["compare_at_minor"], row["currency"]),
        available=available,
        weight_g=row["weight_g"],
        on_sale=row["price_minor"] is not None,
        slots=slots,
        to_come=to_come,
    )


def _to_come(row: dict[str, Any], kind: str) -> ToCome | None:
    """Return what may be ordered though it is not there."""
    if kind != "goods" or row["when_out"] is None or row["units_to_come"] <= 0:
        return None
    today = days.today()
    preorder = row["when_out"] == "preorder"
    ships = max(row["available_date"], today) if preorder else today + timedelta(row["lead_days"])
    return ToCome(row["units_to_come"], max(0, int(row["available"])), preorder, ships)


def _axes(variants: tuple[VariantView, ...]) -> tuple[OptionAxis, ...]:
    values: dict[str, dict[str, None]] = {}
    for variant in variants:
        for name, value in variant.options:
            values.setdefault(name, {})[value] = None
    return tuple(OptionAxis(name, tuple(found)) for name, found in values.items())


def _attributes(stated: dict[str, Any], path: str, language: str) -> tuple[AttributeView, ...]:
    shelf = shelves().get(path)
    return tuple(
        AttributeView(a.code, a.name(language), _value(a, stated[a.code], language), a.unit)
        for a in (shelf.attributes if shelf else ())
        if a.code in stated
    )


def _value(attribute: TypedAttribute, value: Any, language: str) -> str:
    if attribute.kind == "boolean":
        words = {"id": ("Ya", "Tidak"), "en": ("Yes", "No")}[language]
        return words[0] if value else words[1]
    if attribute.kind == "choice":
        return attribute.label(str(value), language)
    return str(value)


_LINES = """
SELECT l.id, l.variant_id, l.quantity, p.slug, p.kind, v.options, v.weight_g,
    p.name_id, p.name_en, coalesce(card.picture, '') AS picture,
    s.id AS seller_id, s.slug AS seller_slug, s.name AS seller_name, s.city,
    o.price_minor, o.currency, q.price_minor AS quoted_minor, q.quantity AS quoted_quantity,
    t.valid_until AS quoted_until,
    (v.active AND p.state = 'published' AND s.state = 'approved' AND o.price_minor IS NOT NULL)
        AS on_sale,
    (SELECT coalesce(sum(k.on_hand - k.reserved), 0) FROM goods_stocklevel k
     WHERE k.sku_id = v.id) AS available,
    w.when_out, w.most_waiting - w.waiting AS units_to_come, w.lead_days, w.available_date,
    b.id AS slot_id, b.starts_at, b.ends_at, b.capacity - b.booked AS places_left
FROM sharing_basketline l
JOIN information_variant v ON v.id = l.variant_id
JOIN information_product p ON p.id = v.product_id
JOIN parties_company s ON s.id = p.seller_id
LEFT JOIN sharing_offer o ON o.variant_id = v.id
LEFT JOIN (sharing_quotationline q JOIN sharing_quotation t ON t.id = q.quotation_id)
    ON q.id = l.quoted_id AND q.order_id IS NULL AND t.state = 'offered' AND t.valid_until > %s
LEFT JOIN information_listingcard card ON card.product_id = p.id
LEFT JOIN goods_slot b ON b.id = l.slot_id
LEFT JOIN goods_stockpolicy w ON w.sku_id = v.id AND w.when_out <> 'deny'
WHERE l.basket_id = %s ORDER BY l.added_at, l.id
"""


def basket_view(basket_id: UUID | None, language: str) -> BasketView:
    """Return the basket grouped by seller (one statement); an unknown one is empty."""
    groups: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(_LINES, [clock.now(), basket_id]) if basket_id else ():
        groups[row["seller_id"]].append(row)
    sellers = tuple(_seller(rows, language) for rows in groups.values())
    return BasketView(
        id=basket_id,
        sellers=sellers,
        subtotal=Money.total(s.subtotal for s in sellers),
        item_count=sum(line.quantity for s in sellers for line in s.lines),
        can_order=bool(sellers) and not any(line.problems for s in sellers for line in s.lines),
    )


def _seller(rows: list[dict[str, Any]], language: str) -> BasketSeller:
    lines = tuple(_line(row, language) for row in rows)
    first = rows[0]
    return BasketSeller(
        seller_id=first["seller_id"],
        slug=first["seller_slug"],
        name=first["seller_name"],
        city=first["city"],
        lines=lines,
        subtotal=Money.total(line.line_total for line in lines),
    )


def _line(row: dict[str, Any], language: str) -> BasketLineView:
    quoted = _quoted(row)
    price = _money(row["price_minor"], row["currency"]) if row["on_sale"] else None
    if price and quoted and quoted.quantity == row["quantity"]:
        price = quoted.price
    slot = (
        SlotView(row["slot_id"], row["starts_at"], row["ends_at"], row["places_left"])
        if row["slot_id"]
        else None
    )
    available: int | None = int(row["available"])
    if row["kind"] == "digital":
        available = None
    elif row["kind"] == "service":
        available = slot.places_left if slot and slot.starts_at > clock.now() else 0
    to_come = _to_come(row, row["kind"])
    if available is not None and to_come:
        available += to_come.units
    return BasketLineView(
        id=row["id"],
        variant_id=row["variant_id"],
        product_slug=row["slug"],
        title=_in(language, row, "name"),
        options_text=options_text(json.loads(row["options"])),
        picture=row["picture"],
        kind=row["kind"],
        unit_price=price,
        quantity=row["quantity"],
        line_total=price * row["quantity"] if price else Money.zero(),
        available=available,
        slot=slot,
        weight_g=row["weight_g"],
        problems=_problems(row, available),
        to_come=to_come,
        quoted=quoted,
    )


def _quoted(row: dict[str, Any]) -> QuotedPrice | None:
    if row["quoted_minor"] is None:
        return None
    price = Money(row["quoted_minor"], row["currency"])
    return QuotedPrice(price, row["quoted_quantity"], last_day(row["quoted_until"]))


def _problems(row: dict[str, Any], available: int | None) -> tuple[BasketProblem, ...]:
    if not row["on_sale"]:
        return (BasketProblem("off_sale"),)
    if row["kind"] == "service" and row["slot_id"] is None:
        return (BasketProblem("slot_missing"),)
    if available is None or available >= row["quantity"]:
        return ()
    if row["kind"] == "service" and available <= 0:
        return (BasketProblem("slot_gone"),)
    if available <= 0:
        return (BasketProblem("out_of_stock"),)
    return (BasketProblem("only_left", available),)


def basket_of_person(person_id: UUID) -> UUID | None:
    """Return the person's own basket, or None before anything was put into it (one statement)."""
    return Basket.objects.filter(person_id=person_id).values_list("id", flat=True).first()


def basket_count(basket_id: UUID | None) -> int:
    """Return how many things lie in the basket (one statement), for a page's corner."""
    if basket_id is None:
        return 0
    return int(
        _tuples(
            "SELECT coalesce(sum(quantity), 0) FROM sharing_basketline WHERE basket_id = %s",
            [basket_id],
        )[0][0]
    )
