"""Paying by code in a real browser, everyone a process: the page hears of it from the bank."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from niaga.flows.money.models import BankReceipt, Payment
from niaga.stages.ordering.models import Purchase
from tests.support.browser import chromium, window
from tests.support.card_town import CardTown, running_town
from tests.support.worlds import make_basket, make_company, make_goods, place

SLOW_MS = 90_000


@pytest.fixture
def town(transactional_db: None, tmp_path: Path) -> Iterator[CardTown]:
    with running_town(tmp_path) as found:
        yield found


@pytest.mark.browser
@pytest.mark.slow
def test_a_buyer_with_a_phone(town: CardTown, tmp_path: Path) -> None:
    placed = place(make_basket((make_goods(make_company(), stock=5), 1)), method="qris")
    token = Purchase.objects.get(pk=placed.purchase_id).token
    with chromium() as browser, window(browser, town.url) as page:
        page.set_default_timeout(SLOW_MS)
        expect.set_options(timeout=SLOW_MS)
        page.goto(f"{reverse('purchase', args=[placed.reference])}?t={token}")
        expect(page.locator(".qr svg")).to_be_visible()
        for width, height in ((390, 844), (1280, 900)):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=tmp_path / f"qris-{width}.png")
        with page.context.expect_page() as opened:
            page.get_by_role("link", name=re.compile("pay this code")).click()
        payer = opened.value
        payer.get_by_role("button", name=re.compile("^Pay ")).click()
        expect(payer.get_by_text("This code is paid.")).to_be_visible()
        payer.screenshot(path=tmp_path / "payer.png")
        expect(page.get_by_role("heading", name="Thank you, it is paid")).to_be_visible()
    assert Payment.objects.get().state == "confirmed"
    assert BankReceipt.objects.get().state == "matched"
