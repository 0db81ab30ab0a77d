"""Payouts leave as pain.001 that the schema accepts; the bank's camt.053 settles them once."""

import csv
import io
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
import sepaxml
from django.conf import settings as django_settings
from django.db import connection
from lxml import etree

from niaga.flows.money.bank_file import payout_file
from niaga.flows.money.bank_statement import VERSIONS, StatementUnreadable, read_statement
from niaga.flows.money.commands.settle_payout import confirm_payout
from niaga.flows.money.models import BankEntry, Payout
from niaga.flows.money.paying_out import run_payouts
from niaga.flows.money.payment_order import NAMESPACE, write_payment_order
from niaga.kernel.money import Money
from niaga.ledger.posting import AccountKey
from niaga.ledger.queries import balance, trial_balance
from niaga.parties.models import Company
from niaga.project.database import server_url
from niaga.stages.ordering.statement_import import import_statement
from tests.stages.test_payouts import completed
from tests.stages.test_races import at_once
from tests.support.audit import assert_flows_agree
from tests.support.camt import Line, statement
from tests.support.worlds import OPERATOR

pytestmark = pytest.mark.django_db
XSD = Path(sepaxml.__file__).with_name("schemas") / "pain.001.001.09.xsd"
TAG = f"{{{NAMESPACE}}}"


@pytest.fixture
def payouts(settings) -> list[Payout]:
    """Two payouts in one file, to a bank that we know and to one that we don't."""
    settings.BANK_ACCOUNT, settings.BANK_BIC = "008-123 4567", "BMRIIDJA"
    settings.MARKET_LEGAL_NAME = "PT Pasar & Bersama"
    orders = [completed(), completed()]
    Company.objects.filter(pk=orders[0].seller_id).update(
        bank_name="BCA", bank_account="555 000-111", bank_holder="Café “Ñandú” <& Co> 株式"
    )
    run_payouts(actor=OPERATOR)
    return [Payout.objects.get(seller_id=order.seller_id) for order in orders]


def take(*lines, **about):
    return import_statement(statement(*lines, **about), actor=OPERATOR)


def left(payout: Payout, reference: str = "B-1", **about) -> Line:
    amount = about.pop("amount", None) or Money(-payout.amount_minor)
    return Line(reference, amount, about.pop("end_to_end_id", payout.id.hex), **about)


def came_back(payout: Payout, reference: str = "B-2", **about) -> Line:
    return left(payout, reference, amount=Money(payout.amount_minor), reason="AC04", **about)


def states(*payouts: Payout) -> list[str]:
    return [Payout.objects.get(pk=payout.pk).state for payout in payouts]


def everything() -> tuple:
    tables = ("money_bankentry", "money_payout", "ledger_transfer", "plumbing_storedevent")
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 - constants
            found.append(tuple(cursor.fetchall()))
    return tuple(found)


