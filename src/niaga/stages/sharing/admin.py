"""Offers, vouchers and baskets, to look at."""

from niaga.plumbing.admin import show
from niaga.stages.sharing.models import (
    Basket,
    BasketLine,
    CommissionPlan,
    Offer,
    Quotation,
    QuotationLine,
    Voucher,
)

show(
    Offer, "variant", "seller", "price_minor", "currency", "tax",
    search=["variant__sku"], filters=["tax"], joins=["variant", "seller"],
)  # fmt: skip
show(
    CommissionPlan, "name", "rate_bp", "seller", "category", "tier", "starts_at", "ends_at",
    search=["name"], joins=["seller", "category"], when="starts_at",
)  # fmt: skip
show(
    Voucher, "code", "kind", "seller", "uses", "starts_at", "ends_at",
    search=["code"], filters=["kind"], joins=["seller"], when="starts_at",
)  # fmt: skip
show(
    Quotation, "person", "seller", "state", "asked_at", "valid_until",
    filters=["state"], joins=["person", "seller"], when="asked_at",
)  # fmt: skip
show(
    QuotationLine, "quotation", "variant", "quantity", "price_minor", "order_id",
    joins=["quotation", "variant"],
)  # fmt: skip
show(Basket, "id", "person", "touched_at", joins=["person"], when="touched_at")
show(BasketLine, "basket", "variant", "quantity", "added_at", joins=["basket", "variant"])
