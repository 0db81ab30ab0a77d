"""What every test of the gateway may use."""

from pathlib import Path

import pytest

from niaga.gateway.issuer_simulator.bank import Bank


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    """A simulated issuer with the demo's cards."""
    return Bank(tmp_path / "issuer.sqlite3")