class TestPaymentOrder:
    def order(self, payouts: list[Payout]) -> bytes:
        file = BytesIO()
        write_payment_order(payouts[0].batch_id, file)
        return file.getvalue()

    def test_the_official_schema_accepts_it(self, payouts):
        root = etree.fromstring(self.order(payouts))
        schema = etree.XMLSchema(etree.parse(XSD))
        assert schema.validate(root), schema.error_log
        total = sum(payout.amount_minor for payout in payouts)
        assert {e.text for e in root.iter(f"{TAG}CtrlSum")} == {f"{Money(total).major:.2f}"}
        assert {e.text for e in root.iter(f"{TAG}NbOfTxs")} == {"2"}
        transfers = {
            transfer.findtext(f".//{TAG}EndToEndId"): transfer
            for transfer in root.iter(f"{TAG}CdtTrfTxInf")
        }
        assert set(transfers) == {payout.id.hex for payout in payouts}
        for payout, bic in zip(payouts, ("CENAIDJA", None), strict=True):
            transfer = transfers[payout.id.hex]
            amount = transfer.find(f".//{TAG}InstdAmt")
            assert (amount.text, amount.get("Ccy")) == (
                f"{Money(payout.amount_minor).major:.2f}", "IDR"
            )  # fmt: skip
            assert transfer.findtext(f".//{TAG}BICFI") == bic
        first = transfers[payouts[0].id.hex]
        assert first.findtext(f"{TAG}Cdtr/{TAG}Nm") == "Cafe Nandu Co ZhuShi"
        assert first.findtext(f"{TAG}CdtrAcct/{TAG}Id/{TAG}Othr/{TAG}Id") == "555000111"
        assert root.findtext(f".//{TAG}DbtrAcct/{TAG}Id/{TAG}Othr/{TAG}Id") == "0081234567"

    def test_it_is_the_same_each_time_and_says_what_the_csv_says(self, payouts):
        assert self.order(payouts) == self.order(payouts)
        lines = payout_file(payouts[0].batch_id).splitlines()
        assert lines[0].startswith("account_number,bank_code,bank,")
        assert len(lines) == 3
        assert all(any(payout.id.hex in line for line in lines) for payout in payouts)
        assert any(line.startswith("555 000-111,014,BCA,") for line in lines)

    def test_the_csv_runs_nothing_and_names_a_holder_as_the_bank_does(self):
        orders = [completed(), completed()]
        evil = '=HYPERLINK("http://evil.example";"Bank")'
        for order, holder in zip(orders, (evil, "'Aisyiyah Solo"), strict=True):
            Company.objects.filter(pk=order.seller_id).update(
                bank_name="@BCA", bank_account="-555 000-111", bank_holder=holder
            )
        batch = run_payouts(actor=OPERATOR)
        rows = list(csv.DictReader(io.StringIO(payout_file(batch.batch_id))))
        assert {row["account_holder"] for row in rows} == {evil[1:], "'Aisyiyah Solo"}
        assert {row["bank"] for row in rows} == {"BCA"}
        assert {row["account_number"] for row in rows} == {"555 000-111"}
        assert {row["amount"] for row in rows} == {
            f"{Money(payout.amount_minor).major:.2f}" for payout in Payout.objects.all()
        }


@pytest.mark.parametrize("version", ["02", "08"])
class TestStatement:
    def test_money_that_left_confirms_and_twice_changes_nothing(self, payouts, version):
        lines = [left(payouts[0]), left(payouts[1], "B-2")]
        report = take(*lines, version=version)
        assert (len(report.matched), len(report.unmatched)) == (2, 0)
        assert states(*payouts) == ["paid", "paid"]
        assert balance(AccountKey("payout_in_transit")) == Money.zero()
        before = everything()
        again = take(*lines, version=version)
        assert (len(again.seen), len(again.matched)) == (2, 0)
        # The same bookings, in the statement of the next day.
        assert len(take(*lines, version=version, named="STMT-2").seen) == 2
        assert everything() == before
        assert_flows_agree()

    def test_an_entry_that_sums_several_up(self, payouts, version):
        report = take([left(payouts[0]), left(payouts[1])], version=version)
        assert len(report.matched) == 2
        assert states(*payouts) == ["paid", "paid"]

    def test_what_came_back_is_owed_again(self, payouts, version):
        paid, refused = payouts
        # The return stands above the debit that it answers.
        report = take(came_back(paid, "B-3"), left(paid), left(refused, "B-2"), version=version)
        assert len(report.matched) == 3
        assert states(paid, refused) == ["returned", "paid"]
        assert Payout.objects.get(pk=paid.pk).return_reason == "AC04"
        owed = balance(AccountKey("seller_payable", paid.seller_id))
        assert owed == Money(paid.amount_minor)
        assert_flows_agree()
        assert run_payouts(actor=OPERATOR).total == owed
        assert_flows_agree()

    def test_what_fits_nothing_is_kept_and_moves_nothing(self, payouts, version):
        payout = payouts[0]
        before = trial_balance()
        less = Money(1 - payout.amount_minor)
        report = take(
            Line("FEE", Money.of(-6_500), text="Biaya admin"),
            Line("IN", Money.of(125_000), "NOTPROVIDED"),
            left(payout, "LESS", amount=less),
            left(payout, "PENDING", status="PDNG"),
            version=version,
        )
        assert len(report.unmatched) == 3
        assert trial_balance() == before
        assert states(*payouts) == ["prepared", "prepared"]
        found = sorted(BankEntry.objects.values_list("note", flat=True))
        assert found == ["no_payout", "no_payout", "other_amount"]
        assert set(BankEntry.objects.values_list("state", flat=True)) == {"unmatched"}

    def test_a_payout_that_the_bank_books_twice_is_seen(self, payouts, version):
        payout = payouts[0]
        take(left(payout), version=version)
        report = take(left(payout, "B-9"), version=version, named="STMT-2")
        assert len(report.unmatched) == 1
        assert BankEntry.objects.get(state="unmatched").note == "paid_twice"
        take(came_back(payout, "B-10"), version=version, named="STMT-3")
        take(came_back(payout, "B-11"), version=version, named="STMT-4")
        assert BankEntry.objects.filter(note="returned_twice").count() == 1
        assert_flows_agree()

    def test_what_was_confirmed_by_hand_matches_and_moves_nothing(self, payouts, version):
        confirm_payout(actor=OPERATOR, payout_id=payouts[0].id)
        before = trial_balance()
        assert len(take(left(payouts[0]), version=version).matched) == 1
        assert BankEntry.objects.get().note == "known_before"
        assert trial_balance() == before

    def test_bookings_without_a_reference_are_told_apart_by_their_place(self, payouts, version):
        lines = [left(payouts[0], ""), left(payouts[1], "")]
        assert len(take(*lines, version=version).matched) == 2
        assert len(take(*lines, version=version).seen) == 2


