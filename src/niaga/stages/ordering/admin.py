"""Purchases and orders, to look at."""

from niaga.plumbing.admin import show
from niaga.stages.ordering.models import Charge, ChargeLine, Order, OrderLine, Purchase

show(
    Purchase, "reference", "name", "email", "total_minor", "currency", "placed_at",
    search=["reference", "name", "email"], when="placed_at", secret=["token"],
)  # fmt: skip
show(
    Order, "reference", "seller", "state", "total_minor", "currency", "placed_at",
    search=["reference", "purchase__reference"], filters=["state"], joins=["seller"],
    when="placed_at",
)  # fmt: skip
show(
    OrderLine, "sku", "order", "quantity", "shipped_quantity", "delivered_quantity", "total_minor",
    search=["sku", "order__reference"], filters=["kind"], joins=["order"],
)  # fmt: skip
show(
    Charge, "order", "total_minor", "tax_minor", "commission_minor", "made_at",
    search=["order__reference"], joins=["order"], when="made_at",
)  # fmt: skip
show(
    ChargeLine, "charge", "line", "quantity", "discount_minor", "total_minor",
    search=["line__sku"], joins=["charge", "line"],
)  # fmt: skip
