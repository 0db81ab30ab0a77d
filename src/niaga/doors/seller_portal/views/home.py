"""A seller's desk: what waits, what was sold, what is left to set up."""

from django.http import HttpRequest, HttpResponse

from niaga.doors.look.access import SellerDesk, seller_only
from niaga.doors.look.page import language
from niaga.doors.seller_portal.chart import day_bars
from niaga.doors.seller_portal.page import show
from niaga.flows.money.seller_queries import seller_balance
from niaga.kernel.money import Money
from niaga.stages.aftersales.seller_queries import desk_figures
from niaga.stages.ordering.seller_queries import daily_sales, orders_to_ship
from niaga.stages.sharing.seller_queries import low_stock


@seller_only
def home(request: HttpRequest, desk: SellerDesk) -> HttpResponse:
    """Show the overview."""
    sales = daily_sales(desk.company_id)
    return show(
        request,
        desk,
        "home",
        {
            "figures": desk_figures(desk.company_id),
            "balance": seller_balance(desk.company_id),
            "sales": sales,
            "bars": day_bars(sales),
            "sold": Money.total(day.total for day in sales),
            "sold_orders": sum(day.orders for day in sales),
            "waiting": orders_to_ship(desk.company_id, language=language()),
            "low": low_stock(desk.company_id, language=language()),
        },
    )
