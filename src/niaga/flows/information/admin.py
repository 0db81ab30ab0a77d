"""Catalogue, search index and mails, to look at."""

from niaga.flows.information.models import (
    Attribute,
    CatalogueVersion,
    Category,
    ListingCard,
    Mail,
    Media,
    Product,
    Variant,
)
from niaga.plumbing.admin import show

show(Category, "path", "name_id", "name_en", "position", search=["path", "name_id", "name_en"])
show(Attribute, "code", "category", "kind", "unit", search=["code"], joins=["category"])
show(
    Product, "name_id", "kind", "category", "state", "created_at",
    search=["name_id", "name_en", "slug"], filters=["state", "kind"], joins=["category"],
    when="created_at",
)  # fmt: skip
show(Variant, "sku", "product", "weight_g", "active", search=["sku", "gtin"], joins=["product"])
show(Media, "file", "product", "position", search=["file"], joins=["product"])
show(
    ListingCard, "name_id", "seller_name", "price_minor", "in_stock", "listed", "listed_at",
    search=["name_id", "seller_name"], filters=["kind", "in_stock", "listed"], when="listed_at",
    secret=["words"],
)  # fmt: skip
show(CatalogueVersion, "id", "version")
show(
    Mail, "to", "subject", "template", "state", "tries", "created_at",
    search=["to", "subject"], filters=["state", "template"], when="created_at",
)  # fmt: skip
