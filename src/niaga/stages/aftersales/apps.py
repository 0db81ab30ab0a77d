"""The stage of after-sales as a Django app."""

from django.apps import AppConfig


class AftersalesConfig(AppConfig):
    """Reviews and complaints."""

    name = "niaga.stages.aftersales"
    label = "aftersales"
