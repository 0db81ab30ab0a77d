"""The books leave for hledger and beancount: both find them balanced, and equal to ours."""

import os
import subprocess
import sys
import threading
from decimal import Decimal
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from beancount import loader
from beancount.core.data import Transaction
from django.conf import settings
from django.db import connection, transaction

from niaga.flows.money.paying_out import run_payouts
from niaga.kernel.ids import new_id
from niaga.kernel.money import CURRENCIES, Money
from niaga.ledger.books import open_books
from niaga.ledger.chart import CHART
from niaga.ledger.plain_text import as_beancount, as_hledger
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.ledger.queries import trial_balance
from niaga.parties.queries import company_names
from niaga.project.database import server_url
from niaga.stages.ordering.commands.cancel_order import cancel_order
from niaga.stages.ordering.commands.complete_order import complete_order
from tests.support.worlds import (
    OPERATOR,
    deliver,
    make_basket,
    make_company,
    make_goods,
    orders_of,
    pay,
    place,
    ship_all,
)

pytestmark = pytest.mark.django_db(transaction=True)
FORMATS = {"hledger": as_hledger, "beancount": as_beancount}


@pytest.fixture
def journey():
    """Orders paid out, cancelled and held; money in four currencies; a name full of signs."""
    first = make_company(name='Toko "A;B", C: D\\')
    goods = make_goods(first)
    for _ in range(2):
        placed = place(make_basket((goods, 1)))
        pay(placed)
        [order] = orders_of(placed)
    cancel_order(actor=OPERATOR, order_id=order.id, reason="test")
    placed = place(make_basket((goods, 2), (make_goods(make_company()), 1)))
    pay(placed)
    for order in orders_of(placed):
        deliver(ship_all(order))
        complete_order(actor=OPERATOR, order_id=order.id)
    run_payouts(actor=OPERATOR)
    with transaction.atomic():
        bank, owed = AccountKey("bank"), AccountKey("escrow", first.id)
        for code, minor in (("USD", 12_345), ("JPY", 678), ("KWD", 1)):
            post(Posting("capture", new_id(), (Movement(bank, owed, Money(minor, code)),)))


def written(name: str, folder: Path) -> Path:
    text = StringIO()
    with open_books() as books:
        text.writelines(FORMATS[name](books, company_names()))
    file = folder / f"books.{name}"
    file.write_text(text.getvalue())
    return file


def ours() -> dict[tuple[str, str], Decimal]:
    """The trial balance, debits above zero, by kind of account and currency."""
    return {
        (kind, code): amount.major if CHART[kind].normal == "debit" else -amount.major
        for code in CURRENCIES
        for kind, amount in trial_balance(code).items()
    }


def kind_of(name: str) -> str:
    return name.split(":")[1].replace("-", "_").lower()


def without_zero(sums: dict[tuple[str, str], Decimal]) -> dict[tuple[str, str], Decimal]:
    return {key: amount for key, amount in sums.items() if amount}


def hledger(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["hledger", "-f", str(file), *arguments], capture_output=True, text=True, check=False
    )


def test_hledger_finds_nothing_and_sums_the_same(journey: None, tmp_path: Path) -> None:
    file = written("hledger", tmp_path)
    checked = hledger(file, "check", "--strict")
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    sums: dict[tuple[str, str], Decimal] = {}
    told = hledger(file, "balance", "--flat", "--no-total", "--layout=bare", "-O", "csv").stdout
    for line in told.splitlines()[1:]:
        name, code, amount = (cell.strip('"') for cell in line.split(","))
        key = kind_of(name), code
        sums[key] = sums.get(key, Decimal(0)) + Decimal(amount)
    assert {code for _, code in sums} == set(CURRENCIES)
    assert without_zero(sums) == without_zero(ours())


def test_beancount_finds_nothing_and_sums_the_same(journey: None, tmp_path: Path) -> None:
    file = written("beancount", tmp_path)
    check = Path(sys.executable).with_name("bean-check")
    checked = subprocess.run(
        [check, "--no-cache", file], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    entries, errors, _ = loader.load_file(str(file))
    assert not errors
    sums: dict[tuple[str, str], Decimal] = {}
    for entry in entries:
        for posting in entry.postings if isinstance(entry, Transaction) else ():
            key = kind_of(posting.account), posting.units.currency
            sums[key] = sums.get(key, Decimal(0)) + posting.units.number
    assert without_zero(sums) == without_zero(ours())


@pytest.mark.parametrize("name", FORMATS)
def test_a_line_changed_afterwards_is_found(name: str, journey: None, tmp_path: Path) -> None:
    file = written(name, tmp_path)
    lines = file.read_text().splitlines()
    bank = next(n for n, line in enumerate(lines) if line.lstrip().startswith("Assets:Bank  "))
    for n in (bank, bank + 1):
        lines[n] = lines[n].replace(".00 IDR", ".01 IDR")
    file.write_text("\n".join(lines))
    if name == "hledger":
        assert hledger(file, "check", "--strict").returncode != 0
    else:
        assert loader.load_file(str(file))[1]


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_posted_meanwhile_is_not_in_the_books(name: str, journey: None) -> None:
    with open_books() as books:
        lines = FORMATS[name](books, {})
        first = next(lines)
        during = _post_elsewhere()
        text = first + "".join(lines)
    assert str(during) not in text
    with open_books() as books:
        assert str(during) in "".join(FORMATS[name](books, {}))


def _post_elsewhere() -> UUID:
    """Post on another connection, which commits while the books are open."""
    cause_id = new_id()

    def write() -> None:
        with transaction.atomic():
            moved = Movement(AccountKey("bank"), AccountKey("commission"), Money.of(5))
            post(Posting("capture", cause_id, (moved,)))
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    return cause_id


@pytest.mark.parametrize("name", FORMATS)
def test_empty_books_are_books(name: str, tmp_path: Path) -> None:
    file = written(name, tmp_path)
    if name == "hledger":
        assert hledger(file, "check", "--strict").returncode == 0
    else:
        assert not loader.load_file(str(file))[1]


def export(*arguments: str) -> subprocess.CompletedProcess[str]:
    url = server_url(
        Path(connection.settings_dict["HOST"]), database=connection.settings_dict["NAME"]
    )
    return subprocess.run(
        [sys.executable, "-m", "niaga.project.cli.main", "export", "books", *arguments],
        env=os.environ | {"DATABASE_URL": url, "NIAGA_DATA": str(settings.DATA)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_command_writes_a_whole_file_or_none(journey: None, tmp_path: Path) -> None:
    file = tmp_path / "books.journal"
    told = export("--format", "hledger", "--out", str(file))
    assert told.returncode == 0, told.stderr
    assert hledger(file, "check", "--strict").returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    told = export("--format", "beancount")
    assert 'option "title"' in told.stdout
    before = file.read_text()
    with connection.cursor() as cursor:  # a currency we do not know stops the export half-way
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE ledger_transfer SET currency = 'XXX' WHERE id ="
            " (SELECT id FROM ledger_transfer ORDER BY id DESC LIMIT 1)"
        )
        cursor.execute("SET session_replication_role = DEFAULT")
    assert export("--out", str(file)).returncode != 0
    assert file.read_text() == before
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
