"""A person's device: Chromium at phone size, with a passkey whose owner is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.support.browser import window
from tests.wallet.town import GOOD_CARD, Town


@dataclass
class Device:
    """The page, and the authenticator behind it."""

    town: Town
    page: Page
    cdp: CDPSession
    authenticator: str

    def verifies_the_person(self, *, verifies: bool) -> None:
        """Let the fingerprint fit, or not."""
        self.cdp.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": self.authenticator, "isUserVerified": verifies},
        )

    def open(self, url: str) -> None:
        """Come from the shop to pay at `url`."""
        # Another document first: a change of the fragment alone would not load the page.
        self.page.goto("about:blank")
        self.page.goto(f"{self.town.origin('wallet')}/#pay={quote(url, safe='')}")

    def type_card(self, *, pan: str = GOOD_CARD.pan, cvc: str = GOOD_CARD.cvc or "") -> None:
        """Fill the form of a new card and send it."""
        self.page.get_by_label("Card number").fill(pan)
        self.page.locator("#expiry").fill("08/31")
        self.page.get_by_label("Security code").fill(cvc)
        self.page.locator("#holder").fill(GOOD_CARD.holder)
        self.page.get_by_role("button", name="Add with passkey").click()

    def enrol(self) -> None:
        """Add the good card."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.town.origin('wallet')}/#add")
        self.type_card()
        self.shows("Your card is ready")

    def confirm(self) -> None:
        """Pay what is shown."""
        self.page.get_by_role("button", name="Confirm with passkey").click()

    def shows(self, title: str) -> None:
        """Wait for a screen by its heading."""
        expect(self.page.get_by_role("heading", level=1, name=title)).to_be_visible()

    def stored(self, store: str) -> list[dict[str, object]]:
        """Return all rows of one object store of the wallet."""
        rows: list[dict[str, object]] = self.page.evaluate(
            """(name) => new Promise((resolve) => {
                 const request = indexedDB.open("niaga-wallet");
                 request.onsuccess = () => {
                   const all = request.result.transaction(name).objectStore(name).getAll();
                   all.onsuccess = () => resolve(all.result);
                 };
               })""",
            store,
        )
        return rows


@contextmanager
def device(browser: Browser, town: Town, **options: object) -> Iterator[Device]:
    """Give a device meanwhile; a script's error or a refused resource fails the test."""
    size = {"width": 390, "height": 844}
    with window(browser, town.origin("wallet"), **{"viewport": size, **options}) as page:
        cdp = page.context.new_cdp_session(page)
        cdp.send("WebAuthn.enable")
        made = cdp.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        yield Device(town, page, cdp, made["authenticatorId"])
