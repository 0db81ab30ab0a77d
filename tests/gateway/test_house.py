"""The gateway keeps the house's rules on its own ground."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def test_migrations_are_complete():
    told = StringIO()
    try:
        call_command("makemigrations", "--check", "--dry-run", stdout=told)
    except SystemExit:
        pytest.fail(told.getvalue(), pytrace=False)


def test_nothing_of_the_market_is_here():
    rooms = {model.__module__.rsplit(".", 1)[0] for model in apps.get_models()}
    ours = {room for room in rooms if room.startswith("niaga.")}
    assert ours == {"niaga.plumbing", "niaga.ledger", "niaga.gateway", "niaga.gateway.authority"}
