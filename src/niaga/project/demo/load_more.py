"""More products than anybody writes by hand: editions of the handwritten ones, for scale."""

from datetime import timedelta
from random import Random
from uuid import UUID

from django.db import transaction

from niaga.flows.goods.models import Location
from niaga.flows.information.models import Media, Product, Variant
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.project.demo.load_catalogue import Progress, Rows, add_stock
from niaga.stages.sharing.indexing import index_products
from niaga.stages.sharing.models import Offer

CHUNK = 5000
EDITIONS = (
    ("Edisi Pasar", "Market Edition"), ("Seri Senja", "Dusk Series"), ("Seri Fajar", "Dawn Series"),
    ("Pilihan Pengrajin", "Maker's Choice"), ("Edisi Pulau", "Island Edition"),
    ("Seri Hujan", "Rain Series"), ("Edisi Kampung", "Village Edition"),
    ("Seri Samudra", "Ocean Series"), ("Pilihan Musim", "Season's Choice"),
    ("Edisi Merdeka", "Merdeka Edition"), ("Seri Rimba", "Forest Series"),
    ("Edisi Bandar", "Harbour Edition"),
)  # fmt: skip


def load_more(count: int, progress: Progress) -> None:
    """Add `count` products, each an edition of a handwritten one, with a price and stock."""
    chance = Random(count)
    models = list(
        Product.objects.filter(kind=Product.Kind.GOODS, state=Product.State.PUBLISHED)
        .prefetch_related("media", "variants__offer")
        .order_by("slug")
    )
    places: dict[UUID, UUID] = dict(
        Location.objects.order_by("-priority").values_list("seller_id", "id")
    )
    for start in range(0, count, CHUNK):
        rows = Rows()
        for number in range(start, min(start + CHUNK, count)):
            _add_edition(rows, models[number % len(models)], number, places, chance)
        with transaction.atomic():
            rows.write()
            index_products([p.id for p in rows.products])
        progress("More products", start + len(rows.products), count)


def _add_edition(
    rows: Rows, model: Product, number: int, places: dict[UUID, UUID], chance: Random
) -> None:
    name_id, name_en = EDITIONS[chance.randrange(len(EDITIONS))]
    code = f"{number + 1:06d}"
    listed_at = clock.now() - timedelta(minutes=chance.randrange(60, 400_000))
    product = Product(
        id=new_id(),
        seller_id=model.seller_id,
        category_id=model.category_id,
        slug=f"{model.slug[:80]}-{code}",
        kind=model.kind,
        name_id=f"{model.name_id[:110]} {name_id} {code}",
        name_en=f"{model.name_en[:110]} {name_en} {code}" if model.name_en else "",
        description_id=model.description_id,
        description_en=model.description_en,
        brand=model.brand,
        tags=model.tags,
        attributes=model.attributes,
        state=Product.State.PUBLISHED,
        created_at=listed_at,
        updated_at=listed_at,
    )
    rows.products.append(product)
    rows.media += [
        Media(id=new_id(), product=product, file=m.file, thumbnail=m.thumbnail, alt=m.alt)
        for m in list(model.media.all())[:1]
    ]
    like = model.variants.all()[chance.randrange(len(model.variants.all()))]
    variant = Variant(
        id=new_id(),
        product=product,
        seller_id=model.seller_id,
        sku=f"{like.sku[:50]}-{code}",
        weight_g=like.weight_g,
    )
    rows.variants.append(variant)
    step = max(100_00, like.offer.price_minor // 20 // 500_00 * 500_00)
    rows.offers.append(
        Offer(
            variant=variant,
            seller_id=model.seller_id,
            price_minor=like.offer.price_minor + step * chance.randrange(0, 9),
            tax=like.offer.tax,
        )
    )
    stock = 0 if chance.random() < 0.04 else chance.randrange(3, 400)
    add_stock(rows, variant, places[model.seller_id], stock, listed_at)
