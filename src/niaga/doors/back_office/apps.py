"""The back office as a Django app: it brings its static files."""

from django.apps import AppConfig


class BackOfficeConfig(AppConfig):
    """The operator's door."""

    name = "niaga.doors.back_office"
    label = "back_office"