GOOD = statement(Line("B-1", Money.of(5)))


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "not_xml"),
        (b"not at all", "not_xml"),
        (b"<Document/>", "not_camt053"),
        (GOOD.replace(b"camt.053.001.08", b"camt.053.001.99"), "not_camt053"),
        (GOOD.replace(b"<MsgId>M-STMT-1</MsgId>", b""), "not_valid"),
        (GOOD.replace(b'Ccy="IDR">5.00', b'Ccy="XAU">5.00'), "currency_unknown"),
        (GOOD.replace(b'Ccy="IDR">5.00', b'Ccy="IDR">5.001'), "too_many_decimals"),
        (
            b'<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + GOOD.split(b"?>")[1],
            "not_camt053",
        ),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused_whole(content, rule):
    with pytest.raises(StatementUnreadable) as refused:
        import_statement(content, actor=OPERATOR)
    assert refused.value.rule == rule
    assert not BankEntry.objects.exists()


def test_both_versions_read_the_same():
    lines = [Line("B-1", Money.of(-5), "x"), Line("B-2", Money.of(7), reason="AC01")]
    first, second = (read_statement(statement(*lines, version=v[-2:])) for v in VERSIONS)
    assert first == second
    assert [booking.amount for booking in first] == [Money.of(-5), Money.of(7)]
    assert [booking.reason for booking in first] == ["", "AC01"]


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_take_each_booking_once(payouts):
    content = statement(left(payouts[0]), left(payouts[1], "B-2"))
    outcome = at_once(*[lambda: import_statement(content, actor=OPERATOR)] * 4)
    assert outcome == {"done": 4}
    assert BankEntry.objects.count() == 2
    assert states(*payouts) == ["paid", "paid"]
    assert balance(AccountKey("payout_in_transit")) == Money.zero()


@pytest.mark.django_db(transaction=True)
def test_the_command_takes_a_statement(payouts, tmp_path):
    file = tmp_path / "statement.xml"
    file.write_bytes(statement(left(payouts[0]), Line("FEE", Money.of(-6_500), text="Biaya")))
    told = run("import", "camt", str(file))
    assert told.returncode == 0, told.stderr
    assert "1 bookings matched, 0 fees were booked, 1 fit nothing, 0 were known." in told.stdout
    assert "Biaya" in told.stdout
    assert states(*payouts) == ["paid", "prepared"]
    file.write_text("<Document/>")
    told = run("import", "camt", str(file))
    assert told.returncode == 1
    assert "not_camt053" in told.stderr


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    url = server_url(
        Path(connection.settings_dict["HOST"]), database=connection.settings_dict["NAME"]
    )
    return subprocess.run(
        [sys.executable, "-m", "niaga.project.cli.main", *arguments],
        env=os.environ | {"DATABASE_URL": url, "NIAGA_DATA": str(django_settings.DATA)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
