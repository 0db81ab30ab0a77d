"""The stage of sharing as a Django app."""

from django.apps import AppConfig


class SharingConfig(AppConfig):
    """Offers, vouchers, baskets."""

    name = "niaga.stages.sharing"
    label = "sharing"
