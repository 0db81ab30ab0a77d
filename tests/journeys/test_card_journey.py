"""Paying by card in a real browser, everyone a process: who may know what, knows just that."""

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Page, Response, Route, expect

from niaga.flows.money.card.keys import Cabinet
from niaga.flows.money.models import Authorization, Payment
from niaga.gateway.issuer_simulator.cards import CARDS
from niaga.protocol.envelope import peek, sign
from niaga.protocol.formats.x509 import Use
from niaga.protocol.messages.purchase import Offer
from niaga.stages.ordering.commands.cancel_order import cancel_order
from niaga.stages.ordering.models import Order, Purchase
from niaga.stages.ordering.proving import evidence_of
from niaga.stages.sharing.indexing import index_products
from tests.support.browser import chromium, window
from tests.support.card_town import HOLDER, CardTown, running_town, wait_until
from tests.support.worlds import OPERATOR, Goods, make_company, make_goods, ship_all

PAN = {card.promise: card.pan for card in CARDS}
GOOD, BROKE = PAN["pays"], PAN["has no money"]
DEAF = PAN["does nothing and never answers"]
SECRET = "Keranjang Rotan Kenari"
SLOW_MS = 90_000


@pytest.fixture
def goods(transactional_db: None) -> Goods:
    made = make_goods(make_company(name="Anyaman Ibu Sri"), stock=50, name=SECRET)
    made.product.name_en = SECRET
    made.product.save()
    index_products([made.product.id])
    return made


@pytest.fixture
def town(goods: Goods, tmp_path: Path) -> Iterator[CardTown]:
    with running_town(tmp_path) as found:
        yield found


@pytest.mark.browser
@pytest.mark.slow
def test_a_buyer_with_a_wallet(town: CardTown, goods: Goods) -> None:
    heard: list[tuple[str, bytes]] = []
    with chromium() as browser, window(browser, town.url) as page:
        page.set_default_timeout(SLOW_MS)
        expect.set_options(timeout=SLOW_MS)
        page.context.on("response", lambda response: _keep(heard, response))
        _give_passkey(page)
        for pan in (DEAF, GOOD, BROKE):
            _add_card(page, town, pan)
        _declined_then_paid(page, goods, town)
        _unanswered_then_called_off(page, goods, town)
        _paid_in_spite_of_haste(page, goods)
        _refused_when_offer_and_order_disagree(page, goods, town)
        _refused_when_the_order_has_changed(page, goods, town)
    _ship_cancel_and_prove(town)
    _assert_nobody_knows_too_much(town, heard)


