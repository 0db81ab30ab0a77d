"""A table that people open runs nothing, and is read again as it was written."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niaga.plumbing.tables import FORMULA_SIGNS, csv_line, guarded, read_table, unguarded

# What a formula, a cell's end and a guard are made of, and letters.
texts = st.text(alphabet=f"{FORMULA_SIGNS}'\"\t\r\n ;,|1aé", max_size=12) | st.text(max_size=30)
numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)


def cells_of(line: str, divided_by: str) -> list[str]:
    reader = csv.reader(io.StringIO(line, newline=""), delimiter=divided_by)
    return [cell for row in reader for cell in row]


@given(texts)
def test_a_text_is_told_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(texts)
def test_a_guard_is_all_that_changes(text: str) -> None:
    kept = iter(guarded(text))
    assert all(sign in kept for sign in text)
    if not set(text) & set(f"{FORMULA_SIGNS}\t\r\n"):
        assert guarded(text) == text


@given(st.lists(texts, min_size=1), st.sampled_from(",;\t"))
def test_no_text_is_a_formula_whatever_divides_cells(row: list[str], divided_by: str) -> None:
    for cell in cells_of(csv_line(row), divided_by):
        assert cell.lstrip(" ")[:1] not in set(FORMULA_SIGNS)


@given(st.lists(texts | numbers, min_size=1))
def test_a_row_is_its_cells(row: list[str | int | Decimal]) -> None:
    line = csv_line(row)
    assert line.endswith("\r\n")
    told = [unguarded(found) for found in cells_of(line, ",")]
    assert told == [str(cell) for cell in row]


@given(st.lists(st.tuples(texts, texts, st.integers()), max_size=5))
def test_what_was_written_is_read_again(rows: list[tuple[str, str, int]]) -> None:
    # As every cell that is read: without NUL, without space around it.
    wanted = [tuple(str(cell).replace("\0", "").strip() for cell in row) for row in rows]
    file = "".join(map(csv_line, [("sku", "note", "on_hand"), *rows]))
    content = file.encode("utf-8", "ignore")
    found = read_table(content, needed=("sku", "note", "on_hand"))
    assert [tuple(row.cells.values()) for row in found] == [
        tuple(cell.encode("utf-8", "ignore").decode() for cell in row) for row in wanted
    ]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+62 812", "'+62 812"),
        ("-5", "'-5"),
        (-5, "-5"),
        (Decimal("-250000.50"), "-250000.50"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1+1", "'＝1+1"),
        ("\tgeheim", "'\tgeheim"),
        (" =1", "' =1"),
        ("'=1", "''=1"),
        ("Toko A;=1+1", "Toko A;'=1+1"),
        ('Toko;"=1', "Toko;'\"=1"),
        ("'Aisyiyah", "'Aisyiyah"),
        ("kopi - teh", "kopi - teh"),
    ],
)
def test_what_is_guarded(cell: str | Decimal, written: str) -> None:
    assert cells_of(csv_line([cell]), ",") == [written]
