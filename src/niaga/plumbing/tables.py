"""Tables (CSV): those that people upload, read whole or not at all; lines of those they open."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from niaga.kernel.refusal import Refusal

MOST_ROWS = 20_000
LONGEST_CELL = 1000
MOST_FAULTS = 200

FORMULA_SIGNS = "=+-@＝＋－＠"


@dataclass(eq=False)
class TableUnreadable(Refusal):
    """The file is no such table.

    Rules: `empty`, `not_utf8`, `not_csv`, `unknown_header` (a needed column is missing; `value`
    names it), `too_long`.
    """

    code: ClassVar[str] = "table_unreadable"
    rule: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: its line in the file (the header is 1), and its cells by column, stripped."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a row: the column and a rule's name."""

    line: int
    column: str
    rule: str
    value: str = ""


@dataclass(eq=False)
class RowsRefused(Refusal):
    """Rows break rules: nothing of the table was taken. At most MOST_FAULTS are told."""

    code: ClassVar[str] = "rows_refused"
    faults: tuple[Fault, ...]


def read_table(
    content: bytes, *, needed: Collection[str], known: Collection[str] = ()
) -> tuple[TableRow, ...]:
    """Return the rows of a CSV file: UTF-8, comma or semicolon; empty rows are left out.

    Other columns than `needed` and `known` are ignored; `known` ones may be missing.

    Raises:
        TableUnreadable: it is no such table.
    """
    try:
        text = content.decode("utf-8-sig").replace("\0", "")
    except UnicodeDecodeError:
        raise TableUnreadable("not_utf8") from None
    first = text.partition("\n")[0]
    if not first.strip():
        raise TableUnreadable("empty")
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        rows = tuple(_rows(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)))
    except csv.Error:
        raise TableUnreadable("not_csv") from None
    names = [name.strip().casefold() for name in first.strip().split(delimiter)]
    missing = [name for name in needed if name not in names]
    if missing:
        raise TableUnreadable("unknown_header", missing[0])
    kept = {name: names.index(name) for name in (*needed, *known) if name in names}
    return tuple(
        TableRow(line, {name: _cell(cells, kept.get(name)) for name in (*needed, *known)})
        for line, cells in rows
    )


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    line = 0
    for number, cells in enumerate(reader):
        begins, line = line + 1, reader.line_num  # type: ignore[attr-defined]
        if number > MOST_ROWS:
            raise TableUnreadable("too_long")
        if number and any(cell.strip() for cell in cells):
            yield begins, cells


def _cell(cells: list[str], index: int | None) -> str:
    found = cells[index] if index is not None and index < len(cells) else ""
    return unguarded(found).strip()[:LONGEST_CELL]


def csv_line(cells: Iterable[str | int | Decimal]) -> str:
    """Return a row of a table that people open; its end is CR LF.

    No text in it is one that a spreadsheet would run as a formula: an apostrophe goes before it,
    which `read_table` takes away again. Numbers stay what they are.
    """
    line = io.StringIO()
    csv.writer(line).writerow(guarded(cell) if isinstance(cell, str) else cell for cell in cells)
    return line.getvalue()


def guarded(text: str) -> str:
    """Return text that no spreadsheet runs; `unguarded` tells it as it was."""
    return _RUN.sub("'", text)


def unguarded(text: str) -> str:
    """Return what was `guarded`; any other text as it is."""
    return _GUARDED.sub("", text)


def _formulas(mark: str) -> re.Pattern[str]:
    """Find where a cell that would be run may begin in a text, after `mark`.

    A spreadsheet may take a semicolon or a tab for what divides cells; then csv's own quotes hold
    nothing together, and go where they stand before a formula.
    """
    signs, before = re.escape(FORMULA_SIGNS), "['\" ]*"
    whole = rf"\A{mark}(?={before}[{signs}\t\r\n])"
    inside = rf"(?<=[;\t\r\n]){mark}(?={before}[{signs}])"
    return re.compile(f"{whole}|{inside}")


_RUN, _GUARDED = _formulas(""), _formulas("'")


def whole_number(text: str, *, most: int) -> int | None:
    """Return the number from 0 to `most` that the text is, or None."""
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    return int(text) if digits and int(text) <= most else None


def refuse_faults(faults: Collection[Fault]) -> None:
    """Let a table pass that has no fault.

    Raises:
        RowsRefused: it has.
    """
    if faults:
        told = sorted(faults, key=lambda fault: (fault.line, fault.column))
        raise RowsRefused(tuple(told[:MOST_FAULTS]))