def _declined_then_paid(page: Page, goods: Goods, town: CardTown) -> None:
    _order(page, goods)
    _to_wallet(page)
    expect(page).to_have_url(re.compile(f"^{town.wallet_url}/"))
    _pay_with(page, BROKE)
    expect(_title(page, "Your bank declined the payment")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Back to")).click()
    expect(page.locator(".pay")).to_contain_text("There is not enough money on the account.")
    page.get_by_role("link", name="Try again in the wallet").click()
    _pay_with(page, GOOD)
    expect(_title(page, "Paid")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Back to")).click()
    expect(_title(page, "Thank you, your bank approved")).to_be_visible()


def _unanswered_then_called_off(page: Page, goods: Goods, town: CardTown) -> None:
    _order(page, goods)
    _to_wallet(page)
    _pay_with(page, DEAF)
    # The bank answers in the end that its issuer could not be reached: nothing is charged.
    expect(_title(page, "Your bank declined the payment")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Back to")).click()
    page.get_by_role("link", name=re.compile("Pay in another way: Virtual account")).click()
    page.get_by_role("button", name=re.compile("Virtual account")).click()
    expect(page.locator(".pay")).to_contain_text("Virtual account number")


def _paid_in_spite_of_haste(page: Page, goods: Goods) -> None:
    """Two clicks, a reload and the back button: one signature, one hold."""
    _order(page, goods)
    _to_wallet(page)
    _choose(page, GOOD)
    page.get_by_role("button", name="Confirm with passkey").dblclick()
    expect(_title(page, "Paid")).to_be_visible()
    page.reload()
    expect(_title(page, "Paid")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Back to")).click()
    expect(_title(page, "Thank you, your bank approved")).to_be_visible()
    page.go_back()
    expect(_title(page, "Paid")).to_be_visible()
    payment = _last_payment()
    assert payment.authorizations.filter(state="approved").count() == 1
    assert payment.authorizations.exclude(state="offered").count() == 1


def _refused_when_offer_and_order_disagree(page: Page, goods: Goods, town: CardTown) -> None:
    """A dishonest market signs an offer of another amount than its order's: nothing is signed."""
    before = _kept_payments(page, town), _asked_of_the_bank(town)
    _order(page, goods)
    page.route("**/pay/*/offer", _with_another_amount)
    _to_wallet(page)
    expect(_title(page, "The amounts do not add up")).to_be_visible()
    expect(page.get_by_role("button", name="Confirm with passkey")).to_have_count(0)
    page.unroute("**/pay/*/offer")
    assert (_kept_payments(page, town), _asked_of_the_bank(town)) == before
    [tried] = _last_payment().authorizations.all()
    assert (tried.state, tried.request) == ("offered", "")


def _with_another_amount(route: Route) -> None:
    """Answer as the market does, with an amount that is not the order's, signed by its own key."""
    answer = route.fetch()
    if route.request.method != "POST":
        return route.fulfill(response=answer)
    told = answer.json()
    offer = peek(Offer, told["offer"])
    dearer = replace(offer, amount=replace(offer.amount, minor=offer.amount.minor + 1_000_00))
    signer = Cabinet(Path(settings.CARD_KEYS)).current(Use.SIGN)
    assert signer is not None
    return route.fulfill(response=answer, json={**told, "offer": sign(dearer, signer)})


def _refused_when_the_order_has_changed(page: Page, goods: Goods, town: CardTown) -> None:
    """What the buyer signed is not what the order costs any more: the market asks for nothing."""
    asked = _asked_of_the_bank(town)
    _order(page, goods)
    _to_wallet(page)
    _choose(page, GOOD)
    purchases = Purchase.objects.filter(payment=_last_payment())
    total = purchases.get().total_minor
    purchases.update(total_minor=total + 1_000_00)
    page.get_by_role("button", name="Confirm with passkey").click()
    expect(_title(page, "The shop did not accept the payment")).to_be_visible()
    assert _asked_of_the_bank(town) == asked
    assert {a.state for a in _last_payment().authorizations.all()} == {"offered"}
    purchases.update(total_minor=total)


def _last_payment() -> Payment:
    return Purchase.objects.order_by("-placed_at")[0].payment


def _asked_of_the_bank(town: CardTown) -> int:
    [(count,)] = town.ask_bank("SELECT count(*) FROM gateway_authorization")
    return int(count)


def _kept_payments(page: Page, town: CardTown) -> int:
    """How many payments the wallet remembers to have signed."""
    if not page.url.startswith(town.wallet_url):
        page.goto(f"{town.wallet_url}/#")
    found = page.evaluate(
        """() => new Promise((resolve, reject) => {
             const opening = indexedDB.open("niaga-wallet");
             opening.onerror = () => reject(opening.error);
             opening.onsuccess = () => {
               const all = opening.result.transaction("payments").objectStore("payments").count();
               all.onsuccess = () => { opening.result.close(); resolve(all.result); };
             };
           })"""
    )
    return int(found)


def _ship_cancel_and_prove(town: CardTown) -> None:
    first, last = Order.objects.filter(state="confirmed").order_by("placed_at")
    ship_all(first)
    cancel_order(actor=OPERATOR, order_id=last.id, reason="sold out")
    wait_until(lambda: _states() == {"confirmed", "voided", "pending"})
    evidence = evidence_of(first.reference)
    assert evidence is not None
    rows = town.ask_bank(
        "SELECT captured_minor, amount_minor - captured_minor - released_minor"
        " FROM gateway_authorization WHERE state IN ('captured', 'reversed') ORDER BY admitted_at"
    )
    assert rows == [(first.total_minor, 0), (0, 0)]


def _states() -> set[str]:
    return set(Payment.objects.values_list("state", flat=True))


def _assert_nobody_knows_too_much(town: CardTown, heard: list[tuple[str, bytes]]) -> None:
    """The market has no card number, the bank and the wallet's server no product."""
    gateway = town.folder / "gateway"
    files = [path for path in town.folder.rglob("*") if path.is_file()]
    bank_files = [path for path in files if gateway in path.parents]
    bank_logs = [town.folder / f"log/{name}.log" for name in ("gateway", "issuer", "wallet")]
    market_files = [path for path in files if path not in bank_files and path not in bank_logs]
    market = b"".join(path.read_bytes() for path in market_files) + _dump(_market_url())
    bank = b"".join(path.read_bytes() for path in (*bank_files, *bank_logs)) + _dump(town.bank_url)
    wallet_origin = b"".join(body for url, body in heard if url.startswith(town.wallet_url))
    market_answers = b"".join(body for url, body in heard if url.startswith(town.url))
    for secret in (GOOD, BROKE, DEAF):
        for where in (market, market_answers, wallet_origin, _dump(town.bank_url)):
            assert not _holds(where, secret.encode())
    for secret in (SECRET, "Anyaman Ibu Sri"):
        for where in (bank, wallet_origin):
            assert not _holds(where, secret.encode())
    # The search itself finds what is there.
    assert _holds(market, SECRET.encode())
    assert _holds(bank, GOOD.encode()) or _holds(bank, GOOD[:6].encode())
    assert Authorization.objects.filter(request__contains="pi").exists()


def _holds(where: bytes, secret: bytes) -> bool:
    """Say whether the secret is there: as it is, in hex, or in base64 at any offset."""
    if secret in where or secret.hex().encode() in where:
        return True
    return any(part in where for offset in range(3) for part in _base64(secret, offset))


def _base64(secret: bytes, offset: int) -> tuple[bytes, bytes]:
    coded = base64.b64encode(b"\0" * offset + secret)
    # Only signs that are the secret's own whatever stands beside it.
    own = coded[-(-offset * 8 // 6) : (offset + len(secret)) * 8 // 6]
    return own, own.translate(bytes.maketrans(b"+/", b"-_"))


def _dump(url: str) -> bytes:
    """Return every row of every table as text."""
    with psycopg.connect(url) as line:
        tables = line.execute(
            "SELECT schemaname || '.' || quote_ident(tablename) FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        found = bytearray()
        for (table,) in tables:
            with line.cursor().copy(f"COPY {table} TO STDOUT") as rows:
                for row in rows:
                    found += bytes(row)
    return bytes(found)


def _market_url() -> str:
    where = connection.settings_dict
    return f"postgresql://postgres@/{where['NAME']}?host={where['HOST']}"


def _keep(heard: list[tuple[str, bytes]], response: Response) -> None:
    if response.request.resource_type in {"document", "fetch", "xhr"} and response.ok:
        sent = (response.request.post_data_buffer or b"") if "/pay/" in response.url else b""
        try:
            heard.append((response.url, response.body() + sent))
        except Exception:  # noqa: BLE001 - a stream of live updates has no end
            heard.append((response.url, sent))


def _give_passkey(page: Page) -> None:
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    line.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def _order(page: Page, goods: Goods) -> None:
    page.goto(f"/p/{goods.product.slug}/")
    page.get_by_role("button", name="Buy now").click()
    page.wait_for_url("**/checkout/")
    page.get_by_label("Name").first.fill("Dewi Lestari")
    page.get_by_label("Telephone").fill("081298765432")
    page.get_by_label("E-mail address").fill("dewi@contoh.id")
    page.get_by_label("Street and number").fill("Jl. Margonda Raya 100")
    page.get_by_label("Postal code").fill("16423")
    expect(page.get_by_label("Village, district, city")).to_contain_text("Kemiri Muka")
    page.get_by_label("Card, from your wallet").check()
    page.get_by_role("button", name="Order and pay").click()
    page.wait_for_url("**/purchases/**")


def _to_wallet(page: Page) -> None:
    page.get_by_role("link", name=re.compile("in the wallet")).click()


def _add_card(page: Page, town: CardTown, pan: str) -> None:
    page.goto("about:blank")
    page.goto(f"{town.wallet_url}/#add")
    page.get_by_label("Card number").fill(pan)
    page.locator("#expiry").fill("12/30")
    page.get_by_label("Security code").fill("321")
    page.locator("#holder").fill(HOLDER)
    page.get_by_role("button", name="Add with passkey").click()
    expect(_title(page, "Your card is ready")).to_be_visible()


def _choose(page: Page, pan: str) -> None:
    radio = page.get_by_role("radio", name=re.compile(pan[-4:]))
    radio.click()
    expect(radio).to_be_checked()
    expect(page.get_by_role("button", name="Confirm with passkey")).to_be_enabled()


def _pay_with(page: Page, pan: str) -> None:
    _choose(page, pan)
    page.get_by_role("button", name="Confirm with passkey").click()


def _title(page: Page, words: str):
    return page.get_by_role("heading", level=1, name=words)
