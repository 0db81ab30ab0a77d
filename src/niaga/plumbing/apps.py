"""The plumbing as a Django app."""

from django.apps import AppConfig


class PlumbingConfig(AppConfig):
    """Tables of the outbox, of idempotency and of gapless numbers."""

    name = "niaga.plumbing"
    label = "plumbing"
