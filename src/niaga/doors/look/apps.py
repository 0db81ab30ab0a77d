"""The look as a Django app: it brings static files, templates and template settings."""

from django.apps import AppConfig


class LookConfig(AppConfig):
    """Static files and templates that all doors share."""

    name = "niaga.doors.look"
    label = "look"
