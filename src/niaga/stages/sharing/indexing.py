"""Rewrites the cards that lists and searches read: a fixed number of statements, set-based."""

from collections.abc import Sequence
from itertools import batched
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from niaga.flows.information.catalogue import bump_catalogue_version
from niaga.flows.information.search import indexed, words
from niaga.kernel import clock

BATCH = 2000
LONGEST_TEXT = 20_000

# Locks the products: who indexes the same one later reads what was committed before, and writes
# after, so a card never ends up older than its product.
_TEXTS = """
SELECT p.id, p.name_id || ' ' || p.name_en,
       concat_ws(' ', p.brand, array_to_string(p.tags, ' '), c.name_id, c.name_en),
       coalesce((SELECT string_agg(value, ' ') FROM jsonb_each_text(p.attributes)), ''),
       p.description_id || ' ' || p.description_en
FROM information_product p JOIN information_category c ON c.id = p.category_id
WHERE p.id = ANY(%s)
ORDER BY p.id FOR NO KEY UPDATE OF p
"""

# What may be seen: published, by an approved company, with an active variant that has a price.
_WRITE = """
INSERT INTO information_listingcard AS card (
    product_id, seller_id, seller_name, seller_slug, city, category_paths, kind, slug,
    name_id, name_en, picture, brand, price_minor, price_max_minor, compare_at_minor, currency,
    rating_sum, rating_count, sold_count, in_stock, listed, facets, words, listed_at)
SELECT p.id, p.seller_id, s.name, s.slug, s.city,
    (SELECT array_agg(array_to_string(steps[1:n], '/') ORDER BY n)
     FROM string_to_array(c.path, '/') steps, generate_series(1, cardinality(steps)) n),
    p.kind, p.slug, p.name_id, p.name_en,
    coalesce((SELECT m.thumbnail FROM information_media m WHERE m.product_id = p.id
              ORDER BY m.position, m.id LIMIT 1), ''),
    p.brand, o.price, o.price_max, o.compare_at, o.currency, 0, 0, 0,
    {in_stock}, TRUE,
    coalesce((SELECT array_agg(left(key || '=' || value, 120) ORDER BY key)
              FROM jsonb_each_text(p.attributes)
              WHERE key IN (SELECT code FROM information_attribute
                            WHERE kind IN ('choice', 'boolean'))), '{{}}'),
    setweight(to_tsvector('simple', t.a_stems) || to_tsvector('english', t.a), 'A')
    || setweight(to_tsvector('simple', t.b_stems) || to_tsvector('english', t.b), 'B')
    || setweight(to_tsvector('simple', t.c_stems) || to_tsvector('english', t.c), 'C')
    || setweight(to_tsvector('simple', t.d_stems) || to_tsvector('english', t.d), 'D'),
    p.created_at
FROM unnest(%(ids)s::uuid[], %(a)s::text[], %(a_stems)s::text[], %(b)s::text[],
            %(b_stems)s::text[], %(c)s::text[], %(c_stems)s::text[], %(d)s::text[],
            %(d_stems)s::text[]) t (id, a, a_stems, b, b_stems, c, c_stems, d, d_stems)
JOIN information_product p ON p.id = t.id AND p.state = 'published'
JOIN information_category c ON c.id = p.category_id
JOIN parties_company s ON s.id = p.seller_id AND s.state = 'approved'
JOIN LATERAL (
    SELECT min(o.price_minor) AS price, max(o.price_minor) AS price_max,
           (array_agg(o.compare_at_minor ORDER BY o.price_minor))[1] AS compare_at,
           min(o.currency) AS currency
    FROM information_variant v JOIN sharing_offer o ON o.variant_id = v.id
    WHERE v.product_id = p.id AND v.active
) o ON o.price IS NOT NULL
ORDER BY p.id
ON CONFLICT (product_id) DO UPDATE SET
    seller_name = excluded.seller_name, seller_slug = excluded.seller_slug, city = excluded.city,
    category_paths = excluded.category_paths, kind = excluded.kind, slug = excluded.slug,
    name_id = excluded.name_id, name_en = excluded.name_en, picture = excluded.picture,
    brand = excluded.brand, price_minor = excluded.price_minor,
    price_max_minor = excluded.price_max_minor, compare_at_minor = excluded.compare_at_minor,
    currency = excluded.currency, in_stock = excluded.in_stock, listed = TRUE,
    facets = excluded.facets, words = excluded.words
RETURNING product_id
"""

