"""The town, a browser, and a page with a passkey, for every test of the wallet."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import chromium
from tests.support.payment import Authenticator, Parties
from tests.wallet.browser import Device, device
from tests.wallet.cases import parties_of
from tests.wallet.town import Town, running_town


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running_town(tmp_path_factory.mktemp("town")) as town:
        yield town


@pytest.fixture(scope="session")
def _chromium() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def town(_running: Town) -> Town:
    """The town, honest and without a past."""
    _running.reset()
    return _running


@pytest.fixture
def authenticator(town: Town) -> Authenticator:
    """A passkey in software, of the wallet's origin."""
    return Authenticator(party=town.party)


@pytest.fixture
def phone(town: Town, _chromium: Browser) -> Iterator[Device]:
    """A phone with an empty wallet and a passkey."""
    with device(_chromium, town) as made:
        yield made


@pytest.fixture(scope="module")
def lab(_running: Town, _chromium: Browser) -> Iterator[Page]:
    """A page of the wallet's origin in which its modules can be tried one by one."""
    _running.reset()
    with device(_chromium, _running) as made:
        made.page.goto("/")
        made.page.wait_for_selector("h1")
        yield made.page


@pytest.fixture(scope="module")
def parties(_running: Town) -> Parties:
    """Everyone of the protocol's own world, under the root that the page believes."""
    return parties_of(_running)
