"""A person with a phone: from an empty wallet to "paid", and everything that may come between."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from niaga.protocol.envelope import peek, sign
from niaga.protocol.formats.x509 import Role, Use
from niaga.protocol.gateway.authorization import Decision
from niaga.protocol.messages.parts import Amount
from niaga.protocol.messages.purchase import DualSignature, Offer, PaymentResponse, Receipt
from tests.support.payment import ITEM, SHOP_NAME, found_pki
from tests.wallet.browser import Device
from tests.wallet.town import GOOD_CARD, ORDER, Town, changed, now

pytestmark = pytest.mark.browser

PATIENCE_MS = 30_000


def _signatures(town: Town, name: str = "one") -> set[str]:
    """Return the distinct signatures that reached the shop."""
    return {json.loads(body)["ds"] for body in town.purchases[name].received}


def test_from_an_empty_wallet_to_paid(phone: Device) -> None:
    town, page = phone.town, phone.page
    phone.open(town.open_purchase())
    phone.shows("First add a card")
    page.get_by_role("button", name="Add a card").click()
    phone.type_card()
    phone.shows(SHOP_NAME)
    expect(page.locator(".amount")).to_have_text("Rp162.500")
    for words in (ITEM, "Anyaman Ibu Sri", "Kopi Tanah Air", "NIAGA25", "•••• 7899"):
        expect(page.get_by_text(words).first).to_be_visible()
    phone.confirm()
    phone.shows("Paid")
    expect(page.get_by_text(ORDER)).to_be_visible()
    back = page.get_by_role("link", name=f"Back to {SHOP_NAME}")
    expect(back).to_have_attribute("href", f"{town.origin('shop')}/pay/one/")
    page.get_by_role("link", name="See the receipt").click()
    checks = page.locator(".checks li")
    expect(checks).to_have_count(4)
    expect(page.locator(".checks .good")).to_have_count(4)
    assert len(town.purchases["one"].received) == 1


def test_a_receipt_that_was_altered_says_so(phone: Device) -> None:
    phone.enrol()
    phone.open(phone.town.open_purchase())
    phone.confirm()
    phone.shows("Paid")
    (row,) = phone.stored("payments")
    altered = str(row["answer"])[:-4] + "AAAA"
    phone.page.evaluate(
        """async ([xid, answer]) => {
             const store = await import("/js/store.js");
             await store.changePayment({ ...(await store.payment(xid)), answer });
           }""",
        [row["xid"], altered],
    )
    phone.page.goto(f"/#payment={row['xid']}")
    expect(phone.page.locator(".checks .bad")).to_have_count(1)
    expect(phone.page.locator(".checks .good")).to_have_count(3)


def test_nothing_of_the_card_is_kept(phone: Device) -> None:
    phone.enrol()
    phone.open(phone.town.open_purchase())
    phone.confirm()
    phone.shows("Paid")
    kept = json.dumps([phone.stored(store) for store in ("cards", "payments", "settings")])
    for secret in (GOOD_CARD.pan, GOOD_CARD.holder, "2031-08"):
        assert secret not in kept
    extractable = phone.page.evaluate(
        """async () => (await (await import("/js/store.js")).cards())[0].privateKey.extractable"""
    )
    assert extractable is False


def test_declined_and_tried_again(phone: Device) -> None:
    town = phone.town
    phone.enrol()
    town.misbehave.decide = lambda: Decision("declined", reason="insufficient_funds")
    phone.open(town.open_purchase())
    phone.confirm()
    phone.shows("Your bank declined the payment")
    expect(phone.page.get_by_text("There is not enough money on this card's")).to_be_visible()
    town.reset_decision()
    phone.page.get_by_role("button", name="Try again").click()
    phone.confirm()
    phone.shows("Paid")
    assert len(_signatures(town)) == 2
    assert sorted(str(row["state"]) for row in phone.stored("payments")) == ["declined", "paid"]


def test_other_reasons_stay_with_the_bank(phone: Device) -> None:
    phone.enrol()
    phone.town.misbehave.decide = lambda: Decision("declined", reason="instrument_blocked")
    phone.open(phone.town.open_purchase())
    phone.confirm()
    phone.shows("Your bank declined the payment")
    expect(phone.page.get_by_text("Nothing was charged. You can try again")).to_be_visible()
    answer = str(phone.stored("payments")[0]["answer"])
    receipt = peek(Receipt, peek(PaymentResponse, answer).receipt or "")
    assert (receipt.result, receipt.reason) == ("declined", "declined")


def test_the_bank_takes_its_time(phone: Device) -> None:
    town = phone.town
    phone.enrol()
    town.misbehave.decide = lambda: Decision("pending")
    phone.open(town.open_purchase())
    phone.confirm()
    expect(phone.page.get_by_text("Asking the bank").first).to_be_visible()
    (row,) = phone.stored("payments")
    assert row["state"] in {"signed", "pending"}
    town.answer_anew("one", "paid")
    expect(phone.page.get_by_role("heading", name="Paid")).to_be_visible(timeout=PATIENCE_MS)
    assert len(_signatures(town)) == 1


def test_a_lost_answer_is_found_again(phone: Device) -> None:
    phone.enrol()
    phone.town.misbehave.lost_answers = 1
    phone.open(phone.town.open_purchase())
    phone.confirm()
    expect(phone.page.get_by_role("heading", name="Paid")).to_be_visible(timeout=PATIENCE_MS)
    assert len(_signatures(phone.town)) == 1


def test_a_reload_in_the_middle_goes_on_with_the_same_bytes(phone: Device) -> None:
    town = phone.town
    phone.enrol()
    town.misbehave.lost_requests = 1_000
    phone.open(town.open_purchase())
    phone.confirm()
    expect(phone.page.get_by_text("Asking the bank").first).to_be_visible()
    phone.page.wait_for_timeout(300)
    (row,) = phone.stored("payments")
    assert row["state"] == "signed"
    town.misbehave.lost_requests = 0
    phone.page.reload()
    expect(phone.page.get_by_role("heading", name="Paid")).to_be_visible(timeout=PATIENCE_MS)
    assert town.purchases["one"].received == [str(row["request"]).encode()]


def test_back_and_forth_shows_paid_and_asks_for_nothing(phone: Device) -> None:
    town, page = phone.town, phone.page
    phone.enrol()
    url = town.open_purchase()
    phone.open(url)
    phone.confirm()
    phone.shows("Paid")
    page.get_by_role("link", name=f"Back to {SHOP_NAME}").click()
    page.wait_for_url(url)
    page.go_back()
    phone.shows("Paid")
    phone.open(url)
    phone.shows("Paid")
    assert len(town.purchases["one"].received) == 1


def test_a_double_click_signs_once(phone: Device) -> None:
    phone.enrol()
    phone.open(phone.town.open_purchase())
    phone.page.get_by_role("button", name="Confirm with passkey").dblclick()
    phone.shows("Paid")
    assert len(phone.town.purchases["one"].received) == 1
    assert len(phone.stored("payments")) == 1


def test_a_passkey_that_does_not_fit_signs_nothing(phone: Device) -> None:
    phone.enrol()
    phone.open(phone.town.open_purchase())
    phone.shows(SHOP_NAME)
    phone.verifies_the_person(verifies=False)
    phone.confirm()
    expect(phone.page.get_by_role("alert")).to_contain_text("Not confirmed")
    assert phone.town.purchases["one"].received == []
    assert phone.stored("payments") == []
    phone.verifies_the_person(verifies=True)
    phone.confirm()
    phone.shows("Paid")


def test_a_tampered_amount(phone: Device) -> None:
    phone.enrol()
    phone.town.misbehave.offer = _with_cheaper_offer(phone.town)
    phone.open(phone.town.open_purchase())
    phone.shows("The amounts do not add up")
    expect(phone.page.get_by_role("button", name="Confirm with passkey")).to_have_count(0)
    assert phone.stored("payments") == []


def _with_cheaper_offer(town: Town) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def change(answer: dict[str, Any]) -> dict[str, Any]:
        told = replace(peek(Offer, answer["offer"]), amount=Amount(currency="IDR", minor=100))
        return {**answer, "offer": sign(told, town.shop)}

    return change


def test_an_offer_that_is_over(phone: Device) -> None:
    phone.enrol()
    soon = int(now().timestamp()) + 4
    phone.town.misbehave.terms = lambda terms: changed(terms, expires_s=soon)
    phone.open(phone.town.open_purchase())
    expect(phone.page.get_by_text("This offer has expired")).to_be_visible()
    expect(phone.page.get_by_role("button", name="Confirm with passkey")).to_be_disabled()
    phone.town.misbehave.terms = lambda terms: terms
    phone.page.get_by_role("button", name="Get a new offer").click()
    phone.confirm()
    phone.shows("Paid")


def test_a_shop_nobody_vouches_for(phone: Device) -> None:
    phone.enrol()
    town = phone.town
    town.misbehave.signer = found_pki(now=now()).enrol(
        Role.MERCHANT, Use.SIGN, subject=town.origin("shop"), name=SHOP_NAME, now=now()
    )
    phone.open(town.open_purchase())
    phone.shows("We don't know this shop")
    expect(phone.page.get_by_role("link", name="Back to the shop")).to_be_visible()
    assert phone.stored("payments") == []


def test_a_shop_that_was_withdrawn(phone: Device) -> None:
    phone.enrol()
    phone.town.revoked = {phone.town.pki.roles[Role.MERCHANT].thumbprint: {2}}
    phone.open(phone.town.open_purchase())
    phone.shows("This shop may not take payments any more")


def test_a_shop_that_refuses(phone: Device) -> None:
    phone.enrol()
    phone.town.misbehave.refuses = "order_cancelled"
    phone.open(phone.town.open_purchase())
    phone.confirm()
    phone.shows("The shop did not accept the payment")
    expect(phone.page.get_by_text("order_cancelled")).to_be_visible()


def test_a_shop_that_is_silent(phone: Device) -> None:
    phone.enrol()
    url = phone.town.open_purchase()
    del phone.town.purchases["one"]
    phone.open(url)
    phone.shows("The shop does not know this payment")


def test_a_link_that_leads_nowhere(phone: Device) -> None:
    phone.enrol()
    for link in ("http://localhost/pay/x/", "javascript:alert(1)", "https://a:b@localhost/", ""):
        phone.open(link)
        phone.shows("This link leads to no payment")


def test_a_card_the_bank_does_not_know(phone: Device) -> None:
    phone.page.goto("/#add")
    phone.type_card(cvc="999")
    phone.shows("Your bank did not accept this card")
    assert phone.stored("cards") == []
    phone.page.get_by_role("button", name="Try again").click()
    phone.shows("Add a card")


def test_typing_mistakes_are_told_beside_the_field(phone: Device) -> None:
    page = phone.page
    page.goto("/#add")
    phone.type_card(pan="4000001234567898", cvc="1")
    number = page.get_by_label("Card number")
    expect(number).to_be_focused()
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#number-error")).to_contain_text("typing mistake")
    expect(page.locator("#cvc-error")).to_be_visible()
    expect(page.locator("#announcer")).to_contain_text("typing mistake")
    number.fill(GOOD_CARD.pan)
    expect(page.locator("#number-error")).to_be_hidden()
    assert phone.town.enrolments == []


def test_works_by_keyboard_alone(phone: Device) -> None:
    page = phone.page
    phone.enrol()
    phone.open(phone.town.open_purchase())
    phone.shows(SHOP_NAME)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "confirm":
            break
    page.keyboard.press("Enter")
    phone.shows("Paid")
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("Paid")


def test_a_certificate_is_renewed_silently(phone: Device) -> None:
    town = phone.town
    town.life = timedelta(days=5)
    phone.enrol()
    (before,) = phone.stored("cards")
    town.life = None
    phone.page.goto("about:blank")
    phone.page.goto(f"{town.origin('wallet')}/")
    phone.shows("Your wallet")
    for _ in range(100):
        (after,) = phone.stored("cards")
        if after["x5c"] != before["x5c"]:
            break
        phone.page.wait_for_timeout(100)
    assert town.renewals == 1
    assert after["x5c"] != before["x5c"]
    phone.open(town.open_purchase())
    phone.confirm()
    phone.shows("Paid")


def test_a_card_whose_certificate_ended_is_added_again(phone: Device) -> None:
    town = phone.town
    phone.enrol()
    phone.page.evaluate(
        """async () => {
             const store = await import("/js/store.js");
             const [card] = await store.cards();
             await store.keepCard({ ...card, notAfter: Date.now() - 1000 });
           }"""
    )
    phone.open(town.open_purchase())
    phone.shows("First add a card")
    phone.page.get_by_role("button", name="Add a card").click()
    phone.type_card()
    phone.confirm()
    phone.shows("Paid")


def test_a_card_is_removed(phone: Device) -> None:
    phone.enrol()
    phone.page.goto("/#")
    phone.page.locator("a[href^='#card=']").click()
    phone.page.get_by_role("button", name="Remove this card").click()
    phone.page.get_by_role("button", name="Remove", exact=True).click()
    phone.shows("Pay by card without showing your card")
    assert phone.stored("cards") == []


def test_speaks_indonesian_and_remembers_the_dark(phone: Device) -> None:
    page = phone.page
    page.goto("/")
    page.get_by_role("button", name="Bahasa Indonesia").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("kartu")
    expect(page.locator("html")).to_have_attribute("lang", "id")
    page.get_by_role("button", name=re.compile("[Tt]erang")).click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_attribute("lang", "id")


def test_no_page_is_wider_than_a_phone(phone: Device) -> None:
    phone.enrol()
    pages = ["/#", "/#add", f"/#card={phone.stored('cards')[0]['id']}"]
    phone.open(phone.town.open_purchase())
    phone.confirm()
    phone.shows("Paid")
    pages.append(f"/#payment={phone.stored('payments')[0]['xid']}")
    for path in pages:
        phone.page.goto(path)
        phone.page.locator("h1").wait_for()
        width = phone.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, path


def test_an_old_browser_is_told_kindly(phone: Device) -> None:
    phone.page.add_init_script("delete globalThis.PublicKeyCredential")
    phone.page.goto("/#add")
    phone.shows("This browser has no passkeys")


def test_two_tabs_pay_once(phone: Device) -> None:
    town = phone.town
    phone.enrol()
    phone.open(town.open_purchase())
    phone.shows(SHOP_NAME)
    other = phone.page.context.new_page()
    other.goto(phone.page.url)
    expect(other.get_by_role("heading", name=SHOP_NAME)).to_be_visible()
    assert len(town.purchases["one"].offers) == 2
    phone.confirm()
    phone.shows("Paid")
    other.get_by_role("button", name="Confirm with passkey").click()
    expect(other.get_by_role("heading", name="Paid")).to_be_visible()
    (ds,) = _signatures(town)
    assert peek(DualSignature, ds).amount.minor == 162_500_00
    assert len(phone.stored("payments")) == 1
