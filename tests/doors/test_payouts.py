"""Payouts at the doors: the operator's files, statements and schedule, and the seller's own."""

from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from niaga.flows.money.commands.settle_payout import return_payout
from niaga.flows.money.models import BankEntry, Payout, PayoutBatch
from niaga.flows.money.paying_out import run_payouts
from niaga.flows.money.payout_schedule import payout_schedule
from niaga.kernel.money import Money
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.statement_import import import_statement
from tests.doors.conftest import Desk
from tests.stages.test_payouts import completed
from tests.support.camt import Line, statement
from tests.support.statements import count_statements
from tests.support.worlds import OPERATOR, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_person(name="Sari Operator", is_staff=True))
    return client


def post(office: Client, name: str, pk: UUID | None = None, **answers: object) -> int:
    return office.post(reverse(f"office:{name}", args=[pk] if pk else []), answers).status_code


def read(office: Client, name: str, *args: object) -> str:
    return office.get(reverse(f"office:{name}", args=args)).content.decode()


def upload(office: Client, content: bytes) -> tuple[int, str]:
    file = SimpleUploadedFile("statement.xml", content)
    response = office.post(reverse("office:statement"), {"file": file})
    return response.status_code, response.content.decode()


def test_the_file_is_given_in_iso_20022_once_there_is_an_account(office: Client, settings) -> None:
    completed()
    assert post(office, "payouts_run") == 302
    batch = PayoutBatch.objects.get()
    address = reverse("office:payment_order", args=[batch.id])
    assert office.get(address).status_code == 404
    assert address not in read(office, "batch", batch.id)
    assert "NIAGA_BANK_ACCOUNT" in read(office, "batch", batch.id)
    settings.BANK_ACCOUNT, settings.BANK_BIC = "0081234567", "BMRIIDJA"
    assert address in read(office, "batch", batch.id)
    response = office.get(address)
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert Payout.objects.get().id.hex.encode() in content
    assert 'filename="payouts-1.xml"' in response["Content-Disposition"]


def test_a_statement_settles_payouts_and_shows_what_fits_nothing(office: Client) -> None:
    completed()
    run_payouts(actor=OPERATOR)
    payout = Payout.objects.get()
    content = statement(
        Line("B-1", Money(-payout.amount_minor), payout.id.hex),
        Line("B-2", Money.of(-6_500), text="Biaya admin"),
    )
    status, page = upload(office, content)
    assert status == 200
    assert "Biaya admin" in page
    assert Payout.objects.get().state == "paid"
    assert "1 booking of the bank fits no payout" in read(office, "payouts")
    entries = read(office, "bank_entries")
    assert "It carries no payout of ours" in entries
    assert "#1" in entries
    before = list(BankEntry.objects.values())
    assert upload(office, content)[0] == 200
    assert list(BankEntry.objects.values()) == before


def test_a_file_that_is_no_statement_is_refused_with_the_reason(office: Client) -> None:
    status, page = upload(office, b"hello")
    assert status == 422
    assert "This is not XML" in page
    status, page = upload(office, statement(Line("B", Money.of(1))).replace(b"BOOK", b"MAYBE"))
    assert status == 422
    assert "It breaks the rules of camt.053 in line" in page
    assert not BankEntry.objects.exists()


def test_what_the_bank_sent_back_is_seen_by_operator_and_seller(office: Client, desk: Desk) -> None:
    order = completed(desk.company)
    run_payouts(actor=OPERATOR)
    payout = Payout.objects.get()
    return_payout(actor=OPERATOR, payout_id=payout.id, reason="AC04")
    batch = read(office, "batch", payout.batch_id)
    assert "AC04" in batch
    assert reverse("office:payout_paid", args=[payout.id]) not in batch
    assert post(office, "payout_paid", payout.id) == 422
    assert "account not changed since" in read(office, "payouts")
    page = desk.client.get(reverse("seller:payouts")).content.decode()
    assert "Please correct your bank account" in page
    balance = desk.client.get(reverse("seller:balance")).content.decode()
    amount = f"{Money(payout.amount_minor).major:,.0f}".replace(",", ".")
    assert amount in balance
    run_payouts(actor=OPERATOR)
    page = desk.client.get(reverse("seller:payouts")).content.decode()
    assert "Please correct your bank account" not in page
    assert "paid again" in page
    assert Order.objects.get(pk=order.pk).seller_id == payout.seller_id


def test_operator_and_seller_set_the_schedule(office: Client, desk: Desk) -> None:
    def terms() -> tuple[str, int]:
        found = payout_schedule().of(desk.company.id)
        return found.every.value, int(found.least.major)

    assert terms() == ("weekly", 10_000)
    assert post(office, "payouts_schedule", every="daily", least="50000") == 302
    assert terms() == ("daily", 50_000)
    assert "Every day" in read(office, "payouts")
    for every, least in (("hourly", 1), ("daily", -1), ("daily", "")):
        assert post(office, "payouts_schedule", every=every, least=least) == 422
    assert terms() == ("daily", 50_000)
    address = reverse("seller:payouts_schedule")
    assert desk.client.post(address, {"every": "monthly", "least": 75_000}).status_code == 302
    assert terms() == ("monthly", 75_000)
    page = desk.client.get(reverse("seller:payouts")).content.decode()
    assert "Every first of the month" in page
    assert desk.client.post(address, {"every": "hourly", "least": 1}).status_code == 422
    assert terms() == ("monthly", 75_000)
    assert desk.client.post(address, {"every": "", "least": 0}).status_code == 302
    assert terms() == ("daily", 50_000)


@pytest.mark.parametrize("name", ["statement", "bank_entries", "payouts_schedule"])
def test_only_operators_come_in(name: str, desk: Desk) -> None:
    assert desk.client.get(reverse(f"office:{name}")).status_code in {302, 403, 404}


def test_pages_need_few_statements_however_much_there_is(office: Client, desk: Desk) -> None:
    pages = [
        (office, reverse("office:payouts")),
        (office, reverse("office:bank_entries")),
        (office, reverse("office:account", args=["bank"])),
        (desk.client, reverse("seller:payouts")),
        (desk.client, reverse("seller:statement")),
    ]

    def count() -> dict[str, int]:
        return {path: count_statements(client, path) for client, path in pages}

    def fill(times: int) -> None:
        for _ in range(times):
            completed(desk.company)
            run_payouts(actor=OPERATOR)
            payout = Payout.objects.order_by("batch__number").last()
            assert payout is not None
            line = Line(payout.batch_id.hex, Money(-payout.amount_minor), payout.id.hex)
            import_statement(statement(line), actor=OPERATOR)
        completed(desk.company)
        completed()

    fill(1)
    few = count()
    fill(4)
    assert count() == few
    # Eight; in the back office the menu counts the tasks with one more.
    assert {path: n for path, n in few.items() if n > 8 + path.startswith("/office/")} == {}
