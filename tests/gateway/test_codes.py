"""Codes that anybody may pay: issued once, paid once, told in order."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
import segno
from django.test import Client
from django.urls import reverse

from niaga.gateway import payer_simulator
from niaga.gateway.commands.issue_code import CodeConflict, issue_code
from niaga.gateway.commands.receive_payment import (
    CodeOver,
    CodeUnknown,
    OtherAmount,
    receive_payment,
)
from niaga.gateway.commands.tell_receipts import tell_receipts
from niaga.gateway.models import CodeReceipt, PayCode
from niaga.gateway.qris import checksum, dynamic_code
from niaga.gateway.references import reference
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.ledger.models import Transfer
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance
from niaga.protocol.errors import MismatchError
from niaga.protocol.messages.codes import CodeRequest
from niaga.protocol.messages.operations import Entry
from niaga.protocol.messages.parts import Amount
from tests.gateway.worlds import BANK, SHOP, Shop, assert_books_agree, new_xid

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def shop(bank):
    return Shop.open(bank)


def order(kind="qris", rupiah=150_000, xid="", currency="IDR", **changes) -> CodeRequest:
    seconds = int(clock.now().timestamp())
    values = {
        "iss": SHOP,
        "aud": BANK,
        "jti": new_xid()[:22],
        "xid": xid or new_xid(),
        "kind": kind,
        "amount": Amount(currency=currency, minor=rupiah * 100),
        "expires": seconds + 3600,
        "iat": seconds,
        "deadline": seconds + 60,
    }
    return CodeRequest(**(values | changes))


def issue(shop, *args, **changes):
    return issue_code(merchant_id=shop.merchant_id, order=order(*args, **changes))


def fields(text: str) -> dict[str, str]:
    """Read tag, length, value; independent of what wrote them."""
    found, at = {}, 0
    while at < len(text):
        length = int(text[at + 2 : at + 4])
        found[text[at : at + 2]] = text[at + 4 : at + 4 + length]
        at += 4 + length
    assert at == len(text)
    return found


def test_the_checksum_is_the_standards():
    assert f"{checksum('123456789'):04X}" == "29B1"


@pytest.mark.parametrize(
    ("money", "written"),
    [(Money.of(150_000), "150000"), (Money.of(1), "1"), (Money.of("10.5"), "10.50")],
)
def test_a_qris_code_holds_one_amount_and_nothing_of_the_order(money, written):
    text = dynamic_code(merchant="Pasar Niaga", amount=money, reference="R" * 22)
    told = fields(text)
    assert (told["00"], told["01"], told["53"], told["58"]) == ("01", "12", "360", "ID")
    assert (told["54"], told["59"]) == (written, "PASAR NIAGA")
    assert fields(told["62"]) == {"05": "R" * 22}
    assert told["63"] == f"{checksum(text[:-4]):04X}"
    assert set(told) == {"00", "01", "26", "51", "52", "53", "54", "58", "59", "60", "62", "63"}


def test_a_phone_reads_the_code(shop, tmp_path: Path):
    content = issue(shop).content
    picture = tmp_path / "code.png"
    segno.make(content, micro=False).save(picture, scale=6, border=4)
    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", picture], check=True, capture_output=True, text=True
    )
    assert read.stdout.rstrip("\n") == content


def test_an_order_repeated_gets_the_same_code(shop):
    xid = new_xid()
    expires = int(clock.now().timestamp()) + 600
    first = issue(shop, xid=xid, expires=expires)
    assert issue(shop, xid=xid, expires=expires) == first
    for changes in ({"rupiah": 1}, {"kind": "virtual_account"}, {"expires": expires + 1}):
        with pytest.raises(CodeConflict):
            issue(shop, **({"xid": xid, "expires": expires} | changes))
    assert PayCode.objects.count() == 1


def test_only_rupiah_is_paid_by_code(shop):
    with pytest.raises(MismatchError):
        issue(shop, currency="USD")
    assert not PayCode.objects.exists()


def test_a_code_is_paid_once_and_told_in_order(shop):
    codes = [issue(shop, rupiah=n) for n in (10_000, 20_000, 30_000)]
    for code, rupiah in zip(codes, (10_000, 20_000, 30_000), strict=True):
        receive_payment(content=code.content, amount=Money.of(rupiah))
    with pytest.raises(CodeOver):
        receive_payment(content=codes[0].content, amount=Money.of(10_000))
    told = tell_receipts(merchant_id=shop.merchant_id, after=0)
    assert [(r.number, r.amount.minor) for r in told.receipts] == [
        (1, 1_000_000), (2, 2_000_000), (3, 3_000_000),
    ]  # fmt: skip
    assert not told.more
    later = tell_receipts(merchant_id=shop.merchant_id, after=2)
    assert [r.number for r in later.receipts] == [3]
    assert balance(AccountKey("merchant_clearing", shop.merchant_id)) == Money.of(60_000)
    assert_books_agree(shop.bank)


def test_what_is_refused_moves_nothing(shop):
    code = issue(shop)
    with pytest.raises(OtherAmount):
        receive_payment(content=code.content, amount=Money.of(149_999))
    with pytest.raises(CodeUnknown):
        receive_payment(content="8808000000000000", amount=Money.of(150_000))
    with clock.at(clock.now() + HOUR), pytest.raises(CodeOver):
        receive_payment(content=code.content, amount=Money.of(150_000))
    assert not CodeReceipt.objects.exists()
    assert not Transfer.objects.exists()


def test_a_transfer_under_way_is_taken_after_the_deadline(shop):
    code = issue(shop, kind="virtual_account")
    assert code.content.isdecimal()
    with clock.at(clock.now() + 2 * HOUR):
        receive_payment(content=code.content, amount=Money.of(150_000))
        [told] = tell_receipts(merchant_id=shop.merchant_id, after=0).receipts
    assert told.paid > PayCode.objects.get().expires_at.timestamp()


def test_a_batch_takes_receipts_up(shop):
    code = issue(shop)
    receipt = receive_payment(content=code.content, amount=Money.of(150_000))
    entry = Entry(kind="receipt", id=reference(receipt), minor=15_000_000)
    answer = shop.batch(entry)
    assert (answer["agreed"], answer["differences"]) == (1, [])
    settled = balance(AccountKey("merchant_settlement", shop.merchant_id))
    assert settled == Money.of(150_000)
    assert CodeReceipt.objects.get().batch_id
    assert_books_agree(shop.bank)


def test_a_receipt_the_merchant_does_not_know_differs(shop):
    receive_payment(content=issue(shop).content, amount=Money.of(150_000))
    [difference] = shop.batch()["differences"]
    assert (difference["problem"], difference["kind"]) == ("unknown_to_merchant", "receipt")
    assert CodeReceipt.objects.get().batch_id is None


def test_the_payer_simulator_shows_and_pays(shop, settings):
    settings.PAYER_SIMULATOR = True
    code = issue(shop)
    page = Client().get(reverse("payer"), {"code": code.content})
    assert "Rp150.000" in page.content.decode()
    Client().post(reverse("payer"), {"code": code.content})
    assert payer_simulator.look_at(code.content).is_paid
    again = Client().post(reverse("payer"), {"code": code.content}, follow=True)
    assert "Not paid" in again.content.decode()
    assert CodeReceipt.objects.count() == 1


def test_a_real_gateway_has_no_simulator(shop):
    assert Client().get(reverse("payer")).status_code == 404
