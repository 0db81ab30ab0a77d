"""One order from a company's registration to its receipt, in real browsers, on a running market."""

import io
import re
import time
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from niaga.parties.models import Person
from niaga.stages.ordering.models import Purchase
from niaga.stages.sharing.indexing import index_products
from tests.support.audit import assert_flows_agree
from tests.support.browser import PATIENCE_MS, chromium, sign_in, window
from tests.support.market import RunningMarket
from tests.support.worlds import make_category, make_company, make_goods, make_person

PASSWORD = "rahasia-123"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def known_seller(transactional_db: None) -> str:
    """A shop that sells spoons already; return its owner's address."""
    owner = make_person("sendok@contoh.id")
    company = make_company(name="Toko Sendok", owner=owner)
    goods = make_goods(company, price=40_000, stock=5, name="Sendok Kayu")
    make_category("kopi")
    Person.objects.create_superuser("pengelola@contoh.id", PASSWORD, name="Pengelola")
    index_products([goods.product.id])
    return owner.email


@pytest.mark.browser
@pytest.mark.slow
def test_from_registration_to_receipt(known_seller: str, live_market: RunningMarket) -> None:
    with chromium() as browser:
        with (
            window(browser, live_market.url) as seller,
            window(browser, live_market.url) as operator,
        ):
            _register(seller)
            sign_in(operator, "pengelola@contoh.id", PASSWORD)
            _approve(operator)
            _list_coffee(seller)
            with window(browser, live_market.url, **PHONE) as buyer:
                number, total = _order_from_two_sellers(buyer)
                _read_bank_file(operator, number, total)
                expect(buyer.get_by_text("Payment received").first).to_be_visible()
                _ship(seller)
                _ship_as(browser, live_market, known_seller)
                _follow_and_confirm(buyer)
            _see_the_money(seller, operator)
        _read_mails(live_market, browser)
    with override_settings(MAILERS={"default": {"BACKEND": LOCAL_MAIL}}):
        assert_flows_agree()


LOCAL_MAIL = "django.core.mail.backends.locmem.EmailBackend"


def _register(page: Page) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill("kopi@contoh.id")
    page.get_by_label("Password").fill("kopi-dari-gayo-2026")
    page.get_by_role("button", name="Sign Up").click()
    page.wait_for_url(lambda url: "/signup/" not in url)
    page.goto("/seller/register/")
    for label, words in {
        "Shop name": "Kopi Gayo",
        "Legal name": "PT Kopi Gayo",
        "NIB": "9120304050607",
        "NPWP": "0013000616012000",
        "E-mail for orders": "kopi@contoh.id",
        "Telephone": "081234567890",
        "Street and number": "Jl. Takengon 5",
        "Bank": "Bank Contoh",
        "Account number": "1234567890",
        "Account holder": "PT Kopi Gayo",
    }.items():
        page.get_by_label(label, exact=False).first.fill(words)
    page.get_by_label("Postal code").fill("24511")
    region = page.get_by_label("Village, district, city")
    expect(region.locator("option")).not_to_have_count(1)
    region.select_option(index=1)
    page.get_by_role("button", name="Send the registration").click()
    expect(page.get_by_text("Waiting for approval").first).to_be_visible()


def _approve(page: Page) -> None:
    page.goto("/office/companies/")
    page.get_by_role("link", name="Kopi Gayo").first.click()
    page.get_by_role("link", name="Approve").click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved").first).to_be_visible()


def _list_coffee(page: Page) -> None:
    page.goto("/seller/stock/locations/")
    page.get_by_label("Name").fill("Gudang")
    page.get_by_label("Postal code").fill("24511")
    page.get_by_role("button", name="Save").first.click()
    page.goto("/seller/delivery/new/")
    page.get_by_label("Name").first.fill("Reguler")
    page.get_by_label("Priced").select_option(label="One price")
    page.get_by_label("Price (Rp)").fill("15000")
    page.get_by_role("button", name="Save").last.click()
    page.goto("/seller/products/new/?kind=goods&category=kopi")
    page.get_by_label("Name (Indonesian)").fill("Kopi Gayo Wine")
    page.get_by_label("Name (English)").fill("Gayo Wine Coffee")
    page.get_by_label("SKU").first.fill("GAYO-250")
    page.get_by_label("Price (Rp)", exact=True).first.fill("95000")
    page.get_by_label("Weight (g)").first.fill("250")
    page.get_by_role("button", name="Save").last.click()
    page.goto("/seller/stock/")
    page.get_by_role("link", name="Change").first.click()
    received = page.locator("form", has=page.get_by_role("button", name="Receive"))
    received.locator("input[type=number]").fill("20")
    received.get_by_role("button", name="Receive").click()
    page.get_by_role("link", name="Product", exact=True).click()
    page.get_by_role("link", name="Publish").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published").first).to_be_visible()


