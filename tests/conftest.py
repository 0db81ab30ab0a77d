"""What every test may use; the database server is started by tests/support/database.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from niaga.flows.information.catalogue import forget_catalogue
from tests.support.bank import Bank, Buyer, card_market, make_buyer
from tests.support.market import RunningMarket, running_market

# `pytest --hypothesis-profile thorough`: the state machines walk much further, for an hour.
settings.register_profile("thorough", max_examples=1_000)


@pytest.fixture
def live_market(transactional_db: None, tmp_path: Path) -> Iterator[RunningMarket]:
    """A market of real processes (HTTPS, worker, mailbox) on this test's database."""
    with running_market(tmp_path) as market:
        yield market


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    """A bank that this market takes cards with, behind the market's own transport."""
    with card_market(tmp_path) as found:
        yield found


@pytest.fixture
def wallet(bank: Bank) -> Buyer:
    """A buyer's wallet with one card of that bank."""
    return make_buyer(bank)


@pytest.fixture(autouse=True)
def _no_catalogue_of_another_test() -> None:
    """Drop the lists that this process keeps: each test has a database of its own."""
    forget_catalogue()
