"""What every test of the gateway may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from niaga.gateway.issuer.connection import asked_over
from niaga.gateway.issuer_simulator.bank import Bank
from tests.gateway.town import Town


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    """A simulated issuer with the demo's cards."""
    return Bank(tmp_path / "issuer.sqlite3")


@pytest.fixture
def town(db: None, tmp_path: Path, settings: Settings) -> Iterator[Town]:
    """Buyer, merchant, gateway, authority and issuer, speaking real messages."""
    made = Town(tmp_path, settings)
    with asked_over(made.line):
        yield made
