"""The flow of information as a Django app."""

from django.apps import AppConfig


class InformationConfig(AppConfig):
    """Catalogue, search, mails, timelines."""

    name = "niaga.flows.information"
    label = "information"
