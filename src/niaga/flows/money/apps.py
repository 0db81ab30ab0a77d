"""The flow of money as a Django app."""

from django.apps import AppConfig


class MoneyConfig(AppConfig):
    """Payments, captures, escrow, refunds, payouts."""

    name = "niaga.flows.money"
    label = "money"
