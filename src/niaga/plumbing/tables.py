"""Tables that people upload (CSV), read whole or not at all, each fault with its line."""

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import ClassVar

from niaga.kernel.refusal import Refusal

MOST_ROWS = 20_000
LONGEST_CELL = 1000
MOST_FAULTS = 200


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
    return found.strip()[:LONGEST_CELL]


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
