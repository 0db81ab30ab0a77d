"""What the flow of goods does by the clock."""

from niaga.flows.goods.commands.allot_stock import allot_stock, skus_to_allot
from niaga.flows.goods.commands.heat_stock import (
    cool_stock,
    heat_stock,
    skus_to_cool,
    skus_to_heat,
)
from niaga.flows.goods.commands.keep_calendar import calendars_to_extend, make_slots
from niaga.flows.goods.commands.warn_of_low_stock import warn_of_low_stock
from niaga.plumbing.jobs import app


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="heat_hot_stock", pass_context=False)
def heat_hot_stock(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Put products that many buy at once into buckets; return how many."""
    return sum(heat_stock(sku_id=sku_id) for sku_id in skus_to_heat())


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="cool_stock_down", pass_context=False)
def cool_stock_down(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Gather what has calmed down again; return how many."""
    return sum(cool_stock(sku_id=sku_id) for sku_id in skus_to_cool())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="warn_sellers", pass_context=False)
def warn_sellers(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Warn of what runs low; return how many SKUs."""
    return warn_of_low_stock()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="allot_what_is_free", pass_context=False)
def allot_what_is_free(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Serve who queued up in the very moment stock came in; return how many units."""
    return sum(allot_stock(sku_ids=(sku_id,)) for sku_id in skus_to_allot())


@app.periodic(cron="20 * * * *")
@app.task(queueing_lock="extend_calendars", pass_context=False)
def extend_calendars(timestamp: int) -> int:  # noqa: ARG001 - Procrastinate passes it
    """Make the slots of the days that came into the calendars' horizons; return how many."""
    return sum(make_slots(calendar_id=calendar_id) for calendar_id in calendars_to_extend())
