"""The ledger as a Django app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Accounts, entries and transfers."""

    name = "niaga.ledger"
    label = "ledger"
