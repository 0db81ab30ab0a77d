"""The stage of ordering as a Django app."""

from django.apps import AppConfig


class OrderingConfig(AppConfig):
    """Purchases, orders, order lines."""

    name = "niaga.stages.ordering"
    label = "ordering"
