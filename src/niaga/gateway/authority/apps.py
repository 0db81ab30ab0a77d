"""The authority as a Django app."""

from django.apps import AppConfig


class AuthorityConfig(AppConfig):
    """What was issued, ordered and withdrawn."""

    name = "niaga.gateway.authority"
    label = "authority"
