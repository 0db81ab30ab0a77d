"""The parties as a Django app."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """People, companies, memberships, addresses."""

    name = "niaga.parties"
    label = "parties"