# Expects the product as `p`; takes the present instant as the parameter `now`.
_IN_STOCK = """
CASE p.kind
WHEN 'goods' THEN EXISTS (
    SELECT FROM information_variant v JOIN goods_stocklevel l ON l.sku_id = v.id
    WHERE v.product_id = p.id AND v.active AND l.on_hand > l.reserved) OR EXISTS (
    SELECT FROM information_variant v JOIN goods_stockpolicy w ON w.sku_id = v.id
    WHERE v.product_id = p.id AND v.active AND w.when_out <> 'deny'
      AND w.waiting < w.most_waiting)
WHEN 'service' THEN EXISTS (
    SELECT FROM information_variant v JOIN goods_slot b ON b.sku_id = v.id
    WHERE v.product_id = p.id AND v.active AND b.booked < b.capacity
      AND b.starts_at > %(now)s)
ELSE TRUE END
"""

_RESTOCK = """
UPDATE information_listingcard card SET in_stock = NOT card.in_stock
FROM information_product p
WHERE p.id = card.product_id
  AND p.id IN (SELECT product_id FROM information_variant WHERE id = ANY(%(skus)s))
  AND card.in_stock <> ({in_stock})
"""


def index_products(product_ids: Sequence[UUID]) -> int:
    """Rewrite the products' cards; return how many of them may be seen.

    Three statements for every two thousand products and one at the end. What may not be seen
    any more stays as an unlisted card, so that its stars and sales come back with it.
    """
    if not product_ids:
        return 0
    listed = 0
    with transaction.atomic():
        for ids in batched(product_ids, BATCH, strict=False):
            listed += _index(list(ids))
        bump_catalogue_version()
    return listed


def _index(ids: list[UUID]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_TEXTS, [ids])
        rows = cursor.fetchall()
        columns: dict[str, list[Any]] = {"ids": [row[0] for row in rows]}
        for n, weight in enumerate("abcd", start=1):
            texts = [row[n][:LONGEST_TEXT] for row in rows]
            columns[weight] = [" ".join(words(text)) for text in texts]
            columns[f"{weight}_stems"] = [indexed(text) for text in texts]
        cursor.execute(_WRITE.format(in_stock=_IN_STOCK), {**columns, "now": clock.now()})
        seen = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "UPDATE information_listingcard SET listed = FALSE "
            "WHERE product_id = ANY(%s) AND NOT product_id = ANY(%s) AND listed",
            [ids, seen],
        )
    return len(seen)


def index_company(company_id: UUID) -> int:
    """Rewrite all cards of a seller: it was approved, suspended or renamed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM information_product WHERE seller_id = %s", [company_id])
        return index_products([row[0] for row in cursor.fetchall()])


def index_stock(sku_ids: Sequence[UUID]) -> int:
    """Bring `in_stock` of the SKUs' products up to date; return how many cards changed.

    One statement, and one more only where a card changed: most stock movements change none.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _RESTOCK.format(in_stock=_IN_STOCK), {"skus": list(sku_ids), "now": clock.now()}
        )
        changed: int = cursor.rowcount
        if changed:
            bump_catalogue_version()
    return changed


def index_services() -> int:
    """Bring `in_stock` of all services up to date: times pass. Return how many cards changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.id FROM information_variant v JOIN information_product p"
            " ON p.id = v.product_id WHERE p.kind = 'service' AND p.state = 'published'"
        )
        return index_stock([row[0] for row in cursor.fetchall()])


def apply_rating(product_id: UUID, stars: int) -> None:
    """Add one review of `stars` (1 to 5) to the product's card.

    Raises:
        ValueError: `stars` is out of range.
    """
    if not 1 <= stars <= 5:
        raise ValueError(f"{stars} stars")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE information_listingcard SET rating_sum = rating_sum + %s, "
            "rating_count = rating_count + 1 WHERE product_id = %s",
            [stars, product_id],
        )
        bump_catalogue_version()


def add_sold(quantities: Sequence[tuple[UUID, int]]) -> None:
    """Add sold units to the cards of the variants' products: (variant id, units) pairs.

    Lists may show the former figure for a minute: sales alone don't renew them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE information_listingcard card SET sold_count = sold_count + sold.units FROM ("
            " SELECT v.product_id, sum(t.units) AS units"
            " FROM unnest(%s::uuid[], %s::int[]) t (variant_id, units)"
            " JOIN information_variant v ON v.id = t.variant_id GROUP BY v.product_id"
            ") sold WHERE sold.product_id = card.product_id",
            [[q[0] for q in quantities], [q[1] for q in quantities]],
        )
