"""The bank's files: incoming receipts (CSV) are read, outgoing payouts (CSV) are written."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from niaga.flows.money.models import Payout
from niaga.flows.money.payment_order import end_to_end_id
from niaga.kernel import clock
from niaga.kernel.money import CURRENCIES, Money
from niaga.plumbing.tables import FORMULA_SIGNS, csv_line

COLUMNS = ("bank_reference", "account_number", "amount", "received_at")
PAYOUT_COLUMNS = (
    "account_number",
    "bank_code",
    "bank",
    "account_holder",
    "amount",
    "currency",
    "reference",
)
LARGEST = Money.of(10**15)


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One incoming transfer: the bank's own reference, the virtual account, what came, when."""

    bank_reference: str
    account_number: str
    amount: Money
    received_at: datetime


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be read: its number in the file, the column, the rule it breaks."""

    line: int
    column: str
    rule: str


def read_receipts(text: str) -> Iterator[ReceiptLine | BadLine]:
    """Yield the file's lines; a header line is required.

    Columns: bank_reference, account_number, amount (rupiah), received_at (ISO 8601 with offset).
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
    if missing:
        yield BadLine(1, missing[0], "column_missing")
        return
    for row in reader:
        yield _receipt(reader.line_num, {name: (row[name] or "").strip() for name in COLUMNS})


def _receipt(line: int, row: dict[str, str]) -> ReceiptLine | BadLine:
    for column, longest in (("bank_reference", 60), ("account_number", 24)):
        if not row[column]:
            return BadLine(line, column, "required")
        if len(row[column]) > longest:
            return BadLine(line, column, "too_long")
    if not row["account_number"].isdecimal():
        return BadLine(line, "account_number", "digits_only")
    amount = _amount(row["amount"])
    if isinstance(amount, str):
        return BadLine(line, "amount", amount)
    try:
        received_at = clock.parse(row["received_at"])
    except ValueError:
        return BadLine(line, "received_at", "iso_8601_with_offset")
    return ReceiptLine(row["bank_reference"], row["account_number"], amount, received_at)


def _amount(text: str) -> Money | str:
    """Return the amount, or the rule that it breaks."""
    try:
        amount = Money.of(Decimal(text))
    except (InvalidOperation, ValueError, OverflowError):
        return "whole_rupiah"
    if amount.minor % CURRENCIES[amount.currency].step_minor:
        return "whole_rupiah"
    if amount.minor <= 0:
        return "above_zero"
    return amount if amount <= LARGEST else "too_large"


def payout_file(batch_id: UUID) -> str:
    """Return the batch as the bank's CSV; amounts with their currency's decimals."""
    lines = [csv_line(PAYOUT_COLUMNS)]
    payouts: Iterable[Payout] = Payout.objects.filter(batch_id=batch_id).order_by("id")
    for payout in payouts:
        amount = Money(payout.amount_minor, payout.currency)
        cells = (
            _plain(payout.bank_account),
            payout.bank_code,
            _plain(payout.bank_name),
            _plain(payout.bank_holder),
            f"{amount.major:.{CURRENCIES[amount.currency].exponent}f}",
            payout.currency,
            end_to_end_id(payout.id),
        )
        lines.append(csv_line(cells))
    return "".join(lines)


def _plain(text: str) -> str:
    """Return an account or a name as a bank knows it: none begins with a formula's sign.

    The bank reads this file, and would take a guarding apostrophe for a part of the name.
    """
    return text.strip().lstrip(f"{FORMULA_SIGNS} ")