def _find(page: Page, words: str, title: str) -> None:
    """Search until the worker has indexed what was published a moment ago."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while True:
        page.goto("/")
        page.get_by_label("Search the market").fill(words)
        page.keyboard.press("Enter")
        page.wait_for_url("**/search/**")
        if page.get_by_role("link", name=title).count():
            break
        assert time.monotonic() < deadline, f"{title} is not found"
    page.get_by_role("link", name=title).first.click()


def _order_from_two_sellers(page: Page) -> tuple[str, int]:
    """Order as a guest on a phone; return the virtual account's number and the amount."""
    _find(page, "gayo", "Gayo Wine Coffee")
    page.get_by_role("button", name="One more").click()
    page.get_by_role("button", name="Add to basket").click()
    expect(page.locator("#toasts")).to_contain_text("basket")
    _find(page, "sendok", "Thing")
    page.get_by_role("button", name="Buy now").click()
    page.wait_for_url("**/checkout/")
    page.get_by_label("Name").first.fill("Dewi Lestari")
    page.get_by_label("Telephone").fill("081298765432")
    page.get_by_label("E-mail address").fill("dewi@contoh.id")
    page.get_by_label("Street and number").fill("Jl. Margonda Raya 100")
    page.get_by_label("Postal code").fill("16423")
    expect(page.get_by_label("Village, district, city")).to_contain_text("Kemiri Muka")
    expect(page.get_by_text("Delivery by Kopi Gayo")).to_be_visible()
    page.get_by_label("Bank transfer").check()
    page.get_by_role("button", name="Order and pay").click()
    page.wait_for_url("**/purchases/**")
    purchase = Purchase.objects.select_related("payment").get()
    assert purchase.orders.count() == 2
    number = purchase.payment.account_number
    assert number is not None
    assert number in page.locator("body").inner_text().replace(" ", "").replace(" ", "")
    return number, purchase.total_minor // 100


def _read_bank_file(page: Page, number: str, rupiah: int) -> None:
    page.goto("/office/payments/bank-file/")
    header = "bank_reference,account_number,amount,received_at"
    lines = f"{header}\nTRX-1,{number},{rupiah},2026-11-25T10:00:00+07:00\n"
    page.locator("input[type=file]").set_input_files(
        {"name": "bank.csv", "mimeType": "text/csv", "buffer": lines.encode()}
    )
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_role("cell", name="TRX-1")).to_be_visible()


def _ship(page: Page) -> None:
    page.goto("/seller/orders/?state=confirmed")
    page.get_by_role("link", name=re.compile("^OR-")).first.click()
    page.get_by_label("Carrier").fill("JNE")
    page.get_by_label("Tracking number").fill("JNE0001")
    page.get_by_role("button", name="The parcel is handed over").click()
    expect(page.get_by_text("JNE0001").first).to_be_visible()
    page.locator("select[name=state]").first.select_option("delivered")
    page.get_by_role("button", name="Write down").click()
    expect(page.locator("main")).to_contain_text("Delivered")


def _ship_as(browser: Browser, market: RunningMarket, email: str) -> None:
    with window(browser, market.url) as page:
        sign_in(page, email, PASSWORD)
        _ship(page)


def _follow_and_confirm(page: Page) -> None:
    coffee = page.locator("section", has_text="Gayo Wine Coffee")
    coffee.get_by_role("link", name="Follow this order").click()
    page.wait_for_url("**/orders/**")
    timeline = page.locator("#timeline")
    for flow in ("goods", "information", "money", "documents"):
        expect(timeline.locator(f".flow-{flow}").first).to_be_attached()
    for kind in ("Order confirmation", "Invoice", "Receipt", "Delivery note"):
        row = page.locator(".file-row", has_text=kind).first
        expect(row).to_be_visible()
        answer = page.request.get(row.get_by_role("link").get_attribute("href") or "")
        assert answer.status == 200, kind
        text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(answer.body())).pages)
        assert "Gayo Wine Coffee" in text, kind
    page.get_by_role("link", name="I have everything").click()
    page.get_by_role("button", name="Yes, I have everything").click()
    page.wait_for_url(re.compile(r"/orders/[0-9a-f-]+/$"))
    page.get_by_role("link", name="Write a review").click()
    page.get_by_label("5 stars").check(force=True)
    page.locator("textarea").fill("Harum dan segar.")
    page.get_by_role("button", name="Publish the review").click()
    expect(page.get_by_text("your review").first).to_be_visible()


def _see_the_money(seller: Page, operator: Page) -> None:
    seller.goto("/seller/balance/")
    expect(seller.locator("main")).to_contain_text("Ready to be paid out")
    operator.goto("/office/payouts/run/")
    operator.get_by_role("button", name="Make the bank file").click()
    seller.goto("/seller/balance/payouts/")
    expect(seller.locator("main")).to_contain_text("Rp")
    operator.goto("/office/audit/")
    operator.get_by_role("button", name="Run the audit now").click()
    expect(operator.get_by_text("Everything agrees.").first).to_be_visible()


def _read_mails(market: RunningMarket, browser: Browser) -> None:
    """Every mail of the story came, and the buyer's link opens the purchase in a new browser."""
    mails = [_mail(path) for path in sorted(market.mails.glob("*.eml"))]
    to_buyer = [text for to, text in mails if "dewi@contoh.id" in to]
    assert len(to_buyer) >= 4
    assert any("kopi@contoh.id" in to for to, _ in mails)
    link = re.search(r"https://\S+/purchases/\S+\?t=[\w-]+", to_buyer[0])
    assert link is not None
    with window(browser, market.url) as stranger:
        stranger.goto(link.group())
        expect(stranger.locator("h1").first).to_be_visible()
        assert "Kopi Gayo" in stranger.locator("main").inner_text()


def _mail(path: Path) -> tuple[str, str]:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    return str(mail["To"]), body.get_content()
