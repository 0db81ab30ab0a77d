"""One product that everybody wants: placing it from one row of stock, and from buckets."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from uuid import UUID

from niaga.project.bench.checkout import BASKETS_A_SECOND, COUNTED, Till, goods_to_buy
from niaga.project.bench.load import Figure, run_load
from niaga.project.bench.minimal import BUCKETED, TRANSACTION, MinimalShop
from niaga.project.bench.shop import Shop

ONE_ROW, IN_BUCKETS = "one row", "buckets"
YARDSTICKS = {ONE_ROW: TRANSACTION, IN_BUCKETS: BUCKETED}
TRIES = 4


@dataclass(frozen=True, slots=True)
class StockFigures:
    """What was measured of each way to keep the hot product's stock, and pgbench beside it.

    Attributes:
        placing: by way (ONE_ROW, IN_BUCKETS), a figure for each number of buyers.
        limit: pgbench with the least statements of the same way, likewise.
        sold: units that buyers were told they got.
        promised: units that the stock says are promised.
    """

    placing: dict[str, list[Figure]]
    limit: dict[str, list[Figure]]
    sold: int
    promised: int


def measure_hot_stock(
    shop: Shop, *, buyers: Sequence[int], seconds: float, say: Callable[[str], None]
) -> StockFigures:
    """Let everybody buy one product, first from one row, then from buckets."""
    good = goods_to_buy()[0]
    till = Till(shop, [good])
    before = _promised(good.variant_id)
    minimal = MinimalShop(shop.sockets, products=1)
    placing: dict[str, list[Figure]] = {}
    limit: dict[str, list[Figure]] = {}
    for way, transaction in YARDSTICKS.items():
        _keep(good.variant_id, way)
        with shop.browser() as browser:
            deed = till.placing_deed(browser, COUNTED + 1)
            deed()
            statements = shop.counter.each(deed, times=COUNTED)
        placing[way], limit[way] = [], []
        for number in buyers:
            say(f"placing the hot product ({way}), {number} at a time")
            measure = _measurement(shop, till, number, seconds, statements)
            figure = _steadily(good.variant_id, way, measure)
            placing[way].append(replace(figure, what=f"placing, {way}"))
            say(f"pgbench ({way}), {number} at a time")
            figure = minimal.run(
                buyers=number, seconds=seconds, meter=shop.database, transaction=transaction
            )
            limit[way].append(replace(figure, what=f"pgbench, {way}"))
    return StockFigures(placing, limit, till.placed, _promised(good.variant_id) - before)


def _measurement(
    shop: Shop, till: Till, number: int, seconds: float, statements: float
) -> Callable[[], Figure]:
    def measure() -> Figure:
        with ExitStack() as stack:
            browsers = [stack.enter_context(shop.browser()) for _ in range(number)]
            each = 1 + int(BASKETS_A_SECOND * seconds) // number
            deeds = [till.placing_deed(browser, each) for browser in browsers]
            return run_load("placing", deeds, seconds, shop.server, statements)

    return measure


def _steadily(sku_id: UUID, way: str, measure: Callable[[], Figure]) -> Figure:
    """Measure again where the market's own worker changed the way meanwhile, as it does.

    Raises:
        RuntimeError: it did so each time.
    """
    for _ in range(TRIES):
        figure = measure()
        if _way(sku_id) == way:
            return figure
        _keep(sku_id, way)
    raise RuntimeError(f"the stock did not stay in {way}")


def _way(sku_id: UUID) -> str:
    from niaga.flows.goods.stocktaking_queries import policy_of

    return IN_BUCKETS if policy_of(sku_id).hot else ONE_ROW


def _keep(sku_id: UUID, way: str) -> None:
    from niaga.flows.goods.commands.heat_stock import cool_stock, heat_stock
    from niaga.flows.goods.commands.reserve_stock import release_reservations
    from niaga.flows.goods.models import Reservation

    if way == IN_BUCKETS:
        heat_stock(sku_id=sku_id)
        return
    # A bucket stays as long as something is promised from it.
    promised = Reservation.objects.filter(sku_id=sku_id, state="open", bucket__gt=0)
    release_reservations(cause_ids=tuple(promised.values_list("cause_id", flat=True)))
    cool_stock(sku_id=sku_id)


def _promised(sku_id: UUID) -> int:
    from django.db.models import Sum

    from niaga.flows.goods.models import Reservation

    rows = Reservation.objects.filter(sku_id=sku_id)
    total: int = rows.aggregate(n=Sum("quantity"))["n"] or 0
    return total
