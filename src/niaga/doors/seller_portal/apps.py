"""The seller portal as a Django app: it brings its static files."""

from django.apps import AppConfig


class SellerPortalConfig(AppConfig):
    """The seller's door."""

    name = "niaga.doors.seller_portal"
    label = "seller_portal"
