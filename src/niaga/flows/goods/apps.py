"""The flow of goods as a Django app."""

from django.apps import AppConfig


class GoodsConfig(AppConfig):
    """Stock, shipments, bookings, downloads."""

    name = "niaga.flows.goods"
    label = "goods"
