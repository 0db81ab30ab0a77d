import re
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from niaga.flows.documents.numbers import (
    LONGEST,
    PATTERNS,
    PatternInvalid,
    PatternTaken,
    check_pattern,
    checked_patterns,
    format_number,
)

WORDS = st.text(string.ascii_letters + "/.-_", max_size=6)
APART = st.text(string.ascii_letters + "/.-_", min_size=1, max_size=3)
SELLERS = st.from_regex(r"[A-Z][A-Z0-9-]{0,40}", fullmatch=True)
SERIALS = st.integers(1, 999_999_999)


@st.composite
def patterns(draw: st.DrawFn) -> str:
    width = draw(st.sampled_from(["", ":03", ":05", ":09"]))
    places = ["{year}", f"{{number{width}}}", *draw(st.sampled_from([[], ["{seller}"]]))]
    chosen = draw(st.permutations(places))
    between = [draw(APART) for _ in chosen[1:]] + [""]
    pattern = draw(WORDS) + "".join(a + b for a, b in zip(chosen, between, strict=True))
    return pattern + draw(WORDS)


@given(first=patterns(), second=patterns(), seller=SELLERS, serials=st.tuples(SERIALS, SERIALS))
def test_two_serials_never_make_one_number_whatever_the_pattern_was(
    first: str, second: str, seller: str, serials: tuple[int, int]
) -> None:
    assume(serials[0] != serials[1])
    one = format_number(first, seller=seller, year=2026, serial=serials[0])
    other = format_number(first, seller=seller, year=2026, serial=serials[1])
    assert one != other
    later = format_number(second, seller="TOKO", year=2026, serial=serials[1])
    earlier = format_number(first, seller="TOKO", year=2026, serial=serials[0])
    assert earlier != later


@given(pattern=patterns(), seller=SELLERS, serial=SERIALS)
def test_the_serial_can_be_read_back(pattern: str, seller: str, serial: int) -> None:
    number = format_number(pattern, seller=seller, year=2026, serial=serial)
    assert len(number) <= LONGEST
    parts = re.sub(r"\\\{number(:0\d)?\\\}", r"(?P<number>\\d+)", re.escape(pattern))
    parts = parts.replace(r"\{year\}", "2026")
    parts = parts.replace(r"\{seller\}", re.escape(seller[:24]))
    found = re.fullmatch(parts, number)
    assert found is not None
    assert int(found["number"]) == serial


@given(text=st.text("{}yearnumbsl:05/INV1-. ", max_size=50))
def test_what_is_accepted_makes_a_number_and_the_rest_is_refused(text: str) -> None:
    try:
        check_pattern(text)
    except PatternInvalid:
        return
    assert "42" in format_number(text, seller="TOKO", year=2026, serial=42)


@pytest.mark.parametrize(
    "pattern",
    [
        "INV/{seller}/{number}",
        "INV/{year}",
        "{year}{number}",
        "INV1{number}/{year}",
        "{number}/{number}/{year}",
        "{year:05}/{number}",
        "INV {year}/{number}",
        "{number}/{year}/{buyer}",
        "{0.__class__}/{year}/{number}",
        "A" * 40 + "/{year}/{number}",
    ],
)
def test_a_pattern_that_could_repeat_or_hide_a_number_is_refused(pattern: str) -> None:
    with pytest.raises(PatternInvalid):
        check_pattern(pattern)


def test_two_kinds_cannot_share_their_numbers() -> None:
    with pytest.raises(PatternTaken):
        checked_patterns({"invoice": "KW/{seller}/{year}/{number:03}"})


def test_the_usual_patterns_are_patterns_and_are_not_kept() -> None:
    assert checked_patterns(dict(PATTERNS)) == {}
    other = {"invoice": "FAKTUR-{year}-{number:04}"}
    assert checked_patterns({**other, "receipt": ""}) == other
