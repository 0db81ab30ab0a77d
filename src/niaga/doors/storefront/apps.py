"""The storefront as a Django app: its static files."""

from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    """Names the room for Django."""

    name = "niaga.doors.storefront"
    label = "storefront"
