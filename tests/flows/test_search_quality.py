"""How well search ranks, on public judgements (querqy/chorus) that lie outside the project."""

import csv
import math
import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from niaga.flows.information.models import Category, Product, Variant
from niaga.flows.information.queries import NO_FILTERS, search_page
from niaga.stages.sharing.indexing import index_products
from niaga.stages.sharing.models import Offer
from tests.support.worlds import make_company

DATA = Path(os.environ.get("NIAGA_SHARED_DATA", Path(__file__).parents[3] / "shared/data"))
# PostgreSQL's own full-text search, any word, ranked by ts_rank, reaches .423.
AIM = 0.46


def _load() -> None:
    company = make_company()
    shelf = Category.objects.create(path="semua", name_id="", name_en="")
    with (DATA / "search-products.csv").open(encoding="utf-8") as file:
        products = [
            Product(
                seller_id=company.id,
                category=shelf,
                slug=row["docid"],
                name_id=row["name"][:140],
                description_id=row["description"],
                state=Product.State.PUBLISHED,
            )
            for row in csv.DictReader(file)
        ]
    Product.objects.bulk_create(products)
    variants = [Variant(product=p, seller_id=company.id, sku=p.slug) for p in products]
    Variant.objects.bulk_create(variants)
    Offer.objects.bulk_create(Offer(variant=v, seller=company, price_minor=100) for v in variants)
    index_products([p.id for p in products])


def _gain(ratings: list[int]) -> float:
    return sum((2**r - 1) / math.log2(n + 2) for n, r in enumerate(ratings[:10]))


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.skipif(not DATA.is_dir(), reason=f"no judgements at {DATA}")
def test_ranking_on_public_judgements(record_property: Callable[[str, object], None]) -> None:
    _load()
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    with (DATA / "search-judgements.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            judged[row["query"]][row["docid"]] = int(row["rating"])
    scores = []
    for query, ratings in judged.items():
        cards = search_page(
            query, filters=NO_FILTERS, sort="relevance", page=1, language="id"
        ).listing.cards
        ideal = _gain(sorted(ratings.values(), reverse=True))
        scores.append(_gain([ratings.get(c.slug, 0) for c in cards]) / ideal if ideal else 0.0)
    ndcg = sum(scores) / len(scores)
    record_property("ndcg_at_10", round(ndcg, 4))
    print(f"nDCG@10 = {ndcg:.4f} over {len(scores)} queries")  # noqa: T201 - the measured figure
    assert ndcg >= AIM
