"""What a seller does with goods, services and keys, for the demo's first seller to find."""

from datetime import date, time, timedelta
from random import Random
from uuid import UUID

from niaga.flows.goods.commands.count_stock import Tally, start_count, write_count
from niaga.flows.goods.commands.keep_calendar import CalendarTerms, DayOff, Hours
from niaga.flows.goods.commands.keep_delivery import DeliveryTerms, Zone, keep_delivery
from niaga.flows.goods.commands.keep_location import Place, keep_location
from niaga.flows.goods.commands.keep_policy import Policy
from niaga.flows.goods.commands.keep_sender import keep_prefix, make_sender
from niaga.flows.goods.models import DeliveryService, Location, StockCountLine, StockLevel
from niaga.flows.goods.queries import available_stock
from niaga.flows.information.models import Product, Variant
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.plumbing.worker import catch_up
from niaga.project.demo.load_states import SELLERS, shelf
from niaga.project.demo.shopping import Shopper, orders_of, pay, place, ship
from niaga.stages.sharing.commands.own_stock import (
    correct_goods,
    decide_policy,
    offer_keys,
    plan_times,
    send_goods,
)

LEFT, WANTED = 2, 5
KEYS = 40


def load_goods(chance: Random, buyer: Shopper) -> None:
    """Leave something on each of the pages about stock, parcels, times and keys."""
    shelves = [product for email in SELLERS for product in shelf(email)]
    goods = _in_stock(shelf(SELLERS[0]))
    seller_id = goods[0].seller_id
    actor = Actor("seller", seller_id=seller_id)
    _waiting(chance, buyer, actor, goods[0])
    _between_locations(actor, goods[1:])
    _couriers(seller_id)
    _fetched(chance, buyer, goods[2])
    _keys(chance, buyer, [p for p in shelves if p.kind == Product.Kind.DIGITAL])
    _calendar([p for p in shelves if p.kind == Product.Kind.SERVICE])
    catch_up()


def _in_stock(products: list[Product]) -> list[Product]:
    """Return goods of which every variant has some left, those with the most first."""
    skus = dict(Variant.objects.filter(product__in=products).values_list("id", "product_id"))
    free = available_stock(list(skus))
    least = {p.id: min(free.get(s, 0) for s, own in skus.items() if own == p.id) for p in products}
    goods = [p for p in products if p.kind == Product.Kind.GOODS and least[p.id] > WANTED]
    return sorted(goods, key=lambda product: -least[product.id])


def _variant(product: Product) -> Variant:
    return Variant.objects.filter(product=product).order_by("position")[0]


def _waiting(chance: Random, buyer: Shopper, actor: Actor, product: Product) -> None:
    """Sell more of a product than there is: the rest waits for new stock."""
    seller_id = product.seller_id
    for variant in Variant.objects.filter(product=product):
        for level in StockLevel.objects.filter(sku_id=variant.id):
            left = max(LEFT, level.reserved)
            correct_goods(
                actor=actor, seller_id=seller_id, sku_id=variant.id,
                location_id=level.location_id, on_hand=left, why="count", reason="Stok opname",
            )  # fmt: skip
        policy = Policy(when_out="backorder", most_waiting=40, lead_days=9, alert_at=3)
        decide_policy(actor=actor, seller_id=seller_id, sku_id=variant.id, policy=policy)
    began = clock.now() - timedelta(hours=7)
    placed = place(chance, buyer, [product], at=began, quantity=WANTED, ahead=WANTED)
    pay(placed, began + timedelta(hours=1))


def _between_locations(actor: Actor, goods: list[Product]) -> None:
    """Open a second location, let something travel there, and begin to count the first."""
    assert actor.seller_id is not None
    seller_id = actor.seller_id
    here = Location.objects.filter(seller_id=seller_id).order_by("priority", "name")[0]
    place = Place("Pop-up Blok M", "Kota Jakarta Selatan", "DKI Jakarta", "12160", 9)
    there = keep_location(seller_id=seller_id, place=place)
    for product in goods[:2]:
        level = StockLevel.objects.filter(
            location=here, sku_id__in=Variant.objects.filter(product=product).values("id")
        ).order_by("-on_hand")[:1]
        for found in level:
            send_goods(
                actor=actor, seller_id=seller_id, sku_id=found.sku_id, origin_id=here.id,
                destination_id=there, quantity=1, note="Untuk akhir pekan",
            )  # fmt: skip
    sheet = start_count(actor=actor, seller_id=seller_id, location_id=here.id)
    lines = StockCountLine.objects.filter(count_id=sheet.count_id).order_by("sku_id")[:3]
    held = {
        level.sku_id: level.on_hand for level in StockLevel.objects.filter(location=here, bucket=0)
    }
    tallies = {line.sku_id: Tally(held.get(line.sku_id, 0)) for line in lines}
    write_count(actor=actor, seller_id=seller_id, count_id=sheet.count_id, tallies=tallies)


def _couriers(seller_id: UUID) -> None:
    """Number parcels with a prefix of its own, hear a carrier, and send a courier of its own."""
    keep_prefix(seller_id=seller_id, prefix="9528801")
    make_sender(seller_id=seller_id)
    near = Zone("Sekitar toko", ("DKI Jakarta", "Banten"), Money.of(9000), Money.of(2000), 0, 1)
    terms = DeliveryTerms("Kurir toko", "own", Money.of(0), 0, 1, 6, True, (near,))
    keep_delivery(seller_id=seller_id, terms=terms)


def _fetched(chance: Random, buyer: Shopper, product: Product) -> None:
    """Let a parcel wait to be fetched, with the code on the buyer's page."""
    ways = DeliveryService.objects.filter(seller_id=product.seller_id, kind="pickup")
    code = ways.values_list("code", flat=True).first()
    if code is None:
        return
    began = clock.now() - timedelta(hours=9)
    placed = place(chance, buyer, [product], at=began, deliveries={product.seller_id: code})
    pay(placed, began + timedelta(hours=1))
    for order in orders_of(placed):
        ship(chance, order, began + timedelta(hours=4))


def _keys(chance: Random, buyer: Shopper, products: list[Product]) -> None:
    """Give a digital good licence keys, and one of them to the buyer."""
    for product in products[:1]:
        for variant in Variant.objects.filter(product=product):
            keys = [f"NIAGA-{chance.randrange(16**12):012X}" for _ in range(KEYS)]
            offer_keys(seller_id=product.seller_id, sku_id=variant.id, texts=keys)
        began = clock.now() - timedelta(hours=20)
        pay(place(chance, buyer, [product], at=began), began + timedelta(hours=1))


def _calendar(products: list[Product]) -> None:
    """Let the times of a service come from its opening hours."""
    for product in products[:1]:
        hours = ((time(9), time(12)), (time(13), time(17)))
        weekly = tuple((day, Hours(*span)) for day in range(6) for span in hours)
        new_year = date(clock.now().year + 1, 1, 1)
        terms = CalendarTerms(
            zone="Asia/Jakarta", duration_min=90, buffer_min=30, capacity=4, lead_h=12,
            horizon_days=28, change_h=24, cancel_h=48, late_fee_percent=50, weekly=weekly,
            exceptions=(DayOff(new_year, None, "Tahun baru"),), resource="Ruang kelas",
        )  # fmt: skip
        plan_times(seller_id=product.seller_id, sku_id=_variant(product).id, terms=terms)
